// What `make screenshots` takes a picture of: every page, in each of its states that a person may meet.
import type { Page } from "playwright-core";
import { setFleet } from "../support/fleet";
import type { Scene } from "./scene";

export interface Picture {
  name: string;
  path: string; // below the prefix
  signedOut?: boolean;
  // Before the page is opened: what the network does to it.
  before?(page: Page): Promise<unknown>;
  // Until it shows what is wanted.
  pose(page: Page): Promise<unknown>;
  // Afterwards: what the pose changed is as it was.
  after?(page: Page): Promise<unknown>;
}

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name }).waitFor();
const row = (page: Page, name: string | RegExp) => page.getByRole("row", { name }).first().waitFor();
const text = (page: Page, words: string | RegExp) => page.getByText(words).first().waitFor();
const click = (page: Page, role: "button" | "menuitem" | "tab", name: string | RegExp) => page.getByRole(role, { name }).first().click();

const api = /\/api\/(?!auth|events)/;
// Nothing but the first page and who is signed in is ever answered.
const silence = (page: Page) => page.route(api, () => {});
const outage = (page: Page) =>
  page.route(api, (route) =>
    route.fulfill({
      status: 500,
      headers: { "content-type": "application/problem+json", "x-request-id": "01J8ZQ6F3K7Q" },
      body: JSON.stringify({ title: "Internal Server Error", status: 500, detail: "The database does not answer.", request_id: "01J8ZQ6F3K7Q" }),
    }));

