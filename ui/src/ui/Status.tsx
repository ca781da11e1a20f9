// A status as shape, word and colour, in that order of importance: it must be readable without colour.
import { isCancelling, type Job, type Run, type Status as RunStatus } from "../api/schema";
import { text } from "../text/en";
import classes from "./Status.module.css";

export type StatusWord = RunStatus | "cancelling" | "never" | "inactive" | "paused";
export type Family = "success" | "failed" | "running" | "queued" | "warn" | "idle";

const families: Record<StatusWord, Family> = {
  success: "success",
  failed: "failed",
  timed_out: "failed",
  lost: "failed",
  running: "running",
  cancelling: "running",
  queued: "queued",
  pending: "queued",
  retrying: "queued",
  missed: "warn",
  skipped: "warn",
  cancelled: "idle",
  inactive: "idle",
  paused: "idle",
  never: "idle",
};

export const familyOf = (word: StatusWord): Family => families[word] ?? "idle";

// What a job's row says: what it does now, or whether it may run at all, or how its last run ended.
export function jobStatus(job: Pick<Job, "is_active" | "running_count" | "last_status" | "paused" | "last_run_at">): StatusWord {
  if (job.running_count > 0) return "running";
  if (!job.is_active) return "inactive";
  if (job.paused) return "paused";
  return job.last_status === "pending" && !job.last_run_at ? "never" : job.last_status;
}

export const runStatus = (run: Pick<Run, "status" | "status_display">): StatusWord =>
  isCancelling(run) ? "cancelling" : run.status;

const clock = "M8 4.6V8l2.4 1.6";
const shapes: Record<StatusWord, React.ReactNode> = {
  success: <path d="M3 8.4l3.3 3.3L13 4.8" strokeWidth="2.2" />,
  failed: <path d="M4 4l8 8M12 4l-8 8" strokeWidth="2.2" />,
  timed_out: <><circle cx="8" cy="8" r="6" /><path d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4" /></>,
  lost: <path d="M6.7 9.3l-1.9 1.9a2 2 0 01-2.8-2.8l2-2M9.3 6.7l1.9-1.9A2 2 0 0114 7.6l-2 2M6 2.5v2M10 11.5v2" />,
  running: <path d="M4.5 2.8v10.4L13 8z" fill="currentColor" strokeLinejoin="round" />,
  cancelling: <><circle cx="8" cy="8" r="6" /><rect x="5.8" y="5.8" width="4.4" height="4.4" fill="currentColor" stroke="none" /></>,
  queued: <><circle cx="8" cy="8" r="6" /><path d={clock} /></>,
  pending: <><circle cx="8" cy="8" r="6" strokeDasharray="2.2 1.9" /><path d={clock} /></>,
  retrying: <path d="M13 8a5 5 0 11-1.6-3.7M13 2.2v3h-3" />,
  missed: <path d="M8 2.2L14.4 13.4H1.6zM8 6.4v3.2M8 11.4v.2" strokeLinejoin="round" />,
  skipped: <path d="M2 11V8.5A4.5 4.5 0 016.5 4H12M9.5 1.5L12 4 9.5 6.5M6 12h8" />,
  cancelled: <><circle cx="8" cy="8" r="6" /><path d="M4 12l8-8" /></>,
  inactive: <path d="M5.5 3.5v9M10.5 3.5v9" strokeWidth="2.4" />,
  paused: <path d="M5.5 3.5v9M10.5 3.5v9" strokeWidth="2.4" />,
  never: <path d="M4 8h8" strokeWidth="2.2" />,
};

export function StatusMark({ word, size = 16 }: { word: StatusWord; size?: number }) {
  return (
    <svg
      className={classes.mark}
      data-family={familyOf(word)}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      aria-hidden="true"
    >
      {shapes[word] ?? shapes.never}
    </svg>
  );
}

export function Status({ word, label }: { word: StatusWord; label?: string }) {
  return (
    <span className={classes.status} data-family={familyOf(word)}>
      <StatusMark word={word} />
      <span>{label ?? text.status[word] ?? word}</span>
    </span>
  );
}
