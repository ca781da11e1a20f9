// Workers and queues as they are: a real Redis, real workers of Celery, and the pages before them.
import type { ChildProcess } from "node:child_process";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Job, NewJob, Run } from "./support/api";
import { findings } from "./support/axe";
import { Celery } from "./support/celery";
import { second, Stage } from "./support/stage";

let celery: Celery;
let deaf: ChildProcess;
// Before the stage's own: the program ends first, and its Redis after it.
afterAll(() => celery?.stop());
const stage = new Stage(async () => {
  celery = await Celery.start();
  return { flags: ["--broker", celery.url] };
});
// One as they are, and one that hears nobody.
beforeAll(async () => {
  [deaf] = await Promise.all([
    celery.worker("deaf", { queues: ["deaf"], concurrency: 1, configuration: { worker_enable_remote_control: false } }),
    celery.worker("office"),
  ]);
});

const grid = (page: Page, name: string) => page.getByRole("grid", { name });
const row = (page: Page, name: string, words: string) => grid(page, name).getByRole("row").filter({ hasText: words });
const alert = (page: Page, words: string) => page.getByRole("alert").getByText(words).first().waitFor();
const choose = async (page: Page, item: string | RegExp) => {
  await page.getByRole("button", { name: "Control" }).click();
  await page.getByRole("menuitem", { name: item }).click();
};
const status = (page: Page) => page.getByTestId("run-status");
const task = (name: string, target: { task: string; args?: unknown[]; queue?: string }): Promise<Job> =>
  stage.api.create({ name, kind: "celery", target: target as NewJob["target"], schedule: null });
// The facts of a page, as "name: value".
const facts = (page: Page): Promise<Record<string, string>> =>
  page.locator("dl > div").evaluateAll((all) => Object.fromEntries(all.map((each) => [each.querySelector("dt")?.textContent, each.querySelector("dd")?.textContent])));

test("W4: a worker that tells of no tasks and follows nobody says so, with what to start it with", async () => {
  const { page } = await stage.open("workers");
  await row(page, "Workers", "deaf@").getByText("no task events").waitFor({ timeout: 15 * second });
  expect(await findings(page)).toEqual([]);
  await row(page, "Workers", "deaf@").click();
  await page.getByRole("status").getByText("--task-events").waitFor();
});

test("a worker that starts is online with its queues and tasks, and one that ends offline", async () => {
  const { page } = await stage.open("workers");
  await row(page, "Workers", "office@").getByText("Online").waitFor();
  const started = celery.worker("night", { queues: ["night", "reports"], concurrency: 1 });
  deaf.kill(); // while it is there nobody knows which queues it serves
  await row(page, "Workers", "deaf@").getByText("Offline").waitFor();
  await row(page, "Workers", "night@").getByText("Online").waitFor({ timeout: 20 * second });
  await started;
  await row(page, "Workers", "night@").getByText("night, reports").waitFor();
  await row(page, "Workers", "night@").getByText("prefork, 1").waitFor();
  expect(await findings(page)).toEqual([]);
});

test("a worker answers, grows, shrinks, limits a task's rate, and is offline once it is shut down", async () => {
  const { page } = await stage.open("workers/night@localhost");
  await page.getByRole("heading", { level: 1, name: "night@localhost" }).waitFor();
  await page.getByRole("tab", { name: /^Tasks/ }).click();
  await page.getByRole("listitem").getByText("fleet.echo", { exact: true }).waitFor();
  await choose(page, "Ping");
  await alert(page, "night@localhost: pong");
  await choose(page, "Add a process");
  await alert(page, "night@localhost: pool will grow");
  await page.getByText("prefork, 2").waitFor();
  await choose(page, "Take a process away");
  await alert(page, "night@localhost: pool will shrink");
  await choose(page, "Limit a task's rate…");
  const limit = page.getByRole("dialog", { name: "Limit a task's rate" });
  await limit.getByLabel("Task").fill("fleet.ec");
  await page.getByRole("option", { name: "fleet.echo" }).click();
  await limit.getByLabel("Rate").fill("10/s");
  await limit.getByRole("button", { name: "Limit a task's rate" }).click();
  await alert(page, "night@localhost: new rate limit set successfully");

  await choose(page, "Shut down…");
  await page.getByRole("dialog", { name: "Shut down night@localhost?" }).getByRole("button", { name: "Shut down" }).click();
  await page.getByText("It is offline. What is shown is what it told last.").waitFor({ timeout: 15 * second });
  expect(celery.log("night")).toContain("Got shutdown from remote");
  expect(await findings(page)).toEqual([]);
});

