// The dashboard.
import { count, number } from "../plural";

export const dashboard = {
  title: "Dashboard",
  trouble: (n: number) => `${count(n, "job")} ${n === 1 ? "needs" : "need"} attention`,
  calm: (n: number) => (n === 0 ? "No job is active" : n === 1 ? "The one active job is fine" : `All ${number(n)} active jobs are fine`),
  nothing: "No jobs yet",
  window: "Window",
  windows: { 1: "1 h", 6: "6 h", 24: "24 h", 168: "7 d" } as Record<number, string>,
  tiles: {
    total: "Jobs",
    active: "Active",
    running: "Running now",
    failed: "Failed last",
    executions: "Runs",
    success: "Success rate",
  },
  tileNotes: {
    inactive: (n: number) => (n ? `${number(n)} inactive` : "none inactive"),
    jobsRunning: (n: number) => (n === 0 ? "nothing at work" : n === 1 ? "job at work" : "jobs at work"),
    failedNow: "of the active jobs",
    average: (d: string) => `${d} on average`,
    ofRuns: (failed: number) => (failed ? `${count(failed, "run")} failed` : "no run failed"),
    noRuns: "no finished runs",
  },
  running: "Running now",
  runningNone: "Nothing is running.",
  upcoming: "Upcoming",
  upcomingNone: "Nothing is due in the next 24 hours.",
  recent: "Recent runs",
  recentNone: "Nothing has run yet.",
  health: "System health",
  byStatus: "Jobs by last status",
  byType: "Schedule types",
  attention: "Needs attention",
  allJobs: "All jobs",
  allRuns: "All runs",
  firstTitle: "Create the first job",
  firstText: "A job is a command or a Celery task with a schedule. It shows up here with its next run, and you can follow its output while it runs.",
};

export const health = {
  healthy: "Healthy",
  degraded: "Degraded",
  unavailable: "Down",
  not_configured: "Not set up",
  component: {
    database: "Database",
    scheduler: "Scheduler",
    broker: "Broker",
    result_backend: "Result backend",
    workers: "Celery workers",
    queues: "Queues",
  } as Record<string, string>,
  since: "since",
  latency: (ms: number) => (ms < 0.1 ? "<0.1 ms" : `${ms < 1 ? ms.toFixed(1) : Math.round(ms)} ms`),
};
