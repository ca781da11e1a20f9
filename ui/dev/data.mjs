// The stand-in's memory: a few dozen jobs with a history, and what happens to them while it runs.
import { randomUUID } from "node:crypto";
import { local, next, parse, words } from "./cron.mjs";

export const users = [
  { id: 1, username: "admin", first_name: "", last_name: "", email: "admin@example.org", is_staff: true, is_superuser: true },
  { id: 2, username: "amara", first_name: "Amara", last_name: "Diallo", email: "amara@example.org", is_staff: true, is_superuser: false },
];

const now = () => Date.now();
const iso = (at) => (at === null ? null : new Date(at).toISOString());
export const jobs = new Map();
export const runs = new Map();
export const outputs = new Map();
const listeners = new Set();
export const onEvent = (fn) => (listeners.add(fn), () => listeners.delete(fn));
const emit = (event, data) => listeners.forEach((fn) => fn(event, data));

export function addJob(input, owner = users[0], created = now()) {
  const kind = input.kind ?? "celery";
  const target = input.target ?? { task: input.task };
  const schedule = input.schedule ? parse(input.schedule) : null;
  const job = {
    id: randomUUID(), description: "", is_active: true, priority: 0, tags: [], timezone: "UTC", misfire: "latest", misfire_window: 86400,
    misfire_limit: 100, overlap: kind === "celery" ? "allow" : "skip", grace: 60, timeout: null, paused: null, retries: 0, ...input, kind, target,
    task: kind === "command" ? target.argv[0] : kind === "internal" ? target.action : target.task,
    owner, last_status: "pending", last_run_at: null, running_count: 0, total_run_count: 0, version: 1,
    created_at: iso(created), updated_at: iso(created), schedule_type: schedule?.type ?? "manual",
  };
  place(job);
  jobs.set(job.id, job);
  emit("job", { id: job.id });
  return job;
}

export function place(job) {
  const schedule = job.schedule ? parse(job.schedule) : null;
  job.schedule_type = schedule?.type ?? "manual";
  job.schedule_display = schedule ? words(schedule) : "By hand only";
  const at = schedule && job.is_active ? next(schedule, job.timezone, now(), 1)[0] ?? null : null;
  job.next_run_at = iso(at);
}

export function changeJob(job, changes) {
  Object.assign(job, changes);
  job.version++;
  job.updated_at = iso(now());
  place(job);
  emit("job", { id: job.id });
}

export function dropJob(job) {
  jobs.delete(job.id);
  emit("job", { id: job.id });
}

const display = { timed_out: "Timed out" };
export function addRun(job, facts) {
  const run = {
    id: randomUUID(), job: job.id, job_name: job.name, task: job.task, reason: null, trigger: "schedule", attempt: 1, scheduled_for: null,
    queued_at: null, received_at: null, run_started_at: null, run_ended_at: null, late: false, execution_time: null, duration_formatted: "N/A",
    output_message: "", result: null, output_size: 0, output_cut: 0, error: null, traceback: null, exit_code: null, celery_task_id: null,
    worker_name: "local", triggered_by: null, rerun_of: null, attempts: [], notes: [], reruns: [], ...facts,
  };
  run.status_display = display[run.status] ?? run.status[0].toUpperCase() + run.status.slice(1);
  runs.set(run.id, run);
  outputs.set(run.id, []);
  return run;
}

export function print(run, text, stream = "stdout", at = now()) {
  const chunks = outputs.get(run.id);
  const last = chunks.at(-1);
  chunks.push({ stream, offset: last ? last.offset + Buffer.byteLength(last.text) : 0, at: iso(at), text });
  run.output_size += Buffer.byteLength(text);
  run.output_message = (run.output_message + text).slice(-4096);
  emit(`output:${run.id}`, chunks.length);
}

const changed = (run) => {
  emit("run", { id: run.id, job: run.job, status: run.status });
  emit("stats", {});
};

