// The shapes of the API by the names that pages use. All come from docs/reference/openapi.yaml.
import type { components } from "./types";

type Schemas = components["schemas"];

export type Status = Schemas["RunStatus"];
export type Kind = Schemas["JobKind"];
export type ScheduleType = Schemas["ScheduleType"];
export type Overlap = Schemas["Overlap"];
export type Misfire = Schemas["Misfire"];
export type Job = Schemas["Job"];
export type JobDetail = Schemas["JobDetail"];
export type JobWrite = Schemas["JobWrite"];
export type JobPatch = Schemas["JobPatch"];
export type CommandTarget = Schemas["CommandTarget"];
export type CeleryTarget = Schemas["CeleryTarget"];
export type RunSummary = Schemas["RunSummary"];
// A run, or a range of slots that did not run.
export type Run = Schemas["Run"] & Partial<Pick<Schemas["RunRange"], "slot_count" | "scheduled_until">>;
export type RunDetail = Run & Schemas["RunStages"];
export type Statistics = Schemas["Statistics"];
export type Health = Schemas["Health"];
export type ComponentState = Schemas["ComponentStatus"];
export type Me = Schemas["Me"];
export type Permission = Schemas["Permission"];
export type Preview = Schemas["Preview"];
export type PreviewWrite = Schemas["PreviewWrite"];
export type ScheduleWarning = Schemas["ScheduleWarning"];
export type WarningCode = ScheduleWarning["code"];
export type DayMatch = Schemas["DayMatch"];
export type DstGap = Schemas["DstGap"];
export type DstFold = Schemas["DstFold"];
export type ClockChange = Schemas["Slot"]["clock_change"];
export type Suggestion = Schemas["ScheduleSuggestion"];
export type Worker = Schemas["Worker"];
export type WorkerDetail = Schemas["WorkerDetail"];
export type HeldTask = Schemas["HeldTask"];
export type ControlAnswer = Schemas["ControlAnswer"];
export type Queue = Schemas["Queue"];
export type QueuedMessage = Schemas["QueuedMessage"];
export type Chunk = Schemas["OutputChunk"];
export type FieldError = Schemas["ProblemField"];

// An active job that runs no more because of its end. What runs when the server starts never has a next run.
export const isOver = (job: Pick<Job, "is_active" | "next_run_at" | "end_at" | "schedule" | "trouble">): boolean =>
  job.is_active && job.next_run_at === null && Boolean(job.end_at) && !job.trouble && !["", "@reboot"].includes(job.schedule.trim().toLowerCase());

export interface Page<T> {
  count: number;
  count_is_exact?: boolean;
  next: string | null;
  previous?: string | null;
  results: T[];
}

const finalStatuses: ReadonlySet<Status> = new Set([
  "success", "failed", "timed_out", "cancelled", "lost", "skipped", "missed",
]);

export const isFinal = (status: Status): boolean => finalStatuses.has(status);

// A cancel was asked for, and the end has not come.
export const isCancelling = (run: Pick<Run, "status" | "status_display">): boolean =>
  !isFinal(run.status) && run.status_display === "Cancelling";
