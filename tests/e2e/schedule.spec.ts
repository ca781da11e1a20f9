// What a schedule means while it is typed: in words, in times, in warnings, and what the form makes of a slip.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { components } from "../../ui/src/api/types"; // types alone
import { Stage } from "./support/stage";

type Preview = components["schemas"]["Preview"];

const stage = new Stage();

const expression = (page: Page) => page.getByRole("textbox", { name: "Expression" });
const summary = (page: Page) => page.getByRole("complementary", { name: "Summary" });
const zone = (page: Page) => page.locator("#field-zone");
const ask = (schedule: string, timezone: string, count = 5): Promise<Preview> => stage.api.send("POST", "schedules/preview/", { schedule, timezone, count });

async function openForm(): Promise<Page> {
  const { page } = await stage.open("jobs/new", { timezoneId: "Europe/Berlin" });
  await page.getByRole("heading", { level: 1, name: "New job" }).waitFor();
  return page;
}

async function chooseZone(page: Page, name: string): Promise<void> {
  await zone(page).click();
  await zone(page).fill(name);
  await page.getByRole("option", { name, exact: true }).click();
  await expect.poll(() => zone(page).inputValue()).toBe(name);
}

async function fillWhat(page: Page, name: string): Promise<void> {
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(name);
  await page.getByRole("textbox", { name: "Command", exact: true }).fill("/bin/true");
}

// Forty of one kind for each zone; together 200 that differ from one another.
function samples(): string[] {
  const times = Array.from({ length: 10 }, (_, i) => `${(i * 7) % 60} ${(i * 5) % 24}`);
  const days = ["* * *", "* * 1-5", "1 * *", "L * *", "15W * *", "* * 5L", "* 2 *", "*/2 * *", "* * MON#1", "29 2 *"];
  const fine = ["*/5 * * * *", "*/7 9-17 * * *", "0 */6 * * *", "22-2/2 1 * * *", "30 2 * * *", "*/10 * * * * *", "0 22-4/2 * * *", "15,45 8-18 * 1-6 1-5", "0 9 1-7 * 1", "@weekly"];
  const others = [1, 2, 3, 5, 6, 7, 9, 10, 11, 13].flatMap((n) =>
    ["seconds", "minutes", "hours", "days", "weeks"].map((unit) => `every ${n} ${n === 1 ? unit.slice(0, -1) : unit}`));
  const phrases = Array.from({ length: 24 }, (_, hour) => `every weekday at ${hour}:${String((hour * 13) % 60).padStart(2, "0")}`);
  const suns = ["sunrise", "sunset", "dawn_civil", "solar_noon"].flatMap((event) => [`${event} 52.52 13.405`, `${event} -33.87 151.21 -30`]);
  return [...times.flatMap((time) => days.map((rest) => `${time} ${rest}`)), ...fine, ...others, ...phrases, ...suns, "at 2031-03-30T02:30", "@monthly", "@yearly", "0 0 * * 0", "5 4 * * sun", "0 12 * JAN,JUL *", "H 3 * * *", "0 0 1 */3 *"].slice(0, 200);
}

test("E3: sentence and next five are those of the API, for 200 schedules in five zones", async () => {
  const zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"];
  const all = samples();
  expect(new Set(all).size).toBe(200);
  const check = async (name: string, i: number) => {
    const page = await openForm();
    await chooseZone(page, name);
    for (const schedule of all.slice(i * 40, i * 40 + 40)) {
      // The answer that this page gets: asked for again a moment later, a schedule of seconds has moved on.
      const answered = page.waitForResponse((answer) => answer.url().endsWith("/api/schedules/preview/") && answer.request().postDataJSON().schedule === schedule);
      await expression(page).fill(schedule);
      const { words, next } = (await (await answered).json()) as Preview;
      const said = summary(page).getByTestId("schedule-words").filter({ hasText: words });
      await said.waitFor().catch(() => expect.fail(`${schedule} in ${name}: "${words}" was not said`));
      const expected = next.map((local) => `${local.slice(11, 19)}${local.replace("Z", "+00:00").slice(19)}`);
      await expect.poll(() => shownTimes(page), { message: `${schedule} in ${name}` }).toEqual(expected);
    }
  };
  // Most of it is waiting: for the keys to rest, for answers.
  await Promise.all(zones.map(check));
}, 240_000);

// "09:00:00+01:00" of each coming run.
const shownTimes = (page: Page): Promise<string[]> =>
  summary(page).locator("ol > li").evaluateAll((rows) => rows.map((row) => `${row.children[1]?.textContent}${row.children[2]?.textContent}`));

test("E5: a date that never comes is refused, and nothing is saved", async () => {
  const page = await openForm();
  await fillWhat(page, "never comes");
  await expression(page).fill("0 0 31 2 *");
  await page.getByRole("status").getByText("no date ever matches day '31' month '2'").waitFor();
  expect(await page.getByRole("textbox", { name: "Cron field: day", exact: true }).getAttribute("aria-invalid")).toBe("true");
  await page.getByRole("button", { name: "Create job" }).click();
  await page.getByRole("alert").getByText("no date ever matches").waitFor();
  expect(page.url()).toMatch(/\/jobs\/new$/);
  const { count } = await stage.api.send<{ count: number }>("GET", "cron-jobs/?search=never%20comes");
  expect(count).toBe(0);
});

