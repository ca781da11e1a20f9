// The list of jobs.
import type { Locator, Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import type { Job } from "./support/api";
import { command } from "./support/api";
import { second, Stage } from "./support/stage";

const stage = new Stage();

// Enough for the list to scroll and to be more than one page of the API. Every fifth is inactive.
beforeAll(async () => {
  for (let i = 1; i <= 60; i++) {
    const number = String(i).padStart(2, "0");
    await stage.api.create(command(`job ${number}`, ["/bin/true"], { schedule: `${i % 60} ${(i * 7) % 24} * * *`, is_active: i % 5 !== 0 }));
  }
});

test("G5: a run that ends changes its row within a second, without a reload, and nothing scrolls", async () => {
  const puppet = await stage.puppet("job 30 puppet");
  const { page } = await stage.open("jobs?sort=name");
  await page.getByRole("row", { name: /job 01/ }).waitFor();
  await page.evaluate(() => window.scrollTo(0, 1400));
  const row = rowOf(page, puppet.job);
  await row.getByText("No runs yet").waitFor();
  const stay = await staysLoaded(page);
  const before = await page.evaluate(() => window.scrollY);
  expect(before).toBeGreaterThan(1000);

  const run = await stage.api.runNow(puppet.job);
  await row.getByText("Running", { exact: true }).waitFor({ timeout: second });
  await puppet.ends();
  await stage.api.ended(run);
  await row.getByText("Success", { exact: true }).waitFor({ timeout: second });

  expect(await (await cell(page, row, "Last run")).locator("time").innerText()).not.toBe("");
  expect(await page.evaluate(() => window.scrollY)).toBe(before);
  expect(await stay()).toBe(true);
});

test("J1: the slash key goes to the search, Escape clears it, a second Escape leaves it", async () => {
  const { page } = await stage.open("jobs");
  const search = page.getByRole("searchbox", { name: "Search jobs" });
  const isThere = () => search.evaluate((field) => field === document.activeElement);
  await page.getByRole("row", { name: /job \d\d/ }).first().waitFor();
  expect(await isThere()).toBe(false);

  await page.keyboard.press("/");
  expect(await isThere()).toBe(true);
  await page.keyboard.type("job 17");
  await expect.poll(() => namesOf(page)).toEqual(["job 17"]);

  await page.keyboard.press("Escape");
  expect(await search.inputValue()).toBe("");
  expect(await isThere()).toBe(true);
  await expect.poll(async () => (await namesOf(page)).length).toBeGreaterThan(5);

  await page.keyboard.press("Escape");
  expect(await isThere()).toBe(false);
});

test("J3: a row says schedule, expression, zone, next and last run in text", async () => {
  const job = await stage.api.create(command("spoken", ["/bin/true"], { schedule: "15 2 * * 1-5", timezone: "Europe/Berlin" }));
  await stage.api.ended(await stage.api.runNow(job));
  const { page } = await stage.open("jobs?q=spoken");
  const row = rowOf(page, job);
  await row.waitFor();

  const schedule = await cell(page, row, "Schedule");
  for (const words of [job.schedule_display.replace(", in Europe/Berlin", ""), "15 2 * * 1-5", "Europe/Berlin"]) expect(await schedule.innerText()).toContain(words);
  // All of it is in sight: what is cut off would be in a tooltip only.
  const cut = await schedule.locator(".cut, .clamp").evaluateAll((lines) => lines.filter((line) => line.scrollWidth > line.clientWidth || line.scrollHeight > line.clientHeight).map((line) => line.textContent));
  expect(cut).toEqual([]);
  for (const column of ["Next run", "Last run"]) {
    const time = (await cell(page, row, column)).locator("time");
    expect(await time.innerText(), column).toMatch(/\d|now/);
    expect(await time.isVisible(), column).toBe(true);
  }
});

test("J4: sorted by next run, the rows are the API's over the whole set, the inactive last; a reload keeps it", async () => {
  const { page } = await stage.open("jobs");
  await page.getByRole("row", { name: /job \d\d/ }).first().waitFor();
  await page.getByRole("columnheader", { name: "Next run" }).getByRole("button").click();
  await page.waitForURL(/[?&]sort=next_run_at/);

  const asApi = async () => {
    await expect.poll(async () => {
      const shown = await namesOf(page);
      return shown.length >= 5 && JSON.stringify(shown.slice(0, 5)) === JSON.stringify((await ordered()).slice(0, 5).map(({ name }) => name));
    }).toBe(true);
  };
  await asApi();
  await page.getByRole("row").nth(1).focus();
  await page.keyboard.press("End");
  const last = (await ordered()).at(-1);
  expect(last?.is_active && last.next_run_at).toBeFalsy();
  await rowOf(page, last as Job).waitFor();

  await page.reload();
  await asApi();
  expect(await page.getByRole("columnheader", { name: "Next run" }).getAttribute("aria-sort")).toBe("ascending");
});

test("J7: the toggle of a row deactivates at once, and Undo takes it back, here and on the server", async () => {
  const job = await stage.api.create(command("switched", ["/bin/true"], { schedule: "0 4 * * *" }));
  const isActive = async () => (await stage.api.send<Job>("GET", `cron-jobs/${job.id}/`)).is_active;
  const { page } = await stage.open("jobs?q=switched");
  const row = rowOf(page, job);
  await row.waitFor();
  const next = await (await cell(page, row, "Next run")).innerText();
  expect(next).toMatch(/\d/);

  await row.getByRole("switch", { name: "Deactivate switched" }).click({ force: true });
  await row.getByRole("switch", { name: "Activate switched" }).waitFor({ timeout: second });
  const toast = page.getByRole("alert").filter({ hasText: "switched" });
  const undo = toast.getByRole("button", { name: "Undo" });
  await undo.waitFor();
  expect(await isActive()).toBe(false);

  await undo.click();
  await row.getByRole("switch", { name: "Deactivate switched" }).waitFor({ timeout: second });
  await expect.poll(isActive).toBe(true);
  await expect.poll(async () => (await cell(page, row, "Next run")).innerText()).toBe(next);
  await undo.waitFor({ state: "detached" }); // what was undone cannot be undone again
});

const ordered = async (): Promise<Job[]> =>
  (await stage.api.send<{ results: Job[] }>("GET", "cron-jobs/?ordering=next_run_at&page_size=100")).results;

const rowOf = (page: Page, job: Job): Locator =>
  page.getByRole("row").filter({ has: page.getByRole("link", { name: job.name, exact: true }) });

// The names of the rows that exist now, from the top: the list makes only those near the window.
const namesOf = (page: Page): Promise<string[]> => page.getByRole("row").getByRole("link").allInnerTexts();

async function cell(page: Page, row: Locator, column: string): Promise<Locator> {
  const headers = await page.getByRole("columnheader").allInnerTexts();
  const at = headers.findIndex((header) => header.trim() === column);
  expect(at, `a column "${column}" in ${headers.join(", ")}`).toBeGreaterThanOrEqual(0);
  return row.getByRole("gridcell").nth(at);
}

// Says later whether the page is still the one that was loaded now.
async function staysLoaded(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate(() => Object.assign(window, { stayed: true }));
  return () => page.evaluate(() => "stayed" in window);
}
