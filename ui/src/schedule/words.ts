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

// The five fields of a cron text, or null where it does not have five (a macro, six fields, something half typed).
export function boxesOf(cron: string): string[] | null {
  const fields = cron.trim().split(/\s+/);
  return fields.length === 5 && !cron.trim().startsWith("@") ? fields : null;
}

// The cron text with one field replaced. An empty box is "*".
export function withBox(boxes: string[], at: number, value: string): string {
  return boxes.map((box, i) => (i === at ? value.trim().replaceAll(/\s+/g, "") || "*" : box)).join(" ");
}

// Which field the caret is in; -1 when it is in none of five.
export function boxAt(cron: string, caret: number): number {
  if (!boxesOf(cron)) return -1;
  return Math.min(4, cron.slice(0, caret).trimStart().split(/\s+/).length - 1);
}

// The server names fields in its own words; which box that is, -1 for none.
export function boxNamed(field: string | undefined): number {
  const names = ["minute", "hour", "day-of-month", "month", "day-of-week"];
  const plain = (field ?? "").toLowerCase().replaceAll("_", "-");
  const at = names.indexOf(plain);
  return at >= 0 ? at : cronFields.indexOf(plain as (typeof cronFields)[number]);
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
