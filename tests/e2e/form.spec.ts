// The form of a job as a whole: what is missing, what is left, what is built.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { components } from "../../ui/src/api/types"; // types alone
import { command } from "./support/api";
import { findings } from "./support/axe";
import { Stage } from "./support/stage";

const stage = new Stage();

const expression = (page: Page) => page.getByRole("textbox", { name: "Expression" });
const summary = (page: Page) => page.getByRole("complementary", { name: "Summary" });

async function openForm(): Promise<Page> {
  const { page } = await stage.open("jobs/new");
  await page.getByRole("heading", { level: 1, name: "New job" }).waitFor();
  return page;
}

test("E1: without a name and a command saving leads to the first of them, and a list on top leads to each", async () => {
  const page = await openForm();
  await page.getByText("Celery task", { exact: true }).first().click();
  await expression(page).fill("15 2 * * *");
  await page.getByRole("button", { name: "Create job" }).click();
  const list = page.getByRole("alert").filter({ hasText: "2 things to put right" });
  await list.waitFor();
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  const task = page.getByRole("combobox", { name: "Task", exact: true }).or(page.getByRole("textbox", { name: "Task", exact: true }));
  const focused = (box: typeof name) => box.evaluate((element) => element === document.activeElement);
  await expect.poll(() => focused(name)).toBe(true);
  await list.getByRole("button", { name: /^Task/ }).click();
  await expect.poll(() => focused(task)).toBe(true);
  await list.getByRole("button", { name: /^Name/ }).click();
  await expect.poll(() => focused(name)).toBe(true);
});

test("E10: leaving what was typed asks; staying keeps the text and the caret", async () => {
  const job = await stage.api.create(command("left and stayed", ["/bin/true"], { schedule: "15 2 * * *" }));
  const { page } = await stage.open(`jobs/${job.id}/edit`);
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  await name.fill("left and stayed for good");
  await name.evaluate((box: HTMLInputElement) => box.setSelectionRange(4, 8));
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: /^Jobs/ }).click();
  await question.waitFor();
  await question.getByRole("button", { name: "Keep editing" }).click();
  await question.waitFor({ state: "detached" });
  expect(await name.inputValue()).toBe("left and stayed for good");
  expect(await name.evaluate((box: HTMLInputElement) => [box.selectionStart, box.selectionEnd])).toEqual([4, 8]);
  expect(page.url()).toMatch(/\/edit$/);

  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: /^Jobs/ }).click();
  await question.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("heading", { level: 1, name: "Jobs" }).waitFor();
  expect((await stage.api.send<{ name: string }>("GET", `cron-jobs/${job.id}/`)).name).toBe("left and stayed");
});

test("Build puts an expression together by choices, reads what is there, and is whole for axe and the keyboard", async () => {
  const page = await openForm();
  await page.getByRole("button", { name: "Build" }).click();
  expect(await expression(page).inputValue()).toBe("0 9 * * *");
  const builder = page.getByRole("group", { name: "Build the expression" });
  await builder.getByRole("group", { name: "Values of the hour" }).getByRole("button", { name: "hour 14" }).click();
  expect(await expression(page).inputValue()).toBe("0 9,14 * * *");
  await builder.getByText("minute", { exact: true }).click();
  await builder.getByText("Every few minutes").click();
  expect(await expression(page).inputValue()).toBe("*/15 9,14 * * *");
  await builder.getByRole("textbox", { name: "Starting at" }).fill("5");
  expect(await expression(page).inputValue()).toBe("5/15 9,14 * * *");
  await builder.getByText("weekday", { exact: true }).click();
  await builder.getByText("Only these weekdays").click();
  const monday = builder.getByRole("button", { name: "Monday" });
  await monday.focus();
  for (const _ of [2, 3, 4, 5]) {
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
  }
  expect(await expression(page).inputValue()).toBe("5/15 9,14 * * 1-5");
  expect(page.url()).toMatch(/\/jobs\/new$/); // Enter chose, and did not save
  await summary(page).getByText("Monday through Friday").waitFor();
  expect(await findings(page)).toEqual([]);

  // What was typed is shown as the choice it is, and what no choice says is kept.
  await expression(page).fill("0 0 8 LW * FRI#2");
  await builder.getByText("second", { exact: true }).waitFor();
  expect(await builder.getByRole("radio", { name: "One of the month" }).isChecked()).toBe(true);
  await builder.getByText("day", { exact: true }).click();
  expect(await builder.getByRole("radio", { name: "The last day from Monday to Friday" }).isChecked()).toBe(true);
  await expression(page).fill("0-30/7 8 * * *");
  await builder.getByText("minute", { exact: true }).click();
  expect(await builder.getByRole("radio", { name: "As typed: 0-30/7" }).isChecked()).toBe(true);
  expect(await expression(page).inputValue()).toBe("0-30/7 8 * * *");
});

test("a job that runs once is made by date and time, and edited as such", async () => {
  const page = await openForm();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("once and never again");
  await page.getByRole("textbox", { name: "Command", exact: true }).fill("/bin/true");
  await page.getByText("Once", { exact: true }).click();
  await page.getByRole("button", { name: "Create job" }).click();
  await page.getByRole("alert").getByText("1 thing to put right").waitFor();
  await page.getByLabel("Date and time").fill("2031-05-06T07:08");
  await summary(page).getByText("Once, on 2031-05-06 at 07:08").waitFor();
  await page.getByRole("button", { name: "Create job" }).click();
  await page.getByRole("heading", { level: 1, name: "once and never again" }).waitFor();
  await page.getByRole("button", { name: "Edit" }).click();
  await expect.poll(() => page.getByLabel("Date and time").inputValue()).toBe("2031-05-06T07:08");
});

test("JD4: the schedule tab's slots are those of the preview, across a change of the clock, and say that it changes", async () => {
  const schedule = "30 2 * * 0";
  const job = await stage.api.create(command("weekly by night", ["/bin/true"], { schedule, timezone: "Europe/Berlin" }));
  const { next } = await stage.api.send<components["schemas"]["Preview"]>("POST", "schedules/preview/", { schedule, timezone: "Europe/Berlin", count: 50 });
  const { page } = await stage.open(`jobs/${job.id}/schedule`);
  const slots = page.getByRole("list", { name: "Next runs" }).locator("li[data-at]");
  const shown = () => slots.evaluateAll((rows) => rows.map((row) => new Date(row.getAttribute("data-at") ?? "").getTime()));
  await expect.poll(() => slots.count()).toBe(25);
  const expected = next.map((local) => new Date(local).getTime());
  expect(await shown()).toEqual(expected.slice(0, 25));
  await page.getByRole("button", { name: "Show 25 more" }).click();
  await expect.poll(shown).toEqual(expected);
  // Within 50 weeks it goes forward and back.
  await page.getByText(/the clock goes forward by an hour: \+01:00 becomes \+02:00/).waitFor();
  await page.getByText(/the clock goes back by an hour: \+02:00 becomes \+01:00/).waitFor();
  await page.getByText("the run starts right after the change").waitFor();

  await stage.api.send("POST", `cron-jobs/${job.id}/update_status/`, { is_active: false });
  await page.getByRole("heading", { name: "When it would run if it were active" }).waitFor();
  await expect.poll(shown).toEqual(expected.slice(0, 25));
});
