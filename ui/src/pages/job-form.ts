// What the form of a job holds, what is wrong with it, and the job that it writes. Pure.
import { writeExact } from "../api/exact";
import type { DayMatch, DstFold, DstGap, Job, JobPatch, JobWrite, Kind, Misfire, Overlap, PreviewWrite, Suggestion } from "../api/schema";
import { intervalText, isInterval, onceText, readInterval, readOnce, type Interval } from "../schedule/words";
import { text } from "../text/en";
import { wallIn } from "../time/format";
import { checkTarget, emptyTarget, fieldOfTarget, numberOf, targetForm, targetOf, type TargetForm } from "./job-target";

const t = text.edit;

export type When = "cron" | "interval" | "once" | "manual";

export interface JobForm extends TargetForm {
  name: string;
  description: string;
  kind: Kind;
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
  ...emptyTarget,
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
  return {
    ...withSchedule(emptyForm(job.timezone), job.schedule),
    name: job.name,
    description: job.description,
    kind: job.kind,
    ...targetForm(job),
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

// What the browser can see for itself; all else the server says.
export function check(form: JobForm): FormErrors {
  const errors: FormErrors = { ...(!form.name.trim() && { name: t.required }), ...checkTarget(form.kind, form) };
  if ((form.when === "cron" || form.when === "once") && !scheduleOf(form)) errors.cron = t.required;
  return errors;
}

// The job as the API takes it; `job` is what it was. `form` has passed check().
export function writeOf(form: JobForm, job?: Job): JobWrite {
  const target = targetOf(form.kind, form);
  return {
    name: form.name.trim(),
    description: form.description,
    kind: form.kind,
    ...(target && { target }),
    schedule: scheduleOf(form),
    timezone: form.zone,
    day_match: form.dayMatch,
    dst_gap: form.dstGap,
    dst_fold: form.dstFold,
    start_at: boundOf(form.startAt, form.zone, job?.start_at),
    end_at: boundOf(form.endAt, form.zone, job?.end_at),
    overlap: form.overlap,
    misfire: form.misfire,
    timeout: numberOf(form.timeout) ?? null,
    grace: numberOf(form.grace) ?? 60,
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
export const fieldOf = (path: string): keyof FormErrors => fieldOfTarget(path) ?? fields.find(([pattern]) => pattern.test(path))?.[1] ?? "other";
