// A stand-in for the real server while pages are made: the shapes of docs/reference/openapi.yaml over data in memory, and
// dist/ served with the real policy. Not a reference: where it and the server differ, the server is right.
//   node dev/server.mjs [--port 8100] [--prefix /utilities/cron-job-viewer/] [--one-time]
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import { parseArgs } from "node:util";
import { Refusal, local, next, parse, words } from "./cron.mjs";
import * as data from "./data.mjs";

const { values: args } = parseArgs({
  options: {
    port: { type: "string", default: "8100" },
    prefix: { type: "string", default: "/utilities/cron-job-viewer/" },
    "one-time": { type: "boolean", default: false },
    jobs: { type: "string", default: "60" },
    empty: { type: "boolean", default: false },
  },
});
const { prefix } = args;
const dist = new URL("../dist/", import.meta.url);
let mustChange = args["one-time"];
let password = "admin-password";
const sessions = new Map();
if (!args.empty) data.seed(Number(args.jobs));
setInterval(data.beat, 500);

const types = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

class Answer extends Error {
  constructor(status, body, headers = {}) {
    super(String(status));
    Object.assign(this, { status, body, headers });
  }
}
const problem = (status, detail, more = {}) =>
  new Answer(status, { type: "about:blank", title: detail, status, detail, request_id: randomUUID().slice(0, 8), ...more }, { "content-type": "application/problem+json" });
const invalid = (errors) => problem(400, "The request is not valid.", { code: "invalid", errors });
const refused = (path, r) => ({ path, code: r.code, message: r.message, field: r.field ?? undefined, column: r.column ?? undefined, suggest: r.suggest });

function asset(res, name, accept) {
  const url = new URL(name, dist);
  if (!existsSync(url)) throw problem(404, "Not found.");
  const br = accept.includes("br") && existsSync(new URL(`${name}.br`, dist));
  res.writeHead(200, { "content-type": types[extname(name)] ?? "application/octet-stream", "cache-control": "public, max-age=31536000, immutable", ...(br && { "content-encoding": "br" }) });
  res.end(readFileSync(br ? new URL(`${name}.br`, dist) : url));
}

function page(res) {
  const nonce = randomBytes(16).toString("base64url");
  const boot = JSON.stringify({ version: "0.1.0-dev", prefix, server_time: new Date().toISOString(), environment: null }).replaceAll("<", "\\u003c");
  const html = readFileSync(new URL("index.html", dist), "utf8").replaceAll("__CJV_BASE__", prefix).replaceAll("__CJV_NONCE__", nonce).replace("__CJV_BOOT__", () => boot);
  res.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-cache",
    "content-security-policy": `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`,
  });
  res.end(html);
}

const jobOf = (id) => data.jobs.get(id) ?? fail(problem(404, "Not found."));
const runOf = (id) => data.runs.get(id) ?? fail(problem(404, "Not found."));
const fail = (error) => {
  throw error;
};
const brief = ({ attempts: _a, notes: _n, reruns: _r, ...run }) => run;
const runsOf = (id) => [...data.runs.values()].filter((r) => r.job === id).sort((a, b) => (a.at < b.at ? 1 : -1));

function orderBy(list, ordering, known) {
  const keys = (ordering || "-created_at").split(",");
  for (const key of keys) if (!known.includes(key.replace(/^-/, ""))) throw invalid([{ path: "ordering", code: "invalid_choice", message: `"${key}" is not a valid choice.` }]);
  const compare = (a, b) => {
    for (const key of keys) {
      const name = key.replace(/^-/, "");
      const [x, y] = [a, b].map((o) => (name === "owner" ? o.owner.username : o[name]));
      if (x === y) continue;
      if (x === null) return 1;
      if (y === null) return -1;
      const order = typeof x === "string" ? x.localeCompare(y) : x - y;
      return key.startsWith("-") ? -order : order;
    }
    return a.id < b.id ? -1 : 1;
  };
  return list.sort(compare);
}

function paged(list, q, path) {
  const size = Math.min(100, Number(q.get("page_size") ?? 25));
  const at = Number(q.get("page") ?? 1);
  return { count: list.length, next: at * size < list.length ? `http://x${prefix}${path}?page=${at + 1}` : null, previous: null, results: list.slice((at - 1) * size, at * size) };
}

