// Runs, which the API calls logs. The only file that knows these addresses.
import { address, api, value } from "./client";
import type { Page, Run, RunDetail } from "./schema";
import type { paths } from "./types";

export type RunFilter = Omit<NonNullable<paths["/api/cron-job-logs/"]["get"]["parameters"]["query"]>, "page" | "page_size" | "cursor">;

// The page after `cursor`; "" is the first.
export const listRuns = (filter: RunFilter, page_size: number, cursor = "", signal?: AbortSignal): Promise<Page<Run>> =>
  api.GET("/api/cron-job-logs/", { params: { query: { ...filter, page_size, cursor } }, signal }).then(value);

// The page after this one: `next` is an absolute address, whose cursor alone is ours to use.
export const nextCursor = (page: Page<Run>): string | undefined =>
  (page.next && new URL(page.next, document.baseURI).searchParams.get("cursor")) || undefined;

export const getRun = (id: Run["id"], signal?: AbortSignal): Promise<RunDetail> =>
  api.GET("/api/cron-job-logs/{id}/", { params: { path: { id } }, signal }).then(value);

// `terminate`: a task of Celery that runs is killed; without, it goes on.
export const cancelRun = (id: Run["id"], terminate = false) =>
  api.POST("/api/cron-job-logs/{id}/cancel/", { params: { path: { id } }, body: terminate ? { terminate } : {} }).then(value);

// A new run with what this one was given itself.
export const rerun = (id: Run["id"], { force = false } = {}) =>
  api.POST("/api/cron-job-logs/{id}/rerun/", { params: { path: { id } }, body: { force } }).then(value);

export const outputAddress = (id: Run["id"], query: { follow?: 1 } = {}) => address(`/api/cron-job-logs/${id}/output/`, query);