test("E6: the note names the dates on which 02:30 is skipped and comes twice in Berlin, and what is done", async () => {
  const page = await openForm();
  await chooseZone(page, "Europe/Berlin");
  await expression(page).fill("30 2 * * *");
  const note = (code: string) => summary(page).locator(`li[data-code=${code}]`);
  const { warnings } = await ask("30 2 * * *", "Europe/Berlin");
  for (const code of ["gap", "fold"]) {
    const { message } = warnings.find((warning) => warning.code === code) ?? { message: "" };
    expect(message).toMatch(/\d{4}-(03|10)-\d\d/);
    await note(code).getByText(message).waitFor();
  }
  await note("gap").getByText("the run starts right after the change").waitFor();
  await note("fold").getByText("the run starts in the first pass alone").waitFor();
});

test("E7: an answer to older text that comes after one to newer text is not shown", async () => {
  const page = await openForm();
  let late = 0;
  await page.route("**/api/schedules/preview/", async (route) => {
    if (route.request().postData()?.includes("11 1 * * *")) {
      late++;
      await new Promise((passed) => setTimeout(passed, 1000));
    }
    await route.continue().catch(() => {}); // it may be given up meanwhile
  });
  await expression(page).fill("11 1 * * *");
  await expect.poll(() => late).toBe(1);
  await expression(page).fill("22 2 * * *");
  await summary(page).getByText("At 02:22").waitFor();
  const words = page.getByTestId("schedule-words");
  for (const end = Date.now() + 1500; Date.now() < end; await page.waitForTimeout(50)) expect(await words.innerText()).toContain("02:22");
});

test("E8: an interval of nothing and a unit with a slip say what is wrong and offer what is meant", async () => {
  const page = await openForm();
  await page.getByText("Interval", { exact: true }).click();
  await page.getByRole("textbox", { name: "Every", exact: true }).fill("0");
  await page.getByRole("status").getByText("an interval is at least one second").waitFor();
  await page.getByRole("button", { name: "Use every 1 minute" }).click();
  await summary(page).getByText("Every minute").waitFor();
  expect(await page.getByRole("textbox", { name: "Every", exact: true }).inputValue()).toBe("1");

  await page.getByText("Cron", { exact: true }).click();
  for (const slip of ["5 minuts", "every 5 minuts"]) {
    await page.getByText("Cron", { exact: true }).click();
    await expression(page).fill(slip);
    await page.getByRole("button", { name: "Use every 5 minutes" }).click();
    // What it suggests is an interval: the form shows it as one.
    await expect.poll(() => page.getByRole("textbox", { name: "Every", exact: true }).inputValue()).toBe("5");
    await summary(page).getByText("Every 5 minutes").waitFor();
  }
});

test("E9: a pasted line of a crontab fills the schedule, and its command is offered", async () => {
  const page = await openForm();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const paste = async (line: string) => {
    await page.evaluate((words) => navigator.clipboard.writeText(words), line);
    await expression(page).focus();
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Control+V");
  };
  await paste("15 3 * * 1-5 /usr/bin/x --all 'two  words'");
  await expect.poll(() => expression(page).inputValue()).toBe("15 3 * * 1-5");
  await page.getByRole("status").getByText("/usr/bin/x --all 'two words'").waitFor();
  await page.getByRole("button", { name: "Use as command" }).click();
  await expect.poll(() => page.getByRole("textbox", { name: "Command", exact: true }).inputValue()).toBe("/usr/bin/x --all 'two  words'");

  await paste("@daily root /usr/bin/y");
  await expect.poll(() => expression(page).inputValue()).toBe("@daily");
  await page.getByRole("button", { name: "Use as description" }).click();
  await expect.poll(() => page.getByRole("textbox", { name: "Description" }).inputValue()).toBe("root /usr/bin/y");
});

test("E9: a zone in the text and another program's words are taken over with one click, with all that belongs to them", async () => {
  const page = await openForm();
  await chooseZone(page, "UTC");
  await expression(page).fill("CRON_TZ=Asia/Tokyo 0 9 * * 1-5");
  await page.getByRole("button", { name: "Use 0 9 * * 1-5 in Asia/Tokyo" }).click();
  expect(await expression(page).inputValue()).toBe("0 9 * * 1-5");
  expect(await zone(page).inputValue()).toBe("Asia/Tokyo");
  await summary(page).getByText("in Asia/Tokyo").waitFor();

  await expression(page).fill("rate(5 minutes)");
  await page.getByRole("button", { name: "Use every 5 minutes" }).click();
  await expect.poll(() => page.getByRole("textbox", { name: "Every", exact: true }).inputValue()).toBe("5");

  await page.getByText("Cron", { exact: true }).click();
  await expression(page).fill("0 0 9 1 * 1");
  await page.getByRole("button", { name: "Use 0 0 9 1 * 1, where both days must match" }).click();
  await summary(page).getByText("only if").waitFor();

  await fillWhat(page, "both days");
  await page.getByRole("button", { name: "Create job" }).click();
  await page.getByRole("heading", { level: 1, name: "both days" }).waitFor();
  const job = await stage.api.send<components["schemas"]["JobDetail"]>("GET", `cron-jobs/${page.url().split("/").at(-1)}/`);
  expect(job).toMatchObject({ schedule: "0 0 9 1 * 1", timezone: "Asia/Tokyo", day_match: "both" });
});
