// Everything that opens over a page, and the states of a page that it has only for a while.
import type { Page } from "playwright-core";
import type { Job } from "./api";

export interface Opened {
  name: string;
  path: string; // where it opens
  open(page: Page): Promise<unknown>;
}

const choose = async (page: Page, menu: string | RegExp, item: string | RegExp) => {
  await page.getByRole("button", { name: menu }).click();
  await page.getByRole("menuitem", { name: item }).click();
};
const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name }).waitFor();

// One after the other on one page: the last ends its session. `job` is at rest; `busy` skips a run that would overlap, and
// `run` of it is at work.
export function dialogs({ job, busy, run }: { job: Job; busy: Job; run: string }): Opened[] {
  const at = `jobs/${job.id}`;
  return [
    {
      name: "shortcuts", path: at,
      async open(page) {
        await page.keyboard.press("?");
        await dialog(page, "Keyboard shortcuts");
      },
    },
    {
      name: "palette", path: at,
      async open(page) {
        await page.keyboard.press("Control+k");
        await dialog(page, "Search or jump to");
        await page.keyboard.type("night");
        await page.getByRole("option", { name: /nightly report/ }).waitFor();
      },
    },
    {
      name: "user menu", path: at,
      async open(page) {
        await page.getByRole("button", { name: /^User menu/ }).click();
        await page.getByRole("menuitem", { name: "Sign out" }).waitFor();
      },
    },
    {
      name: "change of password", path: at,
      async open(page) {
        await choose(page, /^User menu/, "Change password");
        await dialog(page, "Change password");
      },
    },
    {
      name: "delete", path: at,
      async open(page) {
        await choose(page, `More for ${job.name}`, /^Delete/);
        await dialog(page, /^Delete/);
      },
    },
    {
      name: "overlap", path: `jobs/${busy.id}`,
      async open(page) {
        await page.getByRole("button", { name: "Run now" }).click();
        await dialog(page, "A run is not finished yet");
      },
    },
    {
      name: "cancel", path: `runs/${run}`,
      async open(page) {
        await page.getByRole("button", { name: "Cancel run" }).click();
        await dialog(page, "Cancel this run?");
      },
    },
    {
      name: "leave a form", path: `${at}/edit`,
      async open(page) {
        await page.getByRole("textbox", { name: "Name", exact: true }).fill("something else");
        await page.getByRole("button", { name: "Cancel" }).click();
        await dialog(page, "Leave without saving?");
      },
    },
    {
      name: "a form with errors", path: "jobs/new",
      async open(page) {
        await page.getByRole("textbox", { name: "Expression" }).fill("0 25 * * *");
        await page.getByRole("status").getByText("out of range").waitFor();
        await page.getByRole("button", { name: "Create job" }).click();
        await page.getByRole("alert").getByText("things to put right").waitFor();
      },
    },
    {
      name: "filters", path: "jobs?status=success",
      async open(page) {
        await page.getByRole("button", { name: "Status : Success" }).click();
        await page.getByRole("menuitemcheckbox", { name: "Timed out" }).waitFor();
      },
    },
    {
      name: "toasts", path: at,
      async open(page) {
        await page.getByRole("button", { name: "Run now" }).click();
        await page.getByRole("alert").getByText(/Success in/).waitFor();
      },
    },
    { name: "no such page", path: "nowhere/at/all/here", open: (page) => page.getByText("No such page").waitFor() },
    { name: "no such job", path: "jobs/00000000-0000-4000-8000-000000000000", open: (page) => page.getByText("No such job").waitFor() },
    { name: "no such run", path: "runs/00000000-0000-4000-8000-000000000000", open: (page) => page.getByText("No such run").waitFor() },
    {
      name: "the session ended", path: "jobs",
      async open(page) {
        await page.getByRole("row", { name: /nightly report/ }).waitFor();
        await page.context().clearCookies();
        await page.getByRole("columnheader", { name: "Next run" }).getByRole("button").click();
        await dialog(page, "Sign in");
      },
    },
  ];
}
