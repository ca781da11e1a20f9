// The shapes of the API by the names that pages use.

export type Status =
  | "pending" | "queued" | "running" | "retrying"
  | "success" | "failed" | "timed_out" | "cancelled" | "lost" | "skipped" | "missed";

export type Kind = "command" | "http" | "celery" | "internal";
export type ScheduleType = "cron" | "interval" | "clocked" | "solar" | "manual";
export type Overlap = "allow" | "skip" | "queue_one" | "queue_all" | "cancel_running";
export type Misfire = "none" | "latest" | "all";

export interface User {
  id: number;
  username: string;
  first_name: string;
  last_name: string;
  email: string;
  is_staff?: boolean;
  is_superuser?: boolean;
}

export interface Me {
  user: User;
  permissions: string[];
  server_time: string;
  version: string;
  must_change_password: boolean;
}

export interface CommandTarget {
  argv: string[];
  env?: Record<string, string>;
  cwd?: string | null;
  shell?: boolean;
  stdin?: string | null;
  success_codes?: number[];
}

export interface CeleryTarget {
  task: string;
  args?: unknown[];
  kwargs?: Record<string, unknown>;
  queue?: string | null;
}

export interface JobInput {
  name: string;
  description?: string;
  kind: Kind;
  task?: string;
  target?: CommandTarget | CeleryTarget | Record<string, unknown>;
  schedule: string | null;
  schedule_type?: ScheduleType;
  timezone?: string;
  is_active?: boolean;
  tags?: string[];
  misfire?: Misfire;
  misfire_window?: number;
  misfire_limit?: number;
  overlap?: Overlap;
  grace?: number;
  timeout?: number | null;
}

export interface Job extends JobInput {
  id: string;
  description: string;
  task: string;
  target: Record<string, unknown>;
  schedule_type: ScheduleType;
  timezone: string;
  is_active: boolean;
  tags: string[];
  priority: number;
  owner: User | null;
  paused: { reason: string; by: string | null; until: string | null; since: string } | null;
  schedule_display: string;
  next_run_at: string | null;
  last_run_at: string | null;
  last_status: Status;
  running_count: number;
  total_run_count: number;
  created_at: string;
  updated_at: string;
  version: number;
}

export interface Run {
  id: string;
  at: string;
  job: string | null;
  job_name: string;
  task: string;
  status: Status;
  status_display: string;
  reason: string | null;
  trigger: "schedule" | "catch_up" | "manual" | "api" | "retry" | "rerun" | "external";
  attempt: number;
  scheduled_for: string | null;
  queued_at: string | null;
  received_at: string | null;
  run_started_at: string | null;
  run_ended_at: string | null;
  late: boolean;
  execution_time: number | null;
  duration_formatted: string;
  output_message: string;
  result: string | null;
  output_size: number;
  output_cut: number;
  error: string | null;
  traceback: string | null;
  exit_code: number | null;
  celery_task_id: string | null;
  worker_name: string | null;
  triggered_by: string | null;
  rerun_of: string | null;
  cancel_requested?: boolean;
  slot_count?: number | null;
  scheduled_until?: string | null;
}

export interface Attempt {
  n: number;
  started_at: string | null;
  ended_at: string | null;
  status: Status;
  reason: string | null;
  worker_name: string | null;
  error: string | null;
}

export interface RunDetail extends Run {
  attempts: Attempt[];
  notes: ({ at?: string; text: string } | string)[];
  evidence?: string | null;
}

export interface JobDetail extends Job {
  execution_logs?: Run[];
}

export interface Page<T> {
  count: number;
  count_is_exact?: boolean;
  next: string | null;
  previous?: string | null;
  results: T[];
}

export interface Statistics {
  total_jobs: number;
  active_jobs: number;
  inactive_jobs: number;
  running_jobs: number;
  failed_jobs: number;
  jobs_by_status: Partial<Record<Status, number>>;
  jobs_by_schedule_type: Partial<Record<ScheduleType, number>>;
  recent_executions: number;
  successful_executions: number;
  failed_executions: number;
  average_execution_time: number;
  total_execution_time: number;
}

export interface UpcomingSlot {
  job: string;
  name: string;
  at: string;
  local: string;
  timezone: string;
}

export type ComponentState = "healthy" | "degraded" | "unavailable" | "not_configured";

export interface Health {
  status: ComponentState;
  components: Record<string, {
    status: ComponentState;
    detail?: string | null;
    since?: string | null;
    latency_ms?: number | null;
  }>;
}

export interface PreviewRequest {
  schedule: string;
  schedule_type?: ScheduleType;
  timezone?: string;
  count?: number;
}

export interface PreviewWarning {
  code: string;
  message: string;
  strong: boolean;
  suggest?: string | null;
}

export interface Preview {
  schedule_type: ScheduleType;
  words: string;
  next: string[];
  anchor?: string | null;
  runs_per_week: number;
  warnings: PreviewWarning[];
}

export const finalStatuses: ReadonlySet<Status> = new Set([
  "success", "failed", "timed_out", "cancelled", "lost", "skipped", "missed",
]);

export const isFinal = (status: Status): boolean => finalStatuses.has(status);
