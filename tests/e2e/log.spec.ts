// Reading the output of a run: where one stands in it, links into it, and ending what prints it.
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { command } from "./support/api";
import { second, Stage } from "./support/stage";

const stage = new Stage();

const printed = (lines: number) => ["/bin/sh", "-c", `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "line $i of many"; done`];
const box = (page: Page) => page.getByRole("log");

test("RD2: scrolling up ends following, and nothing moves while 1,000 lines come; f goes back to the end", async () => {
  const script = `i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo "early $i"; done; while ! [ -e "$GO" ]; do sleep 0.05; done; i=0; while [ $i -lt 1000 ]; do i=$((i+1)); echo "late $i"; done; sleep 60`;
  const go = `/tmp/cjv-e2e-go-${process.pid}-${Date.now()}`;
  const job = await stage.api.create({ ...command("prints on", []), target: { argv: ["/bin/sh", "-c", script], env: { GO: go } } as never });
  const run = await stage.api.runNow(job);
  const { page } = await stage.open(`runs/${run}`);
  await box(page).getByText("early 300").waitFor();
  await box(page).hover();
  await page.mouse.wheel(0, -1500);
  await page.getByRole("button", { name: "Follow", pressed: false }).waitFor();
  const place = () => box(page).evaluate((element) => element.scrollTop);
  const before = await settled(place);
  writeFileSync(go, "");
  try {
    await page.getByRole("button", { name: /^Jump to end, 1,000 new lines/ }).waitFor();
    expect(await place()).toBe(before);
    await page.keyboard.press("f");
    await box(page).getByText("late 1000").waitFor({ timeout: second });
    await page.getByRole("button", { name: "Follow", pressed: true }).waitFor();
  } finally {
    rmSync(go, { force: true });
    await stage.api.send("POST", `cron-job-logs/${run}/cancel/`, {});
  }
});

test("RD5: the address names a line: it is scrolled to and marked; a line's number makes that address", async () => {
  const run = await stage.api.runNow(await stage.api.create(command("many lines", printed(800))));
  await stage.api.ended(run);
  const { page } = await stage.open(`runs/${run}?line=412`);
  const marked = () => box(page).locator("[data-linked]").innerText();
  await expect.poll(marked).toContain("line 412 of many");
  expect(await box(page).locator("[data-linked]").evaluate((line) => {
    const [inner, outer] = [line.getBoundingClientRect(), line.closest("[role=log]")?.getBoundingClientRect()];
    return outer !== undefined && inner.top >= outer.top && inner.bottom <= outer.bottom;
  })).toBe(true);

  await box(page).getByText("415", { exact: true }).click();
  await expect.poll(() => page.url()).toMatch(/[?&]line=415$/);
  const link = page.url();
  await page.goto("about:blank");
  await page.goto(link);
  await expect.poll(marked).toContain("line 415 of many");
});

test("RD7: cancelling asks first, then says so until the run has ended", async () => {
  const job = await stage.api.create(command("takes its time to go", ["/bin/sh", "-c", "trap 'sleep 1; exit 1' TERM; echo ready; while :; do sleep 0.1; done"]));
  const run = await stage.api.runNow(job);
  const { page } = await stage.open(`runs/${run}`);
  await box(page).getByText("ready").waitFor();
  const status = page.getByTestId("run-status");
  await page.getByRole("button", { name: "Cancel run" }).click();
  const question = page.getByRole("dialog", { name: "Cancel this run?" });
  await question.getByRole("button", { name: "Keep running" }).click();
  await question.waitFor({ state: "detached" });
  expect(await status.innerText()).toContain("Running");
  await page.getByRole("button", { name: "Cancel run" }).click();
  await question.getByRole("button", { name: "Cancel run" }).click();
  await status.getByText("Cancelling").waitFor();
  await status.getByText("Cancelled").waitFor();
  expect((await stage.api.run(run)).status).toBe("cancelled");
});

test("RD10: the download is what the run printed, byte for byte", async () => {
  const run = await stage.api.runNow(await stage.api.create(command("prints bytes", ["/bin/sh", "-c", "head -c 200000 /dev/zero | tr '\\0' 'x'; printf '\\377\\000\\r\\n\\033[31mred'"])));
  await stage.api.ended(run);
  const { page } = await stage.open(`runs/${run}`);
  await box(page).getByText("red").waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download" }).or(page.getByRole("button", { name: "Download" })).click()]);
  const bytes = readFileSync(await download.path());
  const expected = Buffer.concat([Buffer.alloc(200_000, "x"), Buffer.from([0xff, 0x00, 0x0d, 0x0a, 0x1b]), Buffer.from("[31mred")]);
  const sum = (data: Buffer) => createHash("sha256").update(data).digest("hex");
  expect(sum(bytes)).toBe(sum(expected));
});

// The value once it has not changed for a while.
async function settled(read: () => Promise<number>): Promise<number> {
  let value = await read();
  for (let same = 0; same < 3; ) {
    await new Promise((passed) => setTimeout(passed, 60));
    const next = await read();
    same = next === value ? same + 1 : 0;
    value = next;
  }
  return value;
}
