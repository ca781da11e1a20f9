// Jobs that begin and end: from and until in the form, and what pages say when it is over.
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { command, type Job } from "./support/api";
import { findings } from "./support/axe";
import { Stage } from "./support/stage";

const stage = new Stage();

const expression = (page: Page) => page.getByRole("textbox", { name: "Expression" });
const from = (page: Page) => page.getByLabel("From", { exact: true });
const until = (page: Page) => page.getByLabel("Until", { exact: true });
const words = (page: Page) => page.getByTestId("schedule-words");
const show = (id: string): Promise<Job> => stage.api.send("GET", `cron-jobs/${id}/?logs=0`);
const value = (field: Locator) => expect.poll(() => field.inputValue());

async function openForm(name: string): Promise<Page> {
  const { page } = await stage.open("jobs/new", { timezoneId: "Europe/Berlin" });
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(name);
  await page.getByRole("textbox", { name: "Command", exact: true }).fill("/bin/true");
  return page;
}

async function create(page: Page, name: string): Promise<string> {
  await page.getByRole("button", { name: "Create job" }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
  return /jobs\/([0-9a-f-]{36})/.exec(page.url())?.[1] ?? "";
}

test("from and until are times of the job's zone, in the form, its summary, the job and its pages", async () => {
  const page = await openForm("two months of mornings");
  await expression(page).fill("0 9 * * *");
  await from(page).fill("2031-01-01T00:00");
  await until(page).fill("2031-03-01T09:00");
  await words(page).getByText("from 2031-01-01 at 00:00 until 2031-03-01 at 09:00, in Europe/Berlin").waitFor();
  await page.getByRole("complementary", { name: "Summary" }).getByText("Wed 1 Jan 2031").waitFor();
  expect(await findings(page)).toEqual([]);
  const id = await create(page, "two months of mornings");
  expect(await show(id)).toMatchObject({ start_at: "2030-12-31T23:00:00Z", end_at: "2031-03-01T08:00:00Z", next_run_at: "2031-01-01T08:00:00Z" });

  await page.getByRole("tab", { name: "Schedule" }).click();
  await page.getByText("Wed 1 Jan 2031, 00:00:00").waitFor();
  await page.getByText("Sat 1 Mar 2031, 09:00:00").waitFor();
  // The whole window is 59 mornings; the last list page ends it.
  const slots = page.getByRole("list", { name: "Next runs" }).locator("li[data-at]");
  for (const count of [25, 50]) {
    await expect.poll(() => slots.count()).toBe(count);
    await page.getByRole("button", { name: "Show 25 more" }).click();
  }
  await expect.poll(() => slots.count()).toBe(59);

  await page.getByRole("button", { name: "Edit" }).first().click();
  await value(from(page)).toBe("2031-01-01T00:00");
  await value(until(page)).toBe("2031-03-01T09:00");
  const zone = page.locator("#field-zone");
  await zone.click();
  await zone.fill("Asia/Kolkata");
  await page.getByRole("option", { name: "Asia/Kolkata", exact: true }).click();
  await until(page).fill("");
  await words(page).getByText("from 2031-01-01 at 00:00, in Asia/Kolkata").waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "two months of mornings", exact: true }).waitFor();
  await expect.poll(async () => (await show(id)).start_at).toBe("2030-12-31T18:30:00Z");
  expect((await show(id)).end_at).toBeNull();
});

test("a window without a run is said at its field, kept as typed, and put right there", async () => {
  const page = await openForm("a window turned round");
  await expression(page).fill("0 9 * * *");
  await from(page).fill("2031-05-02T00:00");
  await until(page).fill("2031-05-01T00:00");
  await page.getByText("is not after the start").first().waitFor();
  await page.getByText("It would never run; see from and until.").waitFor();
  await page.getByRole("button", { name: "Create job" }).click();
  await page.getByRole("alert").getByText("1 thing to put right").waitFor();
  await page.getByRole("alert").getByRole("button", { name: /^Until: The end/ }).click();
  await expect.poll(() => until(page).evaluate((field) => field === document.activeElement)).toBe(true);
  expect(await from(page).inputValue()).toBe("2031-05-02T00:00");
  expect(await until(page).inputValue()).toBe("2031-05-01T00:00");
  expect(await findings(page)).toEqual([]);

  await until(page).fill("2031-05-02T09:00");
  await page.getByText("It never runs: the first time from the start on is 2031-05-02T07:00:00Z").first().waitFor();
  await until(page).fill("2031-05-02T09:01");
  await words(page).getByText("until 2031-05-02 at 09:01").waitFor();
  const id = await create(page, "a window turned round");
  expect((await show(id)).end_at).toBe("2031-05-02T07:01:00Z");
});

test("the year of another program's expression becomes from and until with one click", async () => {
  const page = await openForm("a year of mornings");
  await expression(page).fill("0 0 9 * * ? 2031");
  await page.getByRole("button", { name: "Use 0 0 9 * * ?, from 2031-01-01 until 2032-01-01" }).click();
  await value(expression(page)).toBe("0 0 9 * * ?");
  await value(from(page)).toBe("2031-01-01T00:00");
  await value(until(page)).toBe("2032-01-01T00:00");
  await words(page).getByText("until 2032-01-01 at 00:00").waitFor();
});

test("a job whose end has come says so, and can be edited all the same", async () => {
  const end = new Date(Math.ceil(Date.now() / 1000) * 1000 + 2000).toISOString();
  const job = await stage.api.create(command("soon over", ["/bin/true"], { schedule: "* * * * * *", end_at: end }));
  const { page } = await stage.open(`jobs/${job.id}`);
  await page.getByText(/^Its time is over/).waitFor({ timeout: 10_000 });
  await page.goto("jobs");
  await page.getByRole("row").filter({ hasText: "soon over" }).getByText("over", { exact: true }).waitFor();

  await page.goto(`jobs/${job.id}/edit`);
  await page.getByText("No coming runs.").waitFor();
  await page.getByRole("textbox", { name: "Description" }).fill("was here");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "soon over", exact: true }).waitFor();
  await expect.poll(async () => (await show(job.id)).description).toBe("was here");
});
