// What the form of a job holds, what is wrong with it, and the job that it writes. Pure.
import { readExact, writeExact } from "../api/exact";
import type { CeleryTarget, CommandTarget, DayMatch, DstFold, DstGap, Job, JobPatch, JobWrite, Kind, Misfire, Overlap, PreviewWrite, Suggestion } from "../api/schema";
import { intervalText, isInterval, joinWords, onceText, readInterval, readOnce, splitWords, type Interval } from "../schedule/words";
import { text } from "../text/en";
import { wallIn } from "../time/format";

const t = text.edit;

export type When = "cron" | "interval" | "once" | "manual";

export interface JobForm {
  name: string;
  description: string;
  kind: Kind;
  command: string;
  folder: string;
  environment: string;
  input: string;
  codes: string;
  task: string;
  args: string;
  kwargs: string;
  queue: string;
  when: When;
  cron: string;
  interval: Interval;
  // As a field for date and time has it, by the clock of the zone.
  once: string;
  dayMatch: DayMatch;
  dstGap: DstGap;
  dstFold: DstFold;
  zone: string;
  // As a field for date and time has it, by the clock of the zone; empty: the job has no such bound.
  startAt: string;
  endAt: string;
  overlap: Overlap;
  misfire: Misfire;
  timeout: string;
  grace: string;
  tags: string;
  active: boolean;
}

export type FormErrors = Partial<Record<keyof JobForm | "other", string>>;

export const usualOverlap = (kind: Kind): Overlap => (kind === "celery" ? "allow" : "skip");

export const emptyForm = (zone: string): JobForm => ({
  name: "",
  description: "",
  kind: "command",
  command: "",
  folder: "",
  environment: "",
  input: "",
  codes: "0",
  task: "",
  args: "",
  kwargs: "",
  queue: "",
  when: "cron",
  cron: "",
  interval: { n: 5, unit: "minutes" },
  once: "",
  dayMatch: "either",
  dstGap: "after_gap",
  dstFold: "first",
  zone,
  startAt: "",
  endAt: "",
  overlap: "skip",
  misfire: "latest",
  timeout: "",
  grace: "60",
  tags: "",
  active: true,
});

export function formOf(job: Job): JobForm {
  const command = job.kind === "command" ? (job.target as CommandTarget) : null;
  const celery = job.kind === "celery" ? (job.target as CeleryTarget) : null;
  return {
    ...withSchedule(emptyForm(job.timezone), job.schedule),
    name: job.name,
    description: job.description,
    kind: job.kind,
    command: joinWords(command?.argv ?? []),
    folder: command?.cwd ?? "",
    environment: Object.entries(command?.env ?? {}).map(([name, value]) => `${name}=${value}`).join("\n"),
    input: command?.stdin ?? "",
    codes: (command?.success_codes ?? [0]).join(", "),
    task: celery?.task ?? job.task,
    args: celery?.args?.length ? writeExact(celery.args) : "",
    kwargs: celery?.kwargs && Object.keys(celery.kwargs).length ? writeExact(celery.kwargs) : "",
    queue: celery?.queue ?? "",
    dayMatch: job.day_match ?? "either",
    dstGap: job.dst_gap ?? "after_gap",
    dstFold: job.dst_fold ?? "first",
    startAt: job.start_at ? wallIn(job.start_at, job.timezone) : "",
    endAt: job.end_at ? wallIn(job.end_at, job.timezone) : "",
    overlap: job.overlap,
    misfire: job.misfire,
    timeout: job.timeout === null ? "" : String(job.timeout),
    grace: String(job.grace),
    tags: job.tags.join(", "),
    active: job.is_active,
  };
}

// The form that shows this schedule: in the way that fits it, and as a text where none does.
export function withSchedule(form: JobForm, schedule: string): JobForm {
  const interval = readInterval(schedule);
  const once = readOnce(schedule);
  if (!schedule) return { ...form, when: "manual" };
  if (interval) return { ...form, when: "interval", interval };
  if (once) return { ...form, when: "once", once };
  return { ...form, when: "cron", cron: schedule };
}