test("W2, W3: the depth of a queue on which nobody listens follows the broker within 5 s, and the dashboard says what to do", async () => {
  const job = await task("by night", { task: "fleet.nothing", queue: "deserted" });
  await stage.api.send("PATCH", `cron-jobs/${job.id}/`, { schedule: "0 3 * * *" });
  const { page } = await stage.open("workers");
  await row(page, "Queues", "deserted").getByText("nobody listens").waitFor({ state: "detached" });
  const run = await stage.api.runNow(job);
  await stage.api.reached(run, ["queued"]);
  await row(page, "Queues", "deserted").getByText("nobody listens").waitFor({ timeout: 5 * second });
  await row(page, "Queues", "deserted").click();
  await page.getByRole("listitem").getByText("fleet.nothing").waitFor();
  await stage.api.runNow(job);
  await expect.poll(() => page.getByRole("main").getByRole("listitem").count(), { timeout: 5 * second }).toBe(2);
  await page.getByRole("status").getByText("--queues deserted").waitFor();

  await page.goto("");
  await page.getByText(/No worker listens on .*deserted/).waitFor({ timeout: 20 * second });
});

test("E14: a job made in the form with a task that workers know runs, and its page shows stages, worker and result", async () => {
  const { page } = await stage.open("jobs/new");
  const box = (name: string): Locator => page.getByRole("textbox", { name, exact: true }).or(page.getByRole("combobox", { name, exact: true }));
  await page.getByText("Celery task", { exact: true }).first().click();
  await box("Name").fill("adds up");
  await box("Task").fill("fleet.ad");
  await page.getByRole("option", { name: "fleet.add" }).click();
  await page.getByText(/workers? knows? it\./).waitFor();
  await box("Arguments").fill("[20, 22]");
  await page.getByText("By hand", { exact: true }).click();
  await page.getByRole("button", { name: "Create and run" }).click();
  await page.getByRole("alert").getByText(/Success in/).waitFor();
  await page.getByRole("alert").getByRole("link", { name: "Open output" }).click();

  await status(page).getByText("Success").waitFor();
  await expect.poll(() => page.getByRole("tabpanel").innerText()).toContain("42");
  expect(await page.getByRole("list").filter({ hasText: "Asked for" }).getByRole("listitem").filter({ has: page.locator("time") }).count()).toBe(5);
  expect(await facts(page)).toMatchObject({ Worker: "office@localhost", Trigger: "manual by alice" });
  expect(await findings(page)).toEqual([]);
  await page.getByRole("link", { name: "office@localhost" }).click();
  await page.getByRole("heading", { level: 1, name: "office@localhost" }).waitFor();
});

test("a run that waits is cancelled by a revoke, which its worker follows; one that runs goes on or is terminated, as one chooses", async () => {
  const waiting = await stage.api.runNow(await task("waits", { task: "fleet.nothing", queue: "later" }));
  const { page } = await stage.open(`runs/${waiting}`);
  await status(page).getByText("Queued").waitFor();
  await page.getByRole("button", { name: "Cancel run" }).click();
  await page.getByRole("dialog").getByText("Its task is revoked").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await stage.api.send("POST", "workers/office@localhost/add_consumer/", { queue: "later" });
  await status(page).getByText("Cancelled").waitFor();
  const ended: Run = await stage.api.ended(waiting);
  expect([ended.status, ended.reason, ended.run_started_at]).toEqual(["cancelled", "by_user", null]);

  const running = await stage.api.runNow(await task("sleeps", { task: "fleet.sleep", args: [60] }));
  await page.goto(`runs/${running}`);
  await status(page).getByText("Running").waitFor();
  await page.getByRole("button", { name: "Cancel run" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Terminate" }).click();
  await status(page).getByText("Cancelled").waitFor();
  expect((await stage.api.ended(running)).reason).toBe("by_user");
});

test("W7: an active task is revoked from its worker's page, and its run's page agrees within two seconds", async () => {
  const run = await stage.api.runNow(await task("sleeps long", { task: "fleet.sleep", args: [60] }));
  await stage.api.reached(run, ["running"]);
  const { page } = await stage.open("workers/office@localhost");
  const beside = await page.context().newPage();
  await beside.goto("workers/office@localhost");
  await beside.getByRole("link", { name: run }).click();
  await beside.getByRole("row").filter({ hasText: "sleeps long" }).click();
  await status(beside).getByText("Running").waitFor();
  await page.getByRole("listitem").filter({ hasText: run }).getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog", { name: "Revoke this task?" }).getByRole("button", { name: "Revoke" }).click();
  await alert(page, "office@localhost: ");
  await status(beside).getByText("Cancelled").waitFor({ timeout: 2 * second });
});
