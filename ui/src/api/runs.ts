// Runs, which the API calls logs. The only file that knows these addresses.
import { address, call } from "./client";
import type { Page, Run, RunDetail } from "./schema";

export interface RunFilter {
  job?: string;
  status?: string;
  trigger?: string;
  search?: string;
  date_from?: string;
  date_to?: string;
  ordering?: string;
}

export const listRuns = (filter: RunFilter, pageSize: number, cursor?: string, signal?: AbortSignal) =>
  call<Page<Run>>("GET", "api/cron-job-logs/", {
    query: { ...filter, page_size: pageSize, cursor },
    signal,
  });

// The page after this one: `next` is an absolute address, whose cursor alone is ours to use.
export const nextCursor = (page: Page<Run>): string | undefined =>
  (page.next && new URL(page.next, document.baseURI).searchParams.get("cursor")) || undefined;

export const getRun = (id: Run["id"], signal?: AbortSignal) =>
  call<RunDetail>("GET", `api/cron-job-logs/${id}/`, { signal });

export const cancelRun = (id: Run["id"]) =>
  call<{ status: string; message: string }>("POST", `api/cron-job-logs/${id}/cancel/`, { body: {} });

export const rerun = (id: Run["id"]) =>
  call<{ status: string; message: string; log_id: string }>("POST", `api/cron-job-logs/${id}/rerun/`, { body: {} });

export const outputAddress = (id: Run["id"], query: { follow?: number; stream?: string } = {}) =>
  address(`api/cron-job-logs/${id}/output/`, query);