export function start(job, by, extra = {}) {
  const run = addRun(job, { at: iso(now()), status: "queued", queued_at: iso(now()), trigger: by ? "manual" : "schedule", triggered_by: by, ...extra });
  changed(run);
  setTimeout(() => {
    if (run.status !== "queued") return;
    run.status = "running";
    run.run_started_at = iso(now());
    job.running_count++;
    job.last_run_at = run.run_started_at;
    changed(run);
    script(run, job);
  }, 120);
  return run;
}

export function finish(run, status, facts = {}) {
  if (run.run_ended_at) return;
  const job = jobs.get(run.job);
  run.status = status;
  run.run_ended_at = iso(now());
  run.execution_time = (now() - Date.parse(run.run_started_at ?? run.at)) / 1000;
  run.duration_formatted = `${run.execution_time.toFixed(1)}s`;
  Object.assign(run, facts);
  run.status_display = display[status] ?? status[0].toUpperCase() + status.slice(1);
  if (job) {
    job.running_count = Math.max(0, job.running_count - 1);
    job.last_status = status;
    job.total_run_count++;
  }
  emit(`output:${run.id}`, -1);
  changed(run);
}

// What a run prints: told by the job's last argument, so that a test can ask for what it needs.
function script(run, job) {
  const argv = job.target.argv ?? [];
  const wanted = argv.at(-1) ?? "";
  const end = () => finish(run, /fail/.test(wanted) ? "failed" : "success", /fail/.test(wanted) ? { exit_code: 3, reason: "exit_code", error: "the command ended with code 3" } : { exit_code: 0 });
  if (wanted === "colours") {
    print(run, "\u001b[1mbold\u001b[0m \u001b[31mred\u001b[0m \u001b[32;4mgreen\u001b[0m \u001b[38;5;208morange\u001b[0m plain\n");
    print(run, "<img src=x onerror=alert(1)> stays text\n");
    let at = 0;
    const timer = setInterval(() => {
      at += 5;
      print(run, `\r\u001b[Kprogress ${String(at).padStart(3)} % [${"#".repeat(at / 5).padEnd(20)}]`);
      if (at >= 100) {
        clearInterval(timer);
        print(run, "\ndone\n");
        end();
      }
    }, 100);
    return;
  }
  const lines = /^\d+$/.test(wanted) ? Number(wanted) : 40;
  let line = 0;
  const timer = setInterval(() => {
    if (run.run_ended_at) return clearInterval(timer);
    line++;
    const level = line % 13 === 0 ? "\u001b[33mWARN\u001b[0m " : "INFO ";
    print(run, `${new Date().toISOString().slice(11, 23)} ${level} posting batch ${line} of ${lines}: ${(line * 7919) % 48112} entries\n`, line % 17 === 0 ? "stderr" : "stdout");
    if (line >= lines) {
      clearInterval(timer);
      end();
    }
    return undefined;
  }, /slow/.test(job.name) ? 1000 : 150);
}

const seeds = [
  ["ledger close day", "command", ["/opt/erp/bin/ledger", "close-day", "--period", "2026-11", "fail"], "0 2 * * 1-5", "Europe/Berlin", ["month-end", "finance"]],
  ["payroll export", "command", ["/opt/erp/bin/payroll", "export"], "0 2 * * *", "UTC", ["finance"]],
  ["mail digest", "command", ["/usr/local/bin/digest", "--all"], "every 10 minutes", "UTC", []],
  ["sync stock", "command", ["/opt/erp/bin/stock", "sync", "120"], "*/15 * * * *", "UTC", ["stock"]],
  ["nightly report (slow)", "command", ["/opt/erp/bin/report", "--nightly", "600"], "30 3 * * *", "America/New_York", ["reports"]],
  ["billing.tasks.invoice", "celery", "billing.tasks.create_invoices", "0 6 1 * *", "UTC", ["billing"]],
  ["crm.tasks.sync contacts", "celery", "crm.tasks.sync_contacts", "*/30 8-18 * * 1-5", "Europe/Paris", ["crm"]],
  ["colour test", "command", ["/bin/sh", "colours"], null, "UTC", []],
  ["<img src=x onerror=alert(1)>", "command", ["/bin/echo", "<img src=x onerror=alert(2)>"], "0 5 * * *", "UTC", ["<b>tag</b>"]],
  ["Clean-up of old runs", "internal", "clean_up", "17 3 * * *", "UTC", []],
  ["Health check", "internal", "health_check", "every 5 minutes", "UTC", []],
];

