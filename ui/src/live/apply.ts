// What an event changes in the answers that pages hold. A run or a job that changed is asked for again by itself,
// so that rows change in place and nothing moves: at most four times a second. Sums are asked for as often as brings them
// within a second, and no oftener.
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { LiveEvent } from "../api/events/hub";
import { getJobRow } from "../api/jobs";
import type { Health, Job, Page, Run, RunDetail, Statistics } from "../api/schema";
import { setServerTime } from "../time/clock";

interface Named {
  id?: string;
  job?: string | null;
}

const firstFlush = 60;
const laterFlush = 250;
const laterSums = 700;
// More changed jobs than this in one second: ask for the pages instead of each row.
const manyJobs = 20;

// Ids of jobs that came since the list was asked for.
export const newJobsKey = ["new-jobs"];

type Cached<T> = Page<T> | InfiniteData<Page<T>> | undefined;

// The page or pages with `change` applied to the row of that id; the same object where there is no such row.
export function withRow<T extends { id: string }>(cached: Cached<T>, id: string, change: (row: T) => T): Cached<T> {
  if (!cached) return cached;
  if ("pages" in cached) {
    const pages = cached.pages.map((page) => withRow(page, id, change) as Page<T>);
    return pages.some((page, i) => page !== cached.pages[i]) ? { ...cached, pages } : cached;
  }
  const at = cached.results.findIndex((row) => row.id === id);
  const row = cached.results[at];
  if (!row) return cached;
  const results = [...cached.results];
  results[at] = change(row);
  return { ...cached, results };
}

export class Live {
  private readonly jobs = new Set<string>();
  private sumsTimer: ReturnType<typeof setTimeout> | undefined;
  private summed = 0;
  private runsChanged = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private flushed = 0;
  private readonly client: QueryClient;

  constructor(client: QueryClient) {
    this.client = client;
  }

  take({ event, data }: LiveEvent): void {
    const named = (data ?? {}) as Named;
    switch (event) {
      case "hello":
        setServerTime((data as { server_time?: string } | null)?.server_time ?? "");
        return;
      case "resync":
        void this.client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" });
        return;
      case "health":
        if (data && "components" in (data as Health)) this.client.setQueryData(["health"], data);
        else void this.client.invalidateQueries({ queryKey: ["health"] });
        return;
      case "job":
        this.jobChanged(data as { id: string; change?: "created" | "updated" | "deleted" });
        break;
      case "run":
        this.patchRun(data as Partial<Run> & { id: string });
        if (named.job) this.jobs.add(named.job);
        this.runsChanged = true;
        break;
      case "stats":
        this.client.setQueriesData<Statistics>({ queryKey: ["statistics"] }, (known) => known && { ...known, ...(data as Partial<Statistics>) });
        break;
      default:
        return;
    }
    this.sumsTimer ??= setTimeout(() => this.sum(), Math.max(firstFlush, this.summed + laterSums - Date.now()));
    this.timer ??= setTimeout(() => void this.flush(), Math.max(firstFlush, this.flushed + laterFlush - Date.now()));
  }

  // A new row would move what somebody is looking at: the list says that there is one, and shows it when asked.
  private jobChanged({ id, change }: { id: string; change?: string }): void {
    if (change === "created") this.client.setQueryData<string[]>(newJobsKey, (ids = []) => [...ids, id]);
    else this.jobs.add(id);
  }

  private patchRun(change: Partial<Run> & { id: string }): void {
    const patch = <T extends Run>(row: T): T => ({ ...row, ...change });
    this.client.setQueriesData<Cached<Run>>({ queryKey: ["runs", "page"] }, (cached) => withRow(cached, change.id, patch));
    this.client.setQueryData<RunDetail>(["runs", "one", change.id], (run) => run && patch(run));
    void this.client.invalidateQueries({ queryKey: ["runs", "one", change.id] });
  }

  private sum(): void {
    this.sumsTimer = undefined;
    this.summed = Date.now();
    for (const queryKey of [["statistics"], ["upcoming"], ["attention"]]) void this.client.invalidateQueries({ queryKey });
  }

  private async flush(): Promise<void> {
    this.timer = undefined;
    this.flushed = Date.now();
    const jobs = [...this.jobs];
    this.jobs.clear();
    if (this.runsChanged) {
      this.runsChanged = false;
      void this.client.invalidateQueries({ queryKey: ["runs", "page"] });
    }
    if (jobs.length > manyJobs) {
      void this.client.invalidateQueries({ queryKey: ["jobs"] });
      return;
    }
    await Promise.all(jobs.map((id) => this.refreshJob(id)));
  }

  private async refreshJob(id: string): Promise<void> {
    void this.client.invalidateQueries({ queryKey: ["jobs", "one", id] });
    void this.client.invalidateQueries({ queryKey: ["jobs", "next", id] });
    if (this.client.getQueryCache().findAll({ queryKey: ["jobs", "page"], type: "active" }).length === 0) {
      void this.client.invalidateQueries({ queryKey: ["jobs", "page"], refetchType: "none" });
      return;
    }
    try {
      const row = await getJobRow(id);
      this.client.setQueriesData<Cached<Job>>({ queryKey: ["jobs", "page"] }, (cached) => withRow(cached, id, () => row));
    } catch {
      // The job is gone, or the server is: the pages say which.
      void this.client.invalidateQueries({ queryKey: ["jobs", "page"] });
    }
  }
}

