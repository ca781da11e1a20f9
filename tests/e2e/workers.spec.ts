// Workers and queues.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { findings } from "./support/axe";
import { setFleet, worker } from "./support/fleet";
import { Stage } from "./support/stage";

const stage = new Stage();

async function open(path: string): Promise<{ page: Page; told: string[] }> {
  const { page } = await stage.open("login");
  const told = await setFleet(page);
  await page.goto(path);
  return { page, told };
}

const grid = (page: Page, name: string) => page.getByRole("grid", { name });

test("without a broker the page says how to set one up", async () => {
  const { page } = await stage.open("workers");
  await page.getByText("No broker is set up").waitFor();
  await page.getByText("--broker redis://").waitFor();
  expect(await findings(page)).toEqual([]);
});

test("W1, W5: late and offline workers stay in the list and say so, and a clock that is off is told", async () => {
  const { page } = await open("workers");
  const row = (name: string) => grid(page, "Workers").getByRole("row").filter({ hasText: name });
  await row("w1@").getByText("Online").waitFor();
  await row("w2@").getByText("Late").waitFor();
  await row("w2@").getByText("3.4 s behind").waitFor();
  await row("old@").getByText("Offline").waitFor();
  await page.getByText("1 online, 1 late, 1 offline · 10 of 16 slots at work").waitFor();
  expect(await findings(page)).toEqual([]);
});

test("W3: a queue that holds messages and that nobody listens on is flagged, and leads to what waits in it", async () => {
  const { page } = await open("workers");
  const night = grid(page, "Queues").getByRole("row").filter({ hasText: "night" });
  await night.getByText("nobody listens").waitFor();
  await night.click();
  await page.getByRole("heading", { level: 1, name: "night" }).waitFor();
  const first = page.getByRole("listitem").filter({ hasText: "erp.ledger.tasks.close_day" });
  await first.getByText("{'company': 7}").waitFor();
  await page.getByText("the body is pickle").waitFor();
  expect(await findings(page)).toEqual([]);
});

test("W7: a superuser revokes what a worker runs after a question, and is told who answered and who did not", async () => {
  const { page, told } = await open("workers");
  await grid(page, "Workers").getByRole("row").filter({ hasText: "w1@" }).click();
  await page.getByRole("heading", { level: 1, name: "w1@app-1.example.com" }).waitFor();
  expect(await findings(page)).toEqual([]);
  await page.getByRole("listitem").filter({ hasText: "close_day" }).getByRole("button", { name: "Revoke" }).click();
  const question = page.getByRole("dialog", { name: "Revoke this task?" });
  await question.getByRole("button", { name: "Cancel" }).click();
  expect(told).toEqual([]);
  await page.getByRole("listitem").filter({ hasText: "close_day" }).getByRole("button", { name: "Revoke" }).click();
  await question.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("alert").getByText("w2@app-2.example.com did not answer").waitFor();
  expect(told).toEqual(['workers/revoke/ {"task_id":"5f1c0a52-0d7e-4a5f-9a63-2f0c1f6d1c11","terminate":true,"signal":"SIGTERM"}']);

  await page.getByRole("button", { name: "Control" }).click();
  await page.getByRole("menuitem", { name: "Ping" }).click();
  await page.getByRole("alert").getByText("w1@app-1.example.com: pong").first().waitFor();
});

test("E14: tasks that workers know are suggested; another one is a warning, and no error", async () => {
  const { page } = await open("jobs/new");
  await page.getByText("Celery task", { exact: true }).first().click();
  const task = page.getByRole("textbox", { name: "Task", exact: true }).or(page.getByRole("combobox", { name: "Task", exact: true }));
  await task.fill("dunn");
  await page.getByRole("option", { name: "erp.receivables.tasks.dunning" }).click();
  await page.getByText("2 workers know it.").waitFor();
  await task.fill("erp.receivables.tasks.dunnin");
  await page.getByText("No worker has told of this task.").waitFor();
  expect(await task.getAttribute("aria-invalid")).not.toBe("true");
});

test("W8: five hundred workers are a list that can be scrolled to its end, with no more elements than what is seen needs", async () => {
  const { page } = await open("login");
  const many = Array.from({ length: 500 }, (_, n) => worker(`w${String(n).padStart(3, "0")}@app.example.com`));
  await page.route(/\/api\/workers\/(\?.*)?$/, (route) => route.fulfill({ json: { count: many.length, next: null, previous: null, results: many } }));
  await page.goto("workers");
  await page.getByText("500 online").waitFor();
  const rows = grid(page, "Workers");
  expect(Number(await rows.getAttribute("aria-rowcount"))).toBeGreaterThanOrEqual(500);
  const elements = () => page.evaluate(() => document.querySelectorAll("*").length);
  await rows.getByText("w000@").waitFor();
  expect(await elements()).toBeLessThan(2500);
  for (const seen of ["w100@", "w250@", "w499@"]) {
    // Until it is there: each turn of the wheel shows rows, never a blank.
    for (let turns = 0; turns < 200 && !(await rows.getByText(seen).count()); turns++) {
      await page.mouse.move(600, 500);
      await page.mouse.wheel(0, 600);
      await expect.poll(() => rows.getByText(/^w\d{3}@/).count()).toBeGreaterThan(0);
    }
    expect(await rows.getByText(seen).count()).toBe(1);
    expect(await elements()).toBeLessThan(2500);
  }
});