export function seed(many = 60) {
  let n = 0;
  const add = (name, kind, what, schedule, timezone, tags) => {
    const target = kind === "command" ? { argv: what } : kind === "celery" ? { task: what, args: [], kwargs: {} } : { action: what };
    const job = addJob({ name, kind, target, schedule, timezone, tags, description: n === 0 ? "Closes the books of the day and posts the totals." : "" }, users[n++ % 2], now() - 40 * 86400e3);
    return job;
  };
  for (const each of seeds) add(...each);
  for (let i = 1; i <= many; i++) {
    add(`tenant ${String(i).padStart(3, "0")} refresh`, "command", ["/opt/erp/bin/refresh", "--tenant", String(i)], `${i % 60} ${i % 24} * * *`, i % 3 ? "UTC" : "Europe/Berlin", ["tenants"]);
  }
  const all = [...jobs.values()];
  all.forEach((job, i) => {
    if (i % 11 === 6) changeJob(job, { is_active: false });
    if (i === 7 || i % 19 === 18) return;
    for (let k = 30; k > 0; k--) {
      const at = now() - k * (k === 1 ? 9 * 60e3 * (1 + (i % 50)) : 3600e3 * 5 + i * 60e3);
      const seconds = 1 + ((i * 37 + k * 13) % 90) / 1.7;
      const bad = (i === 0 && k < 4) || (i * 31 + k * 7) % 29 === 0;
      const status = bad ? ["failed", "timed_out", "lost", "missed", "failed", "cancelled"][(i + k) % 6 === 5 && i === 0 ? 0 : (i + k) % 6] : "success";
      const run = addRun(job, {
        at: iso(at), scheduled_for: iso(at), queued_at: iso(at + 40), run_started_at: status === "missed" ? null : iso(at + 400), run_ended_at: status === "missed" ? null : iso(at + 400 + seconds * 1000), status,
        execution_time: status === "missed" ? null : seconds, duration_formatted: `${seconds.toFixed(1)}s`, exit_code: status === "success" ? 0 : status === "failed" ? 1 : null,
        reason: { failed: "exit_code", lost: "server_crashed", missed: "server_down" }[status] ?? null,
        error: status === "failed" ? "KeyError: 'period'" : null, trigger: k % 9 === 0 ? "manual" : "schedule", triggered_by: k % 9 === 0 ? "amara" : null,
      });
      if (status !== "missed") {
        print(run, `reading entries\nposting 12 batches\n`, "stdout", at + 500);
        if (status === "failed") print(run, "Traceback (most recent call last):\n  File \"close.py\", line 88, in close_day\n    period = args['period']\nKeyError: 'period'\n", "stderr", at + 900);
      }
      job.last_status = status;
      job.last_run_at = run.run_started_at ?? job.last_run_at;
      job.total_run_count++;
    }
  });
}

export function beat() {
  for (const job of jobs.values()) {
    if (!job.next_run_at || Date.parse(job.next_run_at) > now()) continue;
    const slot = job.next_run_at;
    place(job);
    start(job, null, { scheduled_for: slot, at: slot });
    emit("job", { id: job.id });
  }
}

export const slots = (job, from, count) => (job.schedule ? next(parse(job.schedule), job.timezone, from, count) : []);
export { iso, local };
