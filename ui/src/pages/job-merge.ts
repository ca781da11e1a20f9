// Two people changed one job: what each of them changed, and a form that holds both. Pure.
import { text } from "../text/en";
import { type JobForm, scheduleOf } from "./job-form";

const t = text.edit;

// What the form holds, as a person counts: a schedule is one thing, in however many fields it is spelled.
const parts: Partial<Record<keyof JobForm, (keyof JobForm)[]>> = { cron: ["when", "cron", "interval", "once"] };
const ofSchedule = new Set<keyof JobForm>(parts.cron);

const keysOf = (form: JobForm): (keyof JobForm)[] =>
  (Object.keys(form) as (keyof JobForm)[]).filter((key) => key === "cron" || !ofSchedule.has(key));

// One value as it is compared and shown.
export function shownOf(form: JobForm, key: keyof JobForm): string {
  if (key === "cron") return scheduleOf(form) || t.manual;
  const value = form[key];
  if (typeof value === "boolean") return value ? t.yes : t.no;
  const labels = key === "ignoreResult" ? t.ignoreResults : key === "overlap" ? t.overlaps : key === "misfire" ? t.misfires : key === "dayMatch" ? t.dayMatches : key === "dstGap" ? t.dstGaps : key === "dstFold" ? t.dstFolds : {};
  return (labels as Record<string, string>)[String(value)] ?? String(value);
}

export interface Merge {
  // Mine, with what only they changed.
  merged: JobForm;
  // What both changed, each to something else: mine stands in `merged`.
  both: (keyof JobForm)[];
  // What only they changed.
  theirs: (keyof JobForm)[];
}

export function merge(base: JobForm, mine: JobForm, theirs: JobForm): Merge {
  const result: Merge = { merged: mine, both: [], theirs: [] };
  for (const key of keysOf(base)) {
    const [was, is, other] = [shownOf(base, key), shownOf(mine, key), shownOf(theirs, key)];
    if (other === was || other === is) continue;
    if (is === was) {
      result.theirs.push(key);
      result.merged = taking(result.merged, theirs, key);
    } else {
      result.both.push(key);
    }
  }
  return result;
}

// The form with one thing of another.
export const taking = (form: JobForm, from: JobForm, key: keyof JobForm): JobForm =>
  ({ ...form, ...Object.fromEntries((parts[key] ?? [key]).map((part) => [part, from[part]])) });