function listJobs(q, user) {
  const many = (name) => q.get(name)?.split(",").filter(Boolean);
  for (const status of many("status") ?? []) if (!/^(pending|queued|running|retrying|success|failed|timed_out|cancelled|lost|skipped|missed)$/.test(status)) throw invalid([{ path: "status", code: "invalid_choice", message: `"${status}" is not a valid choice.` }]);
  const wanted = (q.get("search") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const list = [...data.jobs.values()].filter((job) => {
    const text = [job.name, job.description, job.task, ...job.tags, job.owner.username].join(" ").toLowerCase();
    const is = (name, value) => !many(name) || many(name).includes(value);
    return wanted.every((w) => text.includes(w)) && is("status", job.last_status) && is("schedule_type", job.schedule_type) && is("kind", job.kind) &&
      (!q.get("is_active") || String(job.is_active) === q.get("is_active")) && (!q.get("owner") || job.owner.username === (q.get("owner") === "me" ? user.username : q.get("owner"))) &&
      (!many("tag") || many("tag").some((t) => job.tags.includes(t)));
  });
  return paged(orderBy(list, q.get("ordering"), ["name", "next_run_at", "last_run_at", "created_at", "updated_at", "priority", "owner", "last_status"]), q, "api/cron-jobs/");
}

function listRuns(q) {
  const many = (name) => q.get(name)?.split(",").filter(Boolean);
  const wanted = (q.get("search") ?? "").toLowerCase();
  const list = [...data.runs.values()].filter((run) => {
    const is = (name, value) => !many(name) || many(name).includes(value);
    return is("job", run.job) && is("status", run.status) && is("trigger", run.trigger) && (!wanted || [run.job_name, run.error, run.worker_name].join(" ").toLowerCase().includes(wanted)) &&
      (!q.get("date_from") || run.at >= q.get("date_from"));
  }).sort((a, b) => (a.at < b.at ? 1 : -1)).map(brief);
  const size = Math.min(100, Number(q.get("page_size") ?? 25));
  const from = Number(q.get("cursor") || 0);
  return { count: list.length, count_is_exact: true, next: from + size < list.length ? `http://x${prefix}api/cron-job-logs/?cursor=${from + size}` : null, previous: null, results: list.slice(from, from + size) };
}

function statistics(hours) {
  const jobs = [...data.jobs.values()];
  const since = hours ? Date.now() - hours * 3600e3 : 0;
  const ended = [...data.runs.values()].filter((r) => r.run_ended_at && Date.parse(r.run_ended_at) >= since);
  const tally = (key) => jobs.reduce((t, j) => ({ ...t, [j[key]]: (t[j[key]] ?? 0) + 1 }), {});
  const bad = ["failed", "timed_out", "lost"];
  const total = ended.reduce((t, r) => t + r.execution_time, 0);
  return {
    total_jobs: jobs.length, active_jobs: jobs.filter((j) => j.is_active).length, inactive_jobs: jobs.filter((j) => !j.is_active).length,
    running_jobs: jobs.filter((j) => j.running_count).length, failed_jobs: jobs.filter((j) => j.is_active && bad.includes(j.last_status)).length,
    jobs_by_status: tally("last_status"), jobs_by_schedule_type: tally("schedule_type"), recent_executions: ended.length,
    successful_executions: ended.filter((r) => r.status === "success").length, failed_executions: ended.filter((r) => bad.includes(r.status)).length,
    average_execution_time: ended.length ? total / ended.length : 0, total_execution_time: total,
  };
}

function preview(body) {
  let schedule;
  try {
    schedule = parse(body.schedule ?? "");
  } catch (error) {
    if (error instanceof Refusal) throw invalid([refused("schedule", error)]);
    throw error;
  }
  const zone = body.timezone ?? "UTC";
  const slots = next(schedule, zone, Date.now(), Math.max(body.count ?? 5, 50));
  const warnings = [];
  if (schedule.type === "cron" && schedule.text[0] === "*" && /^\d+$/.test(schedule.text[1])) warnings.push({ code: "star-in-finer-field", message: `60 runs from ${schedule.text[1]}:00 to ${schedule.text[1]}:59, one a minute`, strong: true, suggest: `0 ${schedule.text.slice(1).join(" ")}` });
  const week = slots.length > 1 ? (604800e3 * (slots.length - 1)) / (slots.at(-1) - slots[0]) : 0;
  return { schedule_type: schedule.type, words: words(schedule), next: slots.slice(0, body.count ?? 5).map((at) => local(at, zone).text), anchor: null, runs_per_week: Math.round(week * 10) / 10, warnings };
}

function checked(body, old) {
  const errors = [];
  const name = body.name ?? old?.name;
  if (!name?.trim()) errors.push({ path: "name", code: "required", message: "This field may not be blank." });
  if ([...data.jobs.values()].some((j) => j.name === name && j.id !== old?.id)) errors.push({ path: "name", code: "unique", message: "A job with this name already exists." });
  const target = body.target ?? old?.target;
  if ((body.kind ?? old?.kind) === "command" && !target?.argv?.length) errors.push({ path: "target.argv", code: "required", message: "This list may not be empty." });
  if (body.schedule) try {
    parse(body.schedule);
  } catch (error) {
    errors.push(refused("schedule", error));
  }
  if (errors.length) throw invalid(errors);
  return body;
}

function stream(req, res) {
  res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" });
  let n = 0;
  const send = (event, value) => res.write(`id: 1-${++n}\nevent: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
  send("hello", { server_time: new Date().toISOString(), version: "0.1.0-dev" });
  const stop = data.onEvent((event, value) => !event.startsWith("output:") && send(event, value));
  const beat = setInterval(() => res.write(": \n\n"), 15000);
  req.on("close", () => {
    stop();
    clearInterval(beat);
  });
}

function follow(req, res, run) {
  res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  let sent = Number(req.headers["last-event-id"] ?? 0);
  const pump = () => {
    const chunks = data.outputs.get(run.id);
    for (; sent < chunks.length; ) res.write(`id: ${++sent}\nevent: chunk\ndata: ${JSON.stringify(chunks[sent - 1])}\n\n`);
    if (run.run_ended_at || run.status === "missed") {
      res.write(`event: end\ndata: ${JSON.stringify({ status: run.status })}\n\n`);
      res.end();
      stop();
    }
  };
  const stop = data.onEvent((event) => event === `output:${run.id}` && pump());
  req.on("close", stop);
  pump();
}

async function api(req, res, path, q, user) {
  const text = await new Promise((resolve) => {
    let all = "";
    req.on("data", (part) => (all += part)).on("end", () => resolve(all));
  });
  const body = text ? JSON.parse(text) : {};
  const [, area, id, action] = path.split("/");
  const route = `${req.method} ${area}${id && !["statistics", "upcoming"].includes(id) ? (action ? `/*/${action}` : "/*") : id ? `/${id}` : ""}`;
  if (area === "auth") {
    if (id === "login") {
      if (req.method === "GET") return {};
      if (body.username !== "admin" || body.password !== password) throw invalid([{ path: "non_field_errors", code: "authorization", message: "Unable to log in with provided credentials." }]);
      const session = randomUUID();
      sessions.set(session, data.users[0]);
      res.setHeader("set-cookie", [`cjv_session=${session}; HttpOnly; Path=${prefix}`, `cjv_csrftoken=t${session.slice(0, 8)}; Path=${prefix}`]);
      return { user: data.users[0] };
    }
    if (!user) throw problem(401, "Authentication credentials were not provided.");
    if (id === "me") return { user, permissions: [], server_time: new Date().toISOString(), version: "0.1.0-dev", must_change_password: mustChange };
    if (id === "password") {
      if (body.old_password !== password) throw invalid([{ path: "old_password", code: "invalid", message: "This is not your present password." }]);
      password = body.new_password;
      mustChange = false;
    }
    if (id === "logout") sessions.clear();
    throw new Answer(204);
  }
  if (!user) throw problem(401, "Authentication credentials were not provided.");
  if (req.method !== "GET" && !req.headers["x-csrftoken"]) throw problem(403, "CSRF Failed: CSRF token missing.");
  switch (route) {
    case "GET events": return stream(req, res);
    case "GET health": return { status: "degraded", components: {
      database: { status: "healthy", latency_ms: 0.4, detail: "SQLite 3.40, 12 MB", since: new Date(Date.now() - 7200e3).toISOString() },
      scheduler: { status: "healthy", latency_ms: 3, detail: "last turn 0.4 s ago", since: new Date(Date.now() - 7200e3).toISOString() },
      broker: { status: "not_configured", detail: "no broker is configured" }, result_backend: { status: "not_configured" }, workers: { status: "not_configured" }, queues: { status: "not_configured" } } };
    case "GET cron-jobs": return listJobs(q, user);
    case "POST cron-jobs": throw new Answer(201, data.addJob(checked(body), user));
    case "GET cron-jobs/statistics": return statistics(Number(q.get("hours") ?? 24));
    case "GET cron-jobs/upcoming": return [...data.jobs.values()].flatMap((j) => (j.is_active ? data.slots(j, Date.now(), 6).map((at) => ({ job: j.id, name: j.name, at: data.iso(at), local: local(at, j.timezone).text, timezone: j.timezone })) : [])).filter((s) => Date.parse(s.at) < Date.now() + Number(q.get("hours") ?? 24) * 3600e3).sort((a, b) => (a.at < b.at ? -1 : 1)).slice(0, 500);
    case "GET cron-jobs/*": return { ...jobOf(id), ...(q.get("logs") !== "0" && { execution_logs: runsOf(id).slice(0, 50).map(brief) }) };
    case "PATCH cron-jobs/*": data.changeJob(jobOf(id), checked(body, jobOf(id))); return jobOf(id);
    case "DELETE cron-jobs/*": data.dropJob(jobOf(id)); throw new Answer(204);
    case "POST cron-jobs/*/run_now": {
      const job = jobOf(id);
      if (job.overlap === "skip" && !body.force && [...data.runs.values()].some((r) => r.job === id && !r.run_ended_at && r.status !== "missed")) throw problem(409, "A run of this job is not finished.", { code: "conflict" });
      throw new Answer(202, { status: "success", message: "Started.", log_id: data.start(job, user.username).id });
    }
    case "POST cron-jobs/*/update_status": data.changeJob(jobOf(id), { is_active: body.is_active }); return { status: "success", message: "Saved.", is_active: body.is_active };
    case "GET cron-jobs/*/next_runs": return jobOf(id).is_active ? data.slots(jobOf(id), Date.now(), Number(q.get("count") ?? 5)).map((at) => ({ at: data.iso(at), local: local(at, jobOf(id).timezone).text, offset: local(at, jobOf(id).timezone).offset })) : [];
    case "GET cron-job-logs": return listRuns(q);
    case "GET cron-job-logs/*": return runOf(id);
    case "GET cron-job-logs/*/output":
      if (q.get("follow")) return follow(req, res, runOf(id));
      res.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
      return res.end(data.outputs.get(id).map((c) => c.text).join(""));
    case "POST cron-job-logs/*/cancel": setTimeout(() => data.finish(runOf(id), "cancelled", { reason: "by_user" }), 800); runOf(id).cancel_requested = true; throw new Answer(202, { status: "success", message: "Asked." });
    case "POST cron-job-logs/*/rerun": throw new Answer(202, { status: "success", message: "Started.", log_id: data.start(jobOf(runOf(id).job), user.username, { rerun_of: id, trigger: "rerun" }).id });
    case "POST schedules/*": return preview(body);
    default: throw problem(404, "Not found.");
  }
}

createServer(async (req, res) => {
  const url = new URL(req.url, "http://x");
  const send = (status, body, headers = {}) => {
    res.writeHead(status, { "content-type": "application/json", "x-request-id": randomUUID().slice(0, 8), ...headers });
    res.end(body === undefined ? undefined : JSON.stringify(body));
  };
  try {
    if (!url.pathname.startsWith(prefix)) return send(404, { detail: "Not found." });
    const path = url.pathname.slice(prefix.length);
    if (path.startsWith("assets/")) return asset(res, path, req.headers["accept-encoding"] ?? "");
    if (!path.startsWith("api/")) return page(res);
    const session = /cjv_session=([^;]+)/.exec(req.headers.cookie ?? "")?.[1];
    const value = await api(req, res, path.replace(/\/$/, ""), url.searchParams, sessions.get(session));
    if (!res.headersSent) send(200, value);
  } catch (error) {
    if (error instanceof Answer) send(error.status, error.body, error.headers);
    else {
      console.error(error);
      send(500, { title: "Internal error", detail: error.message, status: 500 });
    }
  }
  return undefined;
}).listen(Number(args.port), "127.0.0.1", function ready() {
  console.log(`ready http://127.0.0.1:${this.address().port}${prefix}`);
});
