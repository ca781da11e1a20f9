// Every page that there is, over a scene that gives each something to show.
import type { Page } from "playwright-core";
import type { Api, Job } from "./api";
import { command } from "./api";

export interface Place {
  name: string;
  path: string; // below the prefix
  ready(page: Page): Promise<void>; // what it shows has arrived
}

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name }).waitFor();
const row = (page: Page, name: string | RegExp) => page.getByRole("row", { name }).first().waitFor();

// A job with one run, on every page that shows one. `hours`: "@hourly" or another schedule that is not due meanwhile.
export async function setPlaces(api: Api): Promise<{ job: Job; run: string; places: Place[] }> {
  const job = await api.create(command("nightly report", ["/bin/echo", "42 rows written"], { schedule: "15 2 * * 1-5", tags: ["reports"] }));
  await api.create(command("asleep", ["/bin/true"], { schedule: "15 2 * * *", is_active: false }));
  const run = await api.runNow(job);
  await api.ended(run);
  const places: Place[] = [
    { name: "dashboard", path: "", ready: (page) => page.getByRole("link", { name: /nightly report/ }).first().waitFor() },
    { name: "jobs", path: "jobs", ready: (page) => row(page, /nightly report/) },
    { name: "job", path: `jobs/${job.id}`, ready: (page) => heading(page, job.name) },
    { name: "job-runs", path: `jobs/${job.id}/runs`, ready: (page) => row(page, /Success/) },
    { name: "job-schedule", path: `jobs/${job.id}/schedule`, ready: (page) => page.getByRole("list", { name: "Next runs" }).waitFor() },
    { name: "job-definition", path: `jobs/${job.id}/config`, ready: (page) => page.getByText("42 rows written").waitFor() },
    { name: "job-edit", path: `jobs/${job.id}/edit`, ready: (page) => heading(page, "Edit nightly report") },
    { name: "job-new", path: "jobs/new", ready: (page) => heading(page, "New job") },
    { name: "workers", path: "workers", ready: (page) => page.getByText("No broker is set up").waitFor() },
    { name: "runs", path: "runs", ready: (page) => row(page, /nightly report/) },
    { name: "run", path: `runs/${run}`, ready: (page) => page.getByRole("log").getByText("42 rows written").waitFor() },
  ];
  return { job, run, places };
}
