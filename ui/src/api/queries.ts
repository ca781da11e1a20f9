// What pages ask, under which keys the answers are kept, and how long they count as fresh. The event stream keeps
// them current, so nothing is asked again merely because a window got the focus.
import { keepPreviousData, queryOptions, QueryClient } from "@tanstack/react-query";
import * as auth from "./auth";
import * as fleet from "./fleet";
import * as jobs from "./jobs";
import type { Page, Status } from "./schema";
import { Problem } from "./problem";
import * as runs from "./runs";

export const pageSize = 100;
// How a run ends that should have done otherwise.
export const failing: Status[] = ["failed", "timed_out", "lost"];

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

// The active jobs that failed last, newest first: asked for again with each sum, because others come into it.
export const attentionQuery = queryOptions({
  queryKey: ["attention"],
  queryFn: ({ signal }) => jobs.listJobs({ status: failing, is_active: true, ordering: ["-last_run_at"] }, 1, 6, signal),
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

// Workers and queues change without a word of the event stream: they are asked for while somebody looks.
// What is asked again is older than this by the way to Redis and back: the depth of a queue is to be right within 5 s.
const fleetEvery = 4000;

// All pages of a list that is never long.
async function all<Row>(list: (page: number) => Promise<Page<Row>>): Promise<Row[]> {
  const rows: Row[] = [];
  for (let page = 1; ; page++) {
    // Each page says whether there is another.
    // oxlint-disable-next-line no-await-in-loop
    const { results, next } = await list(page);
    rows.push(...results);
    if (!next || results.length === 0) return rows;
  }
}

export const workersQuery = queryOptions({
  queryKey: ["workers"], queryFn: ({ signal }) => all((page) => fleet.listWorkers(page, signal)), refetchInterval: fleetEvery, staleTime: fleetEvery,
});

export const workerQuery = (name: string) =>
  queryOptions({ queryKey: ["workers", name], queryFn: ({ signal }) => fleet.getWorker(name, signal), refetchInterval: fleetEvery, staleTime: fleetEvery });

export const queuesQuery = queryOptions({
  queryKey: ["queues"], queryFn: ({ signal }) => all((page) => fleet.listQueues(page, signal)), refetchInterval: fleetEvery, staleTime: fleetEvery,
});

export const messagesQuery = (name: string) =>
  queryOptions({ queryKey: ["queues", name], queryFn: ({ signal }) => fleet.listMessages(name, 100, signal), refetchInterval: fleetEvery, staleTime: fleetEvery });

// Tasks whose names begin to be typed; for suggestions alone.
export const tasksQuery = (search: string) =>
  queryOptions({ queryKey: ["tasks", search], queryFn: ({ signal }) => fleet.listTasks(search, signal), placeholderData: keepPreviousData, retry: false });
