// Running a job now, and the page of a run.
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { command } from "./support/api";
import { openPage } from "./support/browser";
import { startRelay } from "./support/relay";
import { second, Stage } from "./support/stage";

const stage = new Stage();

const output = (page: Page) => page.getByRole("log", { name: "Output of the run" });
const linesOf = (page: Page): Promise<string[]> => output(page).locator("code").allTextContents();
const toast = (page: Page, words: string | RegExp) => page.getByRole("alert").filter({ hasText: words });

test("R1: Run now shows a toast at once and the run's row within a second, marked as mine", async () => {
  const puppet = await stage.puppet("by hand");
  const { page } = await stage.open(`jobs/${puppet.job.id}/runs`);
  await page.getByText("Nothing has run yet").waitFor();
  await page.evaluate(() => Object.assign(window, { stayed: true }));

  await page.getByRole("button", { name: "Run now" }).click();
  await toast(page, puppet.job.name).waitFor({ timeout: 300 });
  const row = page.getByRole("row").filter({ hasText: "manual by alice" });
  await row.waitFor({ timeout: second });
  await row.getByText("Running").waitFor({ timeout: second });
  expect(await page.evaluate(() => "stayed" in window)).toBe(true);
  await puppet.ends();
});

test("R2: Run and open output leads to the run's page, where its output appears as it comes", async () => {
  const puppet = await stage.puppet("followed");
  const { page } = await stage.open(`jobs/${puppet.job.id}`);
  await page.getByRole("button", { name: "Run now" }).click();
  await toast(page, puppet.job.name).getByRole("link", { name: "Open output" }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  await output(page).waitFor();
  await puppet.prints("the first word\n");
  await output(page).getByText("the first word").waitFor({ timeout: second });
  await puppet.ends();
});

test("R3: a double click makes one run, on the job's page and in its row", async () => {
  const onPage = await stage.api.create(command("clicked twice", ["/bin/true"]));
  const { page } = await stage.open(`jobs/${onPage.id}`);
  await page.getByRole("button", { name: "Run now" }).dblclick();
  await toast(page, /Success in/).waitFor();
  const inRow = await stage.api.create(command("clicked twice in its row", ["/bin/true"]));
  await page.goto("jobs?q=twice+in");
  await page.getByRole("button", { name: "Run clicked twice in its row now" }).dblclick();
  await toast(page, /Success in/).waitFor();

  for (const { id } of [onPage, inRow]) {
    expect(await stage.api.send("GET", `cron-job-logs/?job=${id}`)).toMatchObject({ results: [{ trigger: "manual" }] });
    expect((await stage.api.send<{ results: unknown[] }>("GET", `cron-job-logs/?job=${id}`)).results).toHaveLength(1);
  }
});

test("R4: the toast ends with the final state and its duration; it goes after a success and stays after a failure", async () => {
  const puppet = await stage.puppet("ends well");
  const bad = await stage.api.create(command("ends badly", ["/bin/sh", "-c", "exit 3"]));
  const { page } = await stage.open("jobs");
  await page.getByRole("button", { name: "Run ends badly now" }).click();
  await toast(page, "ends badly").getByText(/^Failed in <?\d/).waitFor();
  await toast(page, "ends badly").getByText("Exit code 3").waitFor();

  await page.getByRole("button", { name: "Run ends well now" }).click();
  await toast(page, "ends well").getByText("Running").waitFor();
  await puppet.ends();
  const run = await stage.api.newestRun(puppet.job);
  const ended = await stage.api.ended(run?.id ?? "");
  await toast(page, "ends well").getByText(/^Success in [\d.]+ m?s$/).waitFor({ timeout: second });
  expect(ended.duration_formatted).not.toBe("N/A");
  await toast(page, "ends well").waitFor({ state: "detached" });
  expect(await toast(page, "ends badly").isVisible()).toBe(true);

  await toast(page, "ends badly").getByRole("link", { name: "Open output" }).click();
  await page.waitForURL(new RegExp(`/runs/${(await stage.api.newestRun(bad))?.id}$`));
});

test("RD1: lines appear within a second, in order, none missing or doubled after the connection broke", async () => {
  const puppet = await stage.puppet("chatty");
  const run = await stage.api.runNow(puppet.job);
  const relay = await startRelay(stage.program.url);
  try {
    const { page } = await openPage(stage.browser, relay.url, { cookies: stage.api.cookies });
    await page.goto(`runs/${run}`);
    await output(page).waitFor();
    const expected: string[] = [];
    const print = async (line: string) => {
      expected.push(line);
      await puppet.prints(`${line}\n`);
    };
    for (let i = 1; i <= 5; i++) {
      await print(`line ${i}`);
      await output(page).getByText(`line ${i}`, { exact: true }).waitFor({ timeout: second });
    }
    for (let i = 6; i <= 20; i++) {
      await print(`line ${i}`);
      if (i % 5 === 0) relay.cut();
    }
    await output(page).getByText("line 20", { exact: true }).waitFor();
    await print("the end");
    await output(page).getByText("the end").waitFor();
    expect(await linesOf(page)).toEqual(expected);
    await puppet.ends();
  } finally {
    await relay.stop();
  }
});

test("RD6: colours and rewritten lines are shown, markup is inert, the download keeps every byte", async () => {
  const bytes = [
    "\u001b[31mred\u001b[0m plain",
    "\u001b[1mbold\u001b[0m thin",
    "10 %\r50 %\r100 %",
    "a long old line\r\u001b[Knew",
    "once\u001b[1Gtwice",
    "up\u001b[3A\u001b[2Jdate",
    "\u001b]0;stolen\u0007titled",
    "<b>inert</b> & <script>alert(1)</script>",
    "",
  ].join("\n");
  const job = await stage.api.create(command("colourful", ["/bin/cat"], { target: { argv: ["/bin/cat"], stdin: bytes } }));
  const run = await stage.api.runNow(job);
  await stage.api.ended(run);
  const { page } = await stage.open(`runs/${run}`);
  await output(page).getByText("titled").waitFor();

  expect(await linesOf(page)).toEqual([
    "red plain", "bold thin", "100 %", "new", "twice", "update", "titled", "<b>inert</b> & <script>alert(1)</script>",
  ]);
  const styleOf = (words: string) =>
    output(page).getByText(words, { exact: true }).last().evaluate((span) => {
      const { color, fontWeight } = getComputedStyle(span);
      return { color, weight: Number(fontWeight) };
    });
  expect((await styleOf("red")).color).not.toBe((await styleOf("plain")).color);
  expect((await styleOf("bold")).weight).toBeGreaterThan((await styleOf("thin")).weight);
  expect(await output(page).locator("b, script").count()).toBe(0);
  expect(await page.title()).not.toContain("stolen");

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  expect(readFileSync(await (await download).path(), "utf8")).toBe(bytes);
});

test("RD8: a run that ends while one watches changes status, title, toast and facts, and following ends", async () => {
  const puppet = await stage.puppet("watched");
  const { page } = await stage.open("jobs");
  await page.getByRole("button", { name: "Run watched now" }).click();
  await toast(page, "watched").getByText("Running").waitFor();
  await page.getByRole("link", { name: "watched", exact: true }).click();
  await page.getByRole("link", { name: /^Running/ }).first().click();
  await page.waitForURL(/\/runs\//);
  await puppet.prints("still here\n");
  await output(page).getByText("still here").waitFor();
  const heading = page.getByRole("heading", { level: 1 });
  await heading.getByText("Running").waitFor();
  expect(await page.title()).toContain("Running");
  await page.getByRole("button", { name: "Follow" }).waitFor();
  await page.evaluate(() => Object.assign(window, { stayed: true }));

  await puppet.ends();
  await stage.api.ended(page.url().split("/").at(-1) ?? "");
  await heading.getByText("Success").waitFor({ timeout: second });
  await expect.poll(() => page.title(), { timeout: second }).toContain("Success");
  await toast(page, /Success in/).waitFor({ timeout: second });
  await page.getByText("Exit code").waitFor({ timeout: second });
  await page.getByRole("button", { name: "Follow" }).waitFor({ state: "detached", timeout: second });
  await page.getByRole("button", { name: "Run again" }).waitFor({ timeout: second });
  expect(await page.evaluate(() => "stayed" in window)).toBe(true);
});

// What a person gave one run alone is given to its repetition, whatever the job has by now.
async function runAgain(page: Page, first: string): Promise<string> {
  await page.getByRole("button", { name: "Run again" }).click();
  await page.waitForURL((url) => !url.pathname.endsWith(first));
  const again = page.url().split("/").at(-1) ?? "";
  await page.getByText("Rerun of").waitFor();
  await page.getByRole("link", { name: `…${first.slice(-8)}` }).click();
  await page.waitForURL(new RegExp(first));
  await page.getByText("Run again as").waitFor();
  await page.getByRole("link", { name: `…${again.slice(-8)}` }).waitFor();
  return again;
}

test("RD11: Run again opens the new run, which was given the same, and the two are linked both ways", async () => {
  const job = await stage.api.create(command("greets", ["/bin/sh", "-c", "echo hello $WHOM"]));
  const { log_id: first } = await stage.api.send<{ log_id: string }>("POST", `cron-jobs/${job.id}/run_now/`, { env: { WHOM: "moon" } });
  await stage.api.ended(first);
  const { page } = await stage.open(`runs/${first}`);
  const again = await runAgain(page, first);
  expect(await stage.api.ended(again)).toMatchObject({ trigger: "rerun", rerun_of: first, output_message: "hello moon\n" });
});

test("RD11: a run of Celery's is run again by the route that repeats its arguments", async () => {
  const job = await stage.api.create({ name: "adds", kind: "celery", schedule: null, target: { task: "erp.add", args: [1, 2] } as never });
  const { log_id: first } = await stage.api.send<{ log_id: string }>("POST", `cron-jobs/${job.id}/run_now/`, { args: [40, 2] });
  await stage.api.ended(first); // undeliverable: there is no broker
  const { page } = await stage.open(`runs/${first}`);
  const asked = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith(`cron-job-logs/${first}/rerun/`));
  const again = await runAgain(page, first);
  await asked;
  expect(await stage.api.ended(again)).toMatchObject({ trigger: "rerun", rerun_of: first });
});
