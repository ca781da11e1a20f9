// The program's API, as somebody signed in uses it: to set a scene, and to say what a page should show.
import { vi } from "vitest";
import type { components } from "../../../ui/src/api/types"; // types alone: no spec runs code of the pages

type Schemas = components["schemas"];
export type Job = Schemas["Job"];
export type NewJob = Schemas["JobWrite"];
export type Run = Schemas["RunDetail"];

const finals = ["success", "failed", "timed_out", "cancelled", "lost", "skipped", "missed"];

export class Api {
  private constructor(
    private readonly base: string,
    readonly cookies: Record<string, string>,
  ) {}

  static async signIn(url: string, who: { name: string; password: string }): Promise<Api> {
    const answer = await fetch(`${url}api/auth/login/`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: who.name, password: who.password }),
    });
    if (!answer.ok) throw new Error(`signing in: ${answer.status} ${await answer.text()}`);
    const cookies = answer.headers.getSetCookie().map((cookie) => /^([^=]+)=([^;]*)/.exec(cookie)?.slice(1) ?? ["", ""]);
    return new Api(url, Object.fromEntries(cookies));
  }

  async send<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.fetch(path, { method, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  }

  fetch(path: string, { method = "GET", body }: { method?: string; body?: string } = {}): Promise<Response> {
    return fetch(`${this.base}api/${path}`, {
      method,
      body,
      headers: {
        cookie: Object.entries(this.cookies).map(([name, value]) => `${name}=${value}`).join("; "),
        "x-csrftoken": this.cookies.cjv_csrftoken ?? "",
        accept: "application/problem+json",
        ...(body !== undefined && { "content-type": "application/json" }),
      },
    });
  }

  create(job: NewJob): Promise<Job> {
    return this.send("POST", "cron-jobs/", job);
  }

  // The id of the new run.
  async runNow(job: Job): Promise<string> {
    return (await this.send<{ log_id: string }>("POST", `cron-jobs/${job.id}/run_now/`, {})).log_id;
  }

  run(id: string): Promise<Run> {
    return this.send("GET", `cron-job-logs/${id}/`);
  }

  async newestRun(job: Job): Promise<Run | undefined> {
    return (await this.send<{ results: Run[] }>("GET", `cron-job-logs/?job=${job.id}&page_size=1`)).results[0];
  }

  ended(id: string): Promise<Run> {
    return this.reached(id, finals);
  }

  // The run once its status is one of these. A status that goes by quickly may not be seen.
  reached(id: string, statuses: string[]): Promise<Run> {
    return vi.waitFor(
      async () => {
        const run = await this.run(id);
        if (!statuses.includes(run.status)) throw new Error(`${run.job_name} is ${run.status}, not yet ${statuses.join(" or ")}`);
        return run;
      },
      { timeout: 10_000, interval: 20 },
    );
  }
}

// A command by its words; nobody's schedule unless `more` has one.
export const command = (name: string, argv: string[], more: Partial<NewJob> = {}): NewJob => ({
  name,
  kind: "command",
  target: { argv } as NewJob["target"],
  schedule: null,
  ...more,
});
