// Jobs, as the server tells them. The only file that knows these addresses.
import { call } from "./client";
import type { Job, JobDetail, JobInput, Page, Preview, PreviewRequest, Statistics, UpcomingSlot } from "./schema";

export interface JobFilter {
  search?: string;
  status?: string;
  schedule_type?: string;
  is_active?: string;
  kind?: string;
  owner?: string;
  tag?: string;
  ordering?: string;
}

export const listJobs = (filter: JobFilter, page: number, pageSize: number, signal?: AbortSignal) =>
  call<Page<Job>>("GET", "api/cron-jobs/", { query: { ...filter, page, page_size: pageSize }, signal });

export const getJob = (id: Job["id"], signal?: AbortSignal) =>
  call<JobDetail>("GET", `api/cron-jobs/${id}/`, { signal });

// The job without its runs: what a row of the list shows.
export const getJobRow = (id: Job["id"]) => call<Job>("GET", `api/cron-jobs/${id}/`, { query: { logs: 0 } });

export const createJob = (job: JobInput) => call<JobDetail>("POST", "api/cron-jobs/", { body: job });

export const changeJob = (id: Job["id"], changes: Partial<JobInput>) =>
  call<JobDetail>("PATCH", `api/cron-jobs/${id}/`, { body: changes });

export const deleteJob = (id: Job["id"]) => call<undefined>("DELETE", `api/cron-jobs/${id}/`);

// Asks for a run outside the schedule; the answer has its log_id. Rejects with status 409 while a run is not
// final and the job's overlap is "skip"; `force` runs it all the same.
export const runNow = (id: Job["id"], options: { force?: boolean } = {}) =>
  call<{ status: string; message: string; log_id: string }>("POST", `api/cron-jobs/${id}/run_now/`, { body: options });

export const setActive = (id: Job["id"], is_active: boolean) =>
  call<{ status: string; message: string; is_active: boolean }>("POST", `api/cron-jobs/${id}/update_status/`, {
    body: { is_active },
  });

export const nextRuns = (id: Job["id"], count: number) =>
  call<{ at: string; local: string; offset: string }[]>("GET", `api/cron-jobs/${id}/next_runs/`, { query: { count } });

export const statistics = (hours: number) =>
  call<Statistics>("GET", "api/cron-jobs/statistics/", { query: { hours } });

export const upcoming = (hours: number) =>
  call<UpcomingSlot[]>("GET", "api/cron-jobs/upcoming/", { query: { hours } });

export const preview = (request: PreviewRequest, signal?: AbortSignal) =>
  call<Preview>("POST", "api/schedules/preview/", { body: request, signal });