// What changes when a suggestion of the server's is taken, with all that belongs to it. Its type shows in the text.
export function changesBy({ schedule, timezone, day_match, start_at, end_at }: Suggestion, form: JobForm): Partial<JobForm> {
  const { when, cron, interval, once } = withSchedule(form, schedule);
  return {
    when, cron, interval, once, ...(timezone && { zone: timezone }), ...(day_match && { dayMatch: day_match }),
    ...(start_at && { startAt: midnightOf(start_at) }), ...(end_at && { endAt: midnightOf(end_at) }),
  };
}

const midnightOf = (day: string) => (/^\d{4}-\d\d-\d\d$/.test(day) ? `${day}T00:00` : day);

// A bound as the API takes it: a time of the zone's clock, which the server finds on it; the instant that the job has where
// nobody changed what is shown of it.
function boundOf(shown: string, zone: string, stored: string | null | undefined): string | null {
  if (!shown) return null;
  return stored && wallIn(stored, zone) === shown ? stored : shown;
}

// The text of the schedule, as the API takes it; "" is by hand only.
export function scheduleOf(form: JobForm): string {
  switch (form.when) {
    case "manual": return "";
    case "interval": return intervalText(form.interval);
    case "once": return onceText(form.once);
    case "cron": return form.cron.trim();
  }
}

// What is asked for while one types. A job that is there already has its own anchor, its own values for `H`, and runs that
// tell how long it takes.
export function askingOf(form: JobForm, job?: Job): PreviewWrite {
  const schedule = scheduleOf(form);
  const anchored = job?.schedule_type === "interval" && job.anchor && isInterval(schedule);
  return {
    schedule, timezone: form.zone, count: 5, day_match: form.dayMatch, dst_gap: form.dstGap, dst_fold: form.dstFold,
    start_at: boundOf(form.startAt, form.zone, job?.start_at), end_at: boundOf(form.endAt, form.zone, job?.end_at),
    ...(job && { job: job.id }),
    ...(anchored && { anchor: job.anchor }),
  };
}

const list = (words: string) => words.split(",").map((word) => word.trim()).filter(Boolean);

// NAME=value a line; empty lines do not count. A number is the first line that is neither.
export function readEnvironment(words: string): Record<string, string> | number {
  const env: Record<string, string> = {};
  const lines = words.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (!line.trim()) continue;
    const found = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line);
    if (!found) return i + 1;
    env[found[1] ?? ""] = found[2] ?? "";
  }
  return env;
}

function readCodes(words: string): number[] | null {
  const codes = list(words).map(Number);
  return codes.length > 0 && codes.every((code) => Number.isInteger(code) && code >= 0 && code <= 255) ? codes : null;
}

// The value, or a sentence that says where it stops being JSON of that form.
function readJson(words: string, form: "list" | "object"): { value?: unknown; wrong?: string } {
  if (!words.trim()) return {};
  const sentence = form === "list" ? t.argsBad : t.kwargsBad;
  try {
    const value = readExact(words);
    const right = form === "list" ? Array.isArray(value) : typeof value === "object" && value !== null && !Array.isArray(value);
    return right ? { value } : { wrong: `${sentence}.` };
  } catch (error) {
    const where = /line \d+ column \d+/.exec(String(error))?.[0] ?? /position \d+/.exec(String(error))?.[0];
    return { wrong: where ? `${sentence}: ${where}.` : `${sentence}.` };
  }
}

// What the browser can see for itself; all else the server says.
export function check(form: JobForm): FormErrors {
  const errors: FormErrors = {};
  if (!form.name.trim()) errors.name = t.required;
  if (form.kind === "command") {
    const split = splitWords(form.command);
    if ("openQuote" in split) errors.command = t.commandQuote(split.openQuote);
    else if (split.words.length === 0) errors.command = t.required;
    const env = readEnvironment(form.environment);
    if (typeof env === "number") errors.environment = t.environmentBad(env);
    if (!readCodes(form.codes)) errors.codes = t.codesBad;
  }
  if (form.kind === "celery") {
    if (!form.task.trim()) errors.task = t.required;
    errors.args = readJson(form.args, "list").wrong;
    errors.kwargs = readJson(form.kwargs, "object").wrong;
  }
  if ((form.when === "cron" || form.when === "once") && !scheduleOf(form)) errors.cron = t.required;
  for (const key of Object.keys(errors) as (keyof FormErrors)[]) if (errors[key] === undefined) delete errors[key];
  return errors;
}

