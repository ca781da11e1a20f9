// Durations and distances in words that people read at a glance. Pure; the clock is an argument.

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

const two = (n: number) => String(n).padStart(2, "0");

// Seconds as "<1 ms", "640 ms", "12.4 s", "3 min 20 s", "2 h 05 min", "3 d 4 h".
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "–";
  if (seconds < 0.0005) return "<1 ms";
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < hour) return `${Math.floor(whole / minute)} min ${two(whole % minute)} s`;
  if (whole < day) return `${Math.floor(whole / hour)} h ${two(Math.floor((whole % hour) / minute))} min`;
  return `${Math.floor(whole / day)} d ${Math.floor((whole % day) / hour)} h`;
}

// A running time in whole seconds, so that it ticks evenly: "48 s", "3:20", "2:05:09".
export function elapsed(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < minute) return `${whole} s`;
  if (whole < hour) return `${Math.floor(whole / minute)}:${two(whole % minute)}`;
  return `${Math.floor(whole / hour)}:${two(Math.floor((whole % hour) / minute))}:${two(whole % minute)}`;
}

function distance(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < hour) return `${Math.floor(seconds / minute)} min`;
  if (seconds < 10 * hour) {
    const minutes = Math.floor((seconds % hour) / minute);
    return minutes ? `${Math.floor(seconds / hour)} h ${minutes} min` : `${Math.floor(seconds / hour)} h`;
  }
  if (seconds < 2 * day) return `${Math.floor(seconds / hour)} h`;
  if (seconds < 60 * day) return `${Math.floor(seconds / day)} days`;
  return `${Math.floor(seconds / (30.44 * day))} months`;
}

// "in 4 min", "3 h ago", "now". Both instants are milliseconds since the epoch.
export function relative(at: number, now: number): string {
  const seconds = (at - now) / 1000;
  if (Math.abs(seconds) < 1) return "now";
  return seconds > 0 ? `in ${distance(seconds)}` : `${distance(-seconds)} ago`;
}

// How long a relative text stays true, in milliseconds: a row that is hours away need not tick every second.
export function staysTrueFor(at: number, now: number): number {
  const seconds = Math.abs(at - now) / 1000;
  if (seconds < 90) return 1000;
  if (seconds < 2 * hour) return 10_000;
  return 60_000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone ?? ""} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone, hourCycle: "h23" });
    formats.set(key, found);
  }
  return found;
}

// "Wed 25 Nov 2026, 04:13:42" in the zone, or in the browser's own when none is given.
export function absolute(at: number, zone?: string): string {
  const parts: Record<string, string> = {};
  for (const part of format(zone, {
    weekday: "short", day: "numeric", month: "short", year: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).formatToParts(at)) parts[part.type] = part.value;
  return `${parts.weekday} ${parts.day} ${parts.month} ${parts.year}, ${parts.hour}:${parts.minute}:${parts.second}`;
}

// "04:13:42", with the day in front unless it is the day of `now` in that zone.
export function clock(at: number, now: number, zone?: string): string {
  const time = format(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
  const dayOf = format(zone, { day: "numeric", month: "short" });
  return dayOf.format(at) === dayOf.format(now) ? time : `${dayOf.format(at)} ${time}`;
}

// "+02:00" of an ISO 8601 text, or "" where it has none.
export const offsetOf = (iso: string): string => /([+-]\d\d:\d\d)$/.exec(iso)?.[1] ?? (iso.endsWith("Z") ? "+00:00" : "");

// What a field for date and time shows of this instant: the clock of the zone, "2026-11-25T04:13", with seconds where there
// are any.
export function wallIn(iso: string, zone: string): string {
  const parts: Record<string, string> = {};
  for (const part of format(zone, {
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).formatToParts(Date.parse(iso))) parts[part.type] = part.value;
  const minutes = `${(parts.year ?? "").padStart(4, "0")}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
  return parts.second === "00" ? minutes : `${minutes}:${parts.second}`;
}

// The wall clock that an ISO 8601 text with an offset spells, whatever zone the browser is in:
// "Mon 21 Sep 2026" and "09:00:00".
export function wall(iso: string): { date: string; time: string } {
  const at = Date.parse(`${iso.slice(0, 19)}Z`);
  const date = format("UTC", { weekday: "short", day: "numeric", month: "short", year: "numeric" })
    .format(at)
    .replace(",", "");
  return { date, time: iso.slice(11, 19) };
}
