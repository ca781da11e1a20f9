// The fields of a cron text as the choices that people make, and back. Only plain forms are read; whatever else a field
// holds stays as it was typed. Pure. What a choice means is the server's to say.
import type { CronField } from "./words";

export type Choice =
  | { kind: "any" }
  | { kind: "step"; every: number; from: number }
  | { kind: "range"; from: number; to: number }
  | { kind: "only"; values: number[] }
  // One value that is worked out from the job's id, so that jobs do not all start together.
  | { kind: "spread" }
  | { kind: "last" }
  | { kind: "last-workday" }
  | { kind: "workday"; near: number }
  // The first to fifth (1 to 5) or the last (0) such weekday of the month.
  | { kind: "nth"; nth: number; weekday: number }
  | { kind: "typed"; field: string };

export const limits: Record<CronField, { low: number; high: number }> = {
  second: { low: 0, high: 59 },
  minute: { low: 0, high: 59 },
  hour: { low: 0, high: 23 },
  day: { low: 1, high: 31 },
  month: { low: 1, high: 12 },
  weekday: { low: 0, high: 6 },
};

// The kinds that a field offers, in the order in which they are shown.
export function kindsOf(name: CronField): Choice["kind"][] {
  switch (name) {
    case "day": return ["any", "only", "range", "step", "last", "last-workday", "workday", "spread"];
    case "month": return ["any", "only", "step", "spread"];
    case "weekday": return ["any", "only", "nth", "spread"];
    default: return ["any", "only", "step", "range", "spread"];
  }
}

// What a kind begins with, before somebody changes it.
export function firstOf(kind: Choice["kind"], name: CronField): Choice {
  const { low } = limits[name];
  switch (kind) {
    case "step": return { kind, every: name === "hour" || name === "day" ? 2 : name === "month" ? 3 : 15, from: low };
    case "range": return name === "hour" ? { kind, from: 9, to: 17 } : { kind, from: low, to: low + 14 };
    case "only": return { kind, values: [name === "hour" ? 9 : name === "weekday" ? 1 : low] };
    case "workday": return { kind, near: 15 };
    case "nth": return { kind, nth: 1, weekday: 1 };
    case "typed": return { kind, field: "*" };
    default: return { kind };
  }
}

const names: Partial<Record<CronField, string[]>> = {
  month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  weekday: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};

export function readChoice(field: string, name: CronField): Choice {
  const typed: Choice = { kind: "typed", field };
  const { low, high } = limits[name];
  const value = (word: string | undefined): number => {
    const named = names[name]?.indexOf((word ?? "").toUpperCase()) ?? -1;
    const found = named >= 0 ? named + low : /^\d{1,2}$/.test(word ?? "") ? Number(word) : Number.NaN;
    const folded = name === "weekday" && found === 7 ? 0 : found;
    return folded >= low && folded <= high ? folded : Number.NaN;
  };
  if (field === "*" || field === "?") return { kind: "any" };
  if (field === "H") return { kind: "spread" };
  if (name === "day" && field === "L") return { kind: "last" };
  if (name === "day" && field === "LW") return { kind: "last-workday" };
  const workday = name === "day" ? /^(\d+)W$/.exec(field) : null;
  if (workday) return Number.isNaN(value(workday[1])) ? typed : { kind: "workday", near: value(workday[1]) };
  const nth = name === "weekday" ? /^(\w+?)(?:#([1-5])|L)$/.exec(field) : null;
  if (nth) return Number.isNaN(value(nth[1])) ? typed : { kind: "nth", nth: Number(nth[2] ?? 0), weekday: value(nth[1]) };
  const step = /^(\*|\d+)\/(\d+)$/.exec(field);
  if (step) {
    const from = step[1] === "*" ? low : value(step[1]);
    const every = Number(step[2]);
    return Number.isNaN(from) || every < 1 || every > high || !kindsOf(name).includes("step") ? typed : { kind: "step", every, from };
  }
  const range = /^(\w+)-(\w+)$/.exec(field);
  if (range && kindsOf(name).includes("range")) {
    const [from, to] = [value(range[1]), value(range[2])];
    return Number.isNaN(from) || Number.isNaN(to) ? typed : { kind: "range", from, to };
  }
  const values = new Set<number>();
  for (const item of field.split(",")) {
    const [first, last = first, ...more] = item.split("-");
    let [from, to] = [value(first), value(last)];
    if (name === "weekday" && last !== first && to === 0) to = 7; // an end of 7 closes the week
    if (more.length || Number.isNaN(from) || Number.isNaN(to) || from > to) return typed;
    for (; from <= to; from++) values.add(from % 7 === 0 && name === "weekday" ? 0 : from);
  }
  return { kind: "only", values: [...values].toSorted((a, b) => a - b) };
}

export function writeChoice(choice: Choice, name: CronField): string {
  switch (choice.kind) {
    case "any": return "*";
    case "spread": return "H";
    case "last": return "L";
    case "last-workday": return "LW";
    case "workday": return `${choice.near}W`;
    case "nth": return choice.nth === 0 ? `${choice.weekday}L` : `${choice.weekday}#${choice.nth}`;
    case "step": return `${choice.from === limits[name].low ? "*" : choice.from}/${choice.every}`;
    case "range": return `${choice.from}-${choice.to}`;
    case "only": return joined(choice.values);
    case "typed": return choice.field;
  }
}

// "1-5,8": three in a row and more become a range.
function joined(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let end = i;
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end++;
    if (end - i >= 2) parts.push(`${sorted[i]}-${sorted[end]}`);
    else for (let each = i; each <= end; each++) parts.push(String(sorted[each]));
    i = end + 1;
  }
  return parts.join(",");
}