// The job as the API takes it; `job` is what it was. `form` has passed check().
export function writeOf(form: JobForm, job?: Job): JobWrite {
  const split = splitWords(form.command);
  const env = readEnvironment(form.environment);
  const command: CommandTarget = {
    argv: "words" in split ? split.words : [],
    env: typeof env === "number" ? {} : env,
    success_codes: readCodes(form.codes) ?? [0],
    ...(form.folder.trim() && { cwd: form.folder.trim() }),
    ...(form.input && { stdin: form.input }),
  };
  const celery: CeleryTarget = {
    task: form.task.trim(),
    args: (readJson(form.args, "list").value as unknown[] | undefined) ?? [],
    kwargs: (readJson(form.kwargs, "object").value as Record<string, unknown> | undefined) ?? {},
    ...(form.queue.trim() && { queue: form.queue.trim() }),
  };
  return {
    name: form.name.trim(),
    description: form.description,
    kind: form.kind,
    ...(form.kind === "command" && { target: command }),
    ...(form.kind === "celery" && { target: celery }),
    schedule: scheduleOf(form),
    timezone: form.zone,
    day_match: form.dayMatch,
    dst_gap: form.dstGap,
    dst_fold: form.dstFold,
    start_at: boundOf(form.startAt, form.zone, job?.start_at),
    end_at: boundOf(form.endAt, form.zone, job?.end_at),
    overlap: form.overlap,
    misfire: form.misfire,
    timeout: form.timeout.trim() ? Number(form.timeout) : null,
    grace: form.grace.trim() ? Number(form.grace) : 60,
    tags: list(form.tags),
    is_active: form.active,
  };
}

// What differs between the job as it came into the form and as it leaves it. What nobody touched is not sent: neither
// fields that the form does not show, nor values that it cannot spell (a line break in an environment variable).
export function changesOf(job: Job, before: JobForm, after: JobForm): JobPatch {
  const { target: targetWas, ...was } = writeOf(before, job);
  const { target: targetIs, ...is } = writeOf(after, job);
  const target = { ...(job.target as Record<string, unknown>) };
  const touched = differences(targetWas, targetIs);
  for (const [key, value] of touched) {
    if (value === undefined) delete target[key];
    else target[key] = value;
  }
  return { ...Object.fromEntries(differences(was, is)), ...(touched.length > 0 && { target: target as JobPatch["target"] }) };
}

function differences(before: object = {}, after: object = {}): [string, unknown][] {
  const was = before as Record<string, unknown>;
  const is = after as Record<string, unknown>;
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((key) => writeExact([was[key]]) !== writeExact([is[key]]))
    .map((key) => [key, is[key]]);
}

const fields: [RegExp, keyof JobForm][] = [
  [/^name/, "name"],
  [/^description/, "description"],
  [/^target\.argv/, "command"],
  [/^target\.cwd/, "folder"],
  [/^target\.env/, "environment"],
  [/^target\.stdin/, "input"],
  [/^target\.success_codes/, "codes"],
  [/^(task|target\.task)/, "task"],
  [/^target\.args/, "args"],
  [/^target\.kwargs/, "kwargs"],
  [/^target\.queue/, "queue"],
  [/^schedule/, "cron"],
  [/^timezone/, "zone"],
  [/^day_match/, "dayMatch"],
  [/^dst_gap/, "dstGap"],
  [/^dst_fold/, "dstFold"],
  [/^start_at/, "startAt"],
  [/^end_at/, "endAt"],
  [/^overlap/, "overlap"],
  [/^misfire/, "misfire"],
  [/^timeout/, "timeout"],
  [/^grace/, "grace"],
  [/^tags/, "tags"],
];

// Which field of the form an error of the server belongs to.
export const fieldOf = (path: string): keyof FormErrors => fields.find(([pattern]) => pattern.test(path))?.[1] ?? "other";
