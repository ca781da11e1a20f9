// What pages ask, under which keys the answers are kept, and how long they count as fresh. The event stream keeps
// them current, so nothing is asked again merely because a window got the focus.
import { keepPreviousData, queryOptions, QueryClient } from "@tanstack/react-query";
import * as auth from "./auth";
import * as jobs from "./jobs";
import { Problem } from "./problem";
import * as runs from "./runs";

export const pageSize = 100;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // A refusal stays a refusal; only silence and a server in trouble are worth a second try.
      retry: (count, error) => count < 2 && !(error instanceof Problem && error.status > 0 && error.status < 500),
    },
  },
});

export const meQuery = queryOptions({ queryKey: ["me"], queryFn: auth.me, staleTime: Infinity });
export const healthQuery = queryOptions({ queryKey: ["health"], queryFn: auth.health, refetchInterval: 30_000 });

export const jobsPageQuery = (filter: jobs.JobFilter, page: number) =>
  queryOptions({
    queryKey: ["jobs", "page", filter, page],
    queryFn: ({ signal }) => jobs.listJobs(filter, page, pageSize, signal),
    placeholderData: page === 1 ? keepPreviousData : undefined,
  });

export const jobQuery = (id: string) =>
  queryOptions({ queryKey: ["jobs", "one", id], queryFn: ({ signal }) => jobs.getJob(id, signal) });

export const nextRunsQuery = (id: string) =>
  queryOptions({ queryKey: ["jobs", "next", id], queryFn: () => jobs.nextRuns(id, 8) });

export const statisticsQuery = (hours: number) =>
  queryOptions({ queryKey: ["statistics", hours], queryFn: () => jobs.statistics(hours), placeholderData: keepPreviousData });

export const upcomingQuery = (hours: number) =>
  queryOptions({ queryKey: ["upcoming", hours], queryFn: () => jobs.upcoming(hours) });

export const runsQuery = (filter: runs.RunFilter, size: number) =>
  queryOptions({
    queryKey: ["runs", "page", filter, size],
    queryFn: ({ signal }) => runs.listRuns(filter, size, undefined, signal),
    placeholderData: keepPreviousData,
  });

export const runQuery = (id: string) =>
  queryOptions({ queryKey: ["runs", "one", id], queryFn: ({ signal }) => runs.getRun(id, signal) });
