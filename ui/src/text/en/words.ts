// The words of the trade, and those that every page needs. One name for each thing: job, run, task, schedule, next run,
// missed (did not start by slot + grace), late (started after grace), slot.
import { product } from "./product";

export const words = {
  product,
  retry: "Try again",
  cancel: "Cancel",
  close: "Close",
  copy: "Copy",
  copied: "Copied",
  undo: "Undo",
  never: "never",
  none: "none",
  loading: "Loading",

  requestId: (id: string) => `Request ${id}`,

  // The first eleven are the API's `status_display`.
  status: {
    pending: "Pending",
    queued: "Queued",
    running: "Running",
    cancelling: "Cancelling",
    retrying: "Retrying",
    success: "Success",
    failed: "Failed",
    timed_out: "Timed out",
    cancelled: "Cancelled",
    lost: "Lost",
    skipped: "Skipped",
    missed: "Missed",
    never: "No runs yet",
    inactive: "Inactive",
    paused: "Paused",
  },

  // Why a run ended, waits or was left out.
  reason: {
    waiting_overlap: "waits for the run before it",
    broker_away: "waits for the broker, which is away or takes nothing (Health says why)",
    no_local_slot: "waits for a free place on this server",
    by_user: "cancelled by a user",
    revoked: "revoked",
    shutdown: "the server was shut down",
    replaced: "replaced by a newer run",
    ignored: "ignored by the worker",
    exit_code: "its exit code is not a success",
    signal: "the command was ended by a signal",
    exception: "the task raised an exception",
    http_status: "unexpected HTTP status",
    expectation: "the answer was not as expected",
    spawn_error: "the command could not be started",
    rejected: "rejected by the worker",
    not_registered: "no worker knows this task",
    undeliverable: "it could not be delivered",
    process_gone: "its process is gone without a word",
    worker_gone: "its worker is gone",
    server_crashed: "the server crashed while it ran",
    no_end_seen: "its end was never seen",
    paused: "the job was paused",
    overlap: "the run before it was not final",
    skip_next: "skipped on request",
    buffer_full: "one run already waited",
    calendar: "excluded by a calendar",
    dependency: "what it depends on did not run",
    quota: "over the quota",
    server_down: "the server was down",
    stalled: "the scheduler stood still",
    no_leader: "no server led",
    dispatch_deadline: "past its deadline",
    expired: "it expired",
  } as Record<string, string>,

  trigger: {
    schedule: "schedule",
    catch_up: "catch-up",
    manual: "manual",
    api: "API",
    retry: "retry",
    rerun: "rerun",
    external: "seen from outside",
  } as Record<string, string>,

  triggerBy: (trigger: string, who: string) => `${trigger} by ${who}`,

  kind: { command: "Command", celery: "Celery task", http: "HTTP request", internal: "Internal" } as Record<string, string>,

  scheduleType: {
    cron: "Cron",
    interval: "Interval",
    manual: "By hand",
    clocked: "Once",
    solar: "Solar",
  } as Record<string, string>,

  time: { local: "Local", utc: "UTC", iso: "ISO", shownIn: (zone: string) => `in ${zone}` },
};
