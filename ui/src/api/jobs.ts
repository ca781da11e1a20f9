// Jobs, as the server tells them. The only file that knows these addresses.
import { api, value } from "./client";
import { readExact } from "./exact";
import type { Job, JobDetail, JobPatch, JobWrite, PreviewWrite } from "./schema";
import type { paths } from "./types";

export type JobFilter = Omit<NonNullable<paths["/api/cron-jobs/"]["get"]["parameters"]["query"]>, "page" | "page_size">;

export const listJobs = (filter: JobFilter, page: number, page_size: number, signal?: AbortSignal) =>
  api.GET("/api/cron-jobs/", { params: { query: { ...filter, page, page_size } }, signal }).then(value);

// A job from its text: the numbers that a task is called with stay as they were written.
const jobOf = (json: string): JobDetail => ({ ...(JSON.parse(json) as JobDetail), target: (readExact(json) as JobDetail).target });

// The job and the tag to send back with changes, so that nobody's changes are written over.
export const getJobToEdit = async (id: Job["id"]) => {
  const { data, response } = await api.GET("/api/cron-jobs/{id}/", { params: { path: { id }, query: { logs: 0 } }, parseAs: "text" });
  return { job: jobOf(data ?? "") as Job, etag: response.headers.get("etag") ?? undefined };
};

export const getJob = (id: Job["id"], signal?: AbortSignal) =>
  api.GET("/api/cron-jobs/{id}/", { params: { path: { id } }, parseAs: "text", signal }).then(({ data }) => jobOf(data ?? ""));

// The job without its runs: what a row of the list shows.
export const getJobRow = (id: Job["id"]) =>
  api.GET("/api/cron-jobs/{id}/", { params: { path: { id }, query: { logs: 0 } } }).then(value);

export const createJob = (body: JobWrite) => api.POST("/api/cron-jobs/", { body }).then(value);

// `etag` is that of the version that was changed: rejects with status 412 when there is a newer one.
export const changeJob = (id: Job["id"], body: JobPatch, etag?: string) =>
  api
    .PATCH("/api/cron-jobs/{id}/", { params: { path: { id }, header: etag ? { "If-Match": etag } : undefined }, body })
    .then(value);

export const deleteJob = (id: Job["id"]) => api.DELETE("/api/cron-jobs/{id}/", { params: { path: { id } } }).then(value);

// Asks for a run outside the schedule; the answer has its log_id. Rejects with status 409 while a run is not
// final and the job's overlap is "skip"; `force` runs it all the same.
export const runNow = (id: Job["id"], options: { force?: boolean } = {}) =>
  api.POST("/api/cron-jobs/{id}/run_now/", { params: { path: { id } }, body: options }).then(value);

export const setActive = (id: Job["id"], is_active: boolean) =>
  api.POST("/api/cron-jobs/{id}/update_status/", { params: { path: { id } }, body: { is_active } }).then(value);

// The slots after `from`, or from now on.
export const nextRuns = (id: Job["id"], count: number, from?: string) =>
  api.GET("/api/cron-jobs/{id}/next_runs/", { params: { path: { id }, query: { count, from } } }).then(value);

export const statistics = (hours: number) =>
  api.GET("/api/cron-jobs/statistics/", { params: { query: { hours } } }).then(value);

export const upcoming = (hours: number) => api.GET("/api/cron-jobs/upcoming/", { params: { query: { hours } } }).then(value);

export const preview = (body: PreviewWrite, signal?: AbortSignal) =>
  api.POST("/api/schedules/preview/", { body, signal }).then(value);
