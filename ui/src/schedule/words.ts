// Words of a command as people type them, and back; and the five boxes of a cron text. Pure. The browser never works
// out when a schedule is due: it asks the server.

export type Split = { words: string[] } | { openQuote: string };

// Splits like a shell that knows only quotes and backslashes: no variables, no globs, no pipes. Inside single quotes
// everything is itself; inside double quotes a backslash protects '"' and '\'.
export function splitWords(line: string): Split {
  const words: string[] = [];
  let word = "";
  let begun = false;
  let quote = "";
  for (let i = 0; i < line.length; i++) {
    const c = line[i] ?? "";
    if (quote) {
      if (c === quote) quote = "";
      else if (quote === '"' && c === "\\" && /["\\]/.test(line[i + 1] ?? "")) word += line[++i];
      else word += c;
    } else if (c === "'" || c === '"') {
      quote = c;
      begun = true;
    } else if (/\s/.test(c)) {
      if (begun) words.push(word);
      word = "";
      begun = false;
    } else {
      word += c === "\\" && i + 1 < line.length ? line[++i] : c;
      begun = true;
    }
  }
  if (quote) return { openQuote: quote };
  if (begun) words.push(word);
  return { words };
}

// The line that splits into these words again.
export const joinWords = (words: string[]): string =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");

export const cronFields = ["minute", "hour", "day", "month", "weekday"] as const;
export type CronField = (typeof cronFields)[number] | "second";

// The names of so many fields: the sixth comes first.
export const fieldsOf = (count: number): readonly CronField[] => (count === 6 ? ["second", ...cronFields] : cronFields);

// The five or six fields of a cron text, or null where it has other parts (a macro, a phrase, something half typed).
export function boxesOf(cron: string): string[] | null {
  const fields = cron.trim().split(/\s+/);
  return (fields.length === 5 || fields.length === 6) && !/^(@|[a-z]{2})/i.test(cron.trim()) ? fields : null;
}

// The cron text with one field replaced. An empty box is "*".
export function withBox(boxes: string[], at: number, value: string): string {
  return boxes.map((box, i) => (i === at ? value.trim().replaceAll(/\s+/g, "") || "*" : box)).join(" ");
}

// Which field the caret is in; -1 when it is in none.
export function boxAt(cron: string, caret: number): number {
  const boxes = boxesOf(cron);
  return boxes ? Math.min(boxes.length - 1, cron.slice(0, caret).trimStart().split(/\s+/).length - 1) : -1;
}

// The server names fields in its own words; which of `count` boxes that is, -1 for none.
export function boxNamed(field: string | undefined, count = 5): number {
  const plain = (field ?? "").toLowerCase().replaceAll("_", "-").replace("day-of-month", "day").replace("day-of-week", "weekday");
  return fieldsOf(count).indexOf(plain as CronField);
}

export const intervalUnits = ["seconds", "minutes", "hours", "days", "weeks"] as const;

export interface Interval {
  n: number;
  unit: string;
}

export const intervalText = ({ n, unit }: Interval): string => `every ${n} ${n === 1 ? unit.replace(/s$/, "") : unit}`;

// "every 5 minutes" and the older "5 minutes" as number and unit; null for other texts.
export function readInterval(schedule: string): Interval | null {
  const found = /^(?:every\s+)?(\d+)\s+(second|minute|hour|day|week)s?$/i.exec(schedule.trim());
  return found ? { n: Number(found[1]), unit: `${(found[2] ?? "").toLowerCase()}s` } : null;
}

// What a schedule says, without the zone that is shown beside it.
export const withoutZone = (sentence: string, zone: string): string =>
  sentence.endsWith(`, in ${zone}`) ? sentence.slice(0, -`, in ${zone}`.length) : sentence;

// Texts that count elapsed time, whatever comes behind.
export const isInterval = (schedule: string): boolean => /^@?every\s+\d/i.test(schedule.trim()) || readInterval(schedule) !== null;

// One instant by the wall clock of the job's zone, as a browser's field for date and time has it.
export const onceText = (local: string): string => (local ? `at ${local}` : "");

// "at 2027-01-31T09:00" as "2027-01-31T09:00"; null for other texts, and for instants with an offset of their own.
export const readOnce = (schedule: string): string | null =>
  /^at\s+(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)$/i.exec(schedule.trim())?.[1] ?? null;

// What stands behind the schedule in a text that begins with it: the command of a crontab's line. "" for none.
export function restBehind(schedule: string, text: string): string {
  const words = schedule.trim().split(/\s+/);
  const line = new RegExp(`^((?:\\S+\\s+){${words.length}})(\\S[^]*)$`).exec(text.trim());
  return line && line[1]?.trim().split(/\s+/).join(" ") === words.join(" ") ? (line[2] ?? "") : "";
}