export const pictures = ({ jobs, runs }: Scene): Picture[] => [
  { name: "login", path: "login", signedOut: true, pose: (page) => page.getByRole("button", { name: "Sign in" }).waitFor() },
  {
    name: "login-refused", path: "jobs", signedOut: true,
    async pose(page) {
      await page.getByRole("textbox", { name: "User name" }).fill("amara.okafor@example.com");
      await page.getByLabel("Password", { exact: true }).fill("a guess");
      await click(page, "button", "Sign in");
      await page.getByRole("alert").getByText(/\w/).waitFor();
    },
  },
  { name: "dashboard", path: "", pose: (page) => text(page, "Stock levels to the web shop") },
  { name: "dashboard-loading", path: "", before: silence, pose: (page) => heading(page, "Dashboard") },
  { name: "dashboard-error", path: "", before: outage, pose: (page) => text(page, "does not answer") },
  { name: "jobs", path: "jobs", pose: (page) => row(page, /Database backup/) },
  { name: "jobs-filtered", path: "jobs?status=failed,timed_out&active=true&tag=shop&owner=me&sort=name", pose: (page) => row(page, /Stock levels/) },
  { name: "jobs-none", path: "jobs?q=zeppelin", pose: (page) => text(page, "No job matches") },
  { name: "jobs-loading", path: "jobs", before: silence, pose: (page) => heading(page, "Jobs") },
  { name: "jobs-error", path: "jobs", before: outage, pose: (page) => text(page, "does not answer") },
  {
    name: "jobs-undo", path: "jobs?q=search+index",
    async pose(page) {
      await row(page, /Search index/);
      await page.getByRole("switch", { name: "Deactivate Search index" }).click({ force: true });
      await page.getByRole("alert").getByText(/inactive/).waitFor();
      await page.getByRole("button", { name: "Undo" }).hover();
    },
    async after(page) {
      await page.getByRole("button", { name: "Undo" }).click();
      await page.getByRole("switch", { name: "Deactivate Search index" }).waitFor();
    },
  },
  { name: "job", path: `jobs/${jobs.flaky.id}`, pose: (page) => heading(page, jobs.flaky.name) },
  { name: "job-long", path: `jobs/${jobs.long.id}`, pose: (page) => heading(page, jobs.long.name) },
  { name: "job-inactive", path: `jobs/${jobs.idle.id}`, pose: (page) => heading(page, jobs.idle.name) },
  { name: "job-running", path: `jobs/${jobs.busy.id}`, pose: (page) => heading(page, jobs.busy.name) },
  { name: "job-runs", path: `jobs/${jobs.flaky.id}/runs`, pose: (page) => row(page, /Failed/) },
  { name: "job-runs-missed", path: `jobs/${jobs.missed.id}/runs`, pose: (page) => row(page, /Missed/) },
  { name: "job-schedule", path: `jobs/${jobs.long.id}/schedule`, pose: (page) => page.getByRole("list", { name: "Next runs" }).waitFor() },
  { name: "job-schedule-inactive", path: `jobs/${jobs.idle.id}/schedule`, pose: (page) => page.getByRole("list", { name: "Next runs" }).waitFor() },
  { name: "job-definition", path: `jobs/${jobs.long.id}/config`, pose: (page) => page.getByText("--companies").first().waitFor() },
  { name: "job-new", path: "jobs/new", pose: (page) => heading(page, "New job") },
  {
    name: "job-new-preview", path: "jobs/new",
    async pose(page) {
      await page.getByRole("textbox", { name: "Name", exact: true }).fill("Ledger export");
      await page.getByRole("textbox", { name: "Command", exact: true }).fill("/usr/local/bin/export --period 'last month' --to sftp://books.example.com/in");
      await page.getByRole("textbox", { name: "Expression" }).fill("30 2 * * *");
      await page.getByRole("complementary", { name: "Summary" }).getByRole("listitem").first().waitFor();
    },
  },
  {
    name: "job-new-refused", path: "jobs/new",
    async pose(page) {
      await page.getByRole("textbox", { name: "Expression" }).fill("0 25 * * 1-5");
      await text(page, "25 is out of range");
      await click(page, "button", "Create job");
      await page.getByRole("alert").first().waitFor();
    },
  },
  {
    name: "job-new-build", path: "jobs/new",
    async pose(page) {
      await page.getByRole("textbox", { name: "Expression" }).fill("0 9,14 1-7 * 1");
      await click(page, "button", "Build");
      await page.getByRole("group", { name: "Values of the hour" }).waitFor();
      await page.getByRole("complementary", { name: "Summary" }).getByRole("listitem").first().waitFor();
    },
  },
  {
    name: "job-new-warned", path: "jobs/new",
    async pose(page) {
      await page.getByRole("textbox", { name: "Expression" }).fill("* */90 ? * 2-6");
      await page.getByRole("complementary", { name: "Summary" }).getByRole("button").first().waitFor();
    },
  },
  {
    name: "job-new-suggested", path: "jobs/new",
    async pose(page) {
      await page.getByRole("textbox", { name: "Expression" }).fill("15 3 * * 1-5 /usr/bin/backup --all --to 'cold storage'");
      await click(page, "button", "Use 15 3 * * 1-5");
      await text(page, "The rest of that line");
    },
  },
  {
    name: "job-new-celery", path: "jobs/new",
    async pose(page) {
      await page.getByText("Celery task", { exact: true }).first().click();
      await page.getByText("Interval", { exact: true }).first().click();
      await page.getByRole("complementary", { name: "Summary" }).getByRole("listitem").first().waitFor();
    },
  },
  {
    name: "job-new-celery-more", path: "jobs/new",
    async pose(page) {
      await page.getByText("Celery task", { exact: true }).first().click();
      await page.getByRole("textbox", { name: "Name", exact: true }).fill("Dunning letters by night");
      await page.getByRole("combobox", { name: "Task", exact: true }).or(page.getByRole("textbox", { name: "Task", exact: true })).fill("erp.receivables.tasks.dunning");
      await page.getByRole("textbox", { name: "Expression" }).fill("0 22 * * 1-5");
      await click(page, "button", "More settings");
      await page.getByRole("textbox", { name: "Exchange" }).fill("erp");
      await page.getByRole("textbox", { name: "Headers" }).fill('{"id": 7}');
      await page.getByRole("complementary", { name: "Summary" }).getByRole("listitem").first().waitFor();
      await click(page, "button", "Create job");
      await page.getByRole("alert").getByText("things to put right").waitFor();
    },
  },
  { name: "job-edit", path: `jobs/${jobs.flaky.id}/edit`, pose: (page) => page.getByRole("complementary", { name: "Summary" }).getByRole("listitem").first().waitFor() },
  {
    name: "job-edit-leave", path: `jobs/${jobs.flaky.id}/edit`,
    async pose(page) {
      await page.getByRole("textbox", { name: "Name", exact: true }).fill("Stock levels");
      await click(page, "button", "Cancel");
      await page.getByRole("dialog", { name: "Leave without saving?" }).waitFor();
    },
  },
  {
    name: "job-delete", path: `jobs/${jobs.flaky.id}`,
    async pose(page) {
      await click(page, "button", /^More for/);
      await click(page, "menuitem", /^Delete/);
      await page.getByRole("dialog", { name: /^Delete/ }).waitFor();
    },
  },
  {
    name: "job-overlap", path: `jobs/${jobs.busy.id}`,
    async pose(page) {
      await click(page, "button", "Run now");
      await page.getByRole("dialog", { name: "A run is not finished yet" }).waitFor();
    },
  },
  {
    name: "job-run-now", path: `jobs/${jobs.idle.id}`,
    async pose(page) {
      await click(page, "button", "Run now");
      await page.getByRole("alert").getByText(/Success in/).waitFor();
    },
  },
  { name: "runs", path: "runs", pose: (page) => row(page, /Bank statements/) },
  { name: "runs-none", path: "runs?q=zeppelin&status=lost", pose: (page) => text(page, "No run matches") },
  { name: "workers", path: "workers", before: setFleet, pose: (page) => row(page, /w1@/) },
  { name: "workers-no-broker", path: "workers", pose: (page) => text(page, "No broker is set up") },
  { name: "worker", path: "workers/w1@app-1.example.com", before: setFleet, pose: (page) => heading(page, /^w1@/) },
  { name: "queue", path: "queues/night", before: setFleet, pose: (page) => heading(page, "night") },
  { name: "run", path: `runs/${runs.coloured}`, pose: (page) => page.getByRole("log").getByText("DONE").waitFor() },
  { name: "run-live", path: `runs/${runs.live}`, pose: (page) => page.getByRole("log").getByText("waiting").waitFor() },
  {
    name: "run-cancel", path: `runs/${runs.live}`,
    async pose(page) {
      await click(page, "button", "Cancel run");
      await page.getByRole("dialog", { name: "Cancel this run?" }).waitFor();
    },
  },
  { name: "run-failed", path: `runs/${runs.failed}`, pose: (page) => page.getByRole("log").getByText("refused").waitFor() },
  { name: "run-timed-out", path: `runs/${runs.slow}`, pose: (page) => text(page, "printed nothing") },
  { name: "run-undeliverable", path: `runs/${runs.undeliverable}`, pose: (page) => text(page, /Failed/) },
  { name: "run-missed", path: `runs/${runs.missed}`, pose: (page) => text(page, /left out/) },
  { name: "not-found", path: "nowhere/at/all", pose: (page) => text(page, "No such page") },
  { name: "job-not-found", path: "jobs/00000000-0000-4000-8000-000000000000", pose: (page) => text(page, "No such job") },
  { name: "run-not-found", path: "runs/00000000-0000-4000-8000-000000000000", pose: (page) => text(page, "No such run") },
  {
    name: "palette", path: "jobs",
    async pose(page) {
      await row(page, /Database backup/);
      await page.keyboard.press("Control+k");
      await page.getByRole("dialog").waitFor();
      await page.keyboard.type("st");
      await page.getByRole("dialog").getByText("Stock levels").waitFor();
    },
  },
  {
    name: "shortcuts", path: "jobs",
    async pose(page) {
      await row(page, /Database backup/);
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    },
  },
  {
    name: "user-menu", path: "jobs",
    async pose(page) {
      await click(page, "button", /^User menu/);
      await page.getByRole("menuitem", { name: "Sign out" }).waitFor();
    },
  },
  {
    name: "focus", path: "jobs",
    async pose(page) {
      await row(page, /Database backup/);
      for (let presses = 0; presses < 3; presses++) await page.keyboard.press("j"); // oxlint-disable-line no-await-in-loop
      await page.keyboard.press("Tab");
    },
  },
];

// On a server where nothing was made yet, after the change of the one-time password.
export const emptyPictures: Picture[] = [
  { name: "empty-dashboard", path: "", pose: (page) => heading(page, /./) },
  { name: "empty-jobs", path: "jobs", pose: (page) => heading(page, "Jobs") },
  { name: "empty-runs", path: "runs", pose: (page) => text(page, "No runs") },
];
