// Just enough of schedules for the stand-in: five numeric fields, "every n unit", zones by Intl. Not the real rules.

const fields = [
  ["minute", 0, 59],
  ["hour", 0, 23],
  ["day-of-month", 1, 31],
  ["month", 1, 12],
  ["day-of-week", 0, 7],
];

export class Refusal extends Error {
  constructor(code, field, column, detail, extra = {}) {
    super(field ? `${field} field, column ${column}: ${detail}` : detail);
    Object.assign(this, { code, field, column, ...extra });
  }
}

const units = { second: 1, minute: 60, hour: 3600, day: 86400, week: 604800 };

export function parse(text) {
  const trimmed = text.trim();
  if (!trimmed) throw new Refusal("empty", null, null, "the expression is empty");
  const every = /^(?:every )?(\d+) ([a-z]+?)s?$/i.exec(trimmed);
  if (every) {
    const unit = units[every[2].toLowerCase()];
    if (!unit) throw new Refusal("unknown-unit", null, null, `unknown unit '${every[2]}'`, { suggest: "every 5 minutes" });
    if (!Number(every[1])) throw new Refusal("zero-interval", null, null, "the interval must be 1 or more");
    return { type: "interval", seconds: unit * Number(every[1]), n: Number(every[1]), unit: every[2].toLowerCase() };
  }
  const macros = { "@daily": "0 0 * * *", "@hourly": "0 * * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *" };
  const parts = [...(macros[trimmed] ?? trimmed).matchAll(/\S+/g)];
  if (parts.length !== 5) throw new Refusal("field-count", null, null, `expected 5 fields, found ${parts.length}`);
  const sets = parts.map((match, i) => {
    const [name, low, high] = fields[i];
    let column = match.index + 1;
    const set = new Set();
    for (const item of match[0].split(",")) {
      const found = /^(\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(item);
      if (!found) throw new Refusal("bad-character", name, column, `cannot read '${item}'`);
      const from = found[1] === "*" ? low : Number(found[2]);
      const to = found[1] === "*" ? high : found[3] ? Number(found[3]) : found[4] ? high : from;
      for (const n of [from, to]) {
        if (n < low || n > high) throw new Refusal("out-of-range", name, column, `${n} is out of range ${low}-${high}`);
      }
      for (let n = from; n <= to; n += Number(found[4] ?? 1)) set.add(i === 4 ? n % 7 : n);
      column += item.length + 1;
    }
    return set;
  });
  const [, , days, months] = sets;
  const longest = Math.max(...[...months].map((m) => [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][m - 1]));
  if (Math.min(...days) > longest && parts[4][0] === "*") {
    throw new Refusal("never-fires", "day-of-month", parts[2].index + 1, `no date ever matches day '${parts[2][0]}' month '${parts[3][0]}'`);
  }
  return { type: "cron", sets, text: parts.map((w) => w[0]) };
}

const offsetAt = (at, zone) => {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
    }).formatToParts(at).map((p) => [p.type, Number(p.value)]),
  );
  return Math.round((Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - at) / 60000);
};

export function next(schedule, zone, from, count) {
  if (schedule.type === "interval") {
    const step = schedule.seconds * 1000;
    const first = Math.floor(from / step) * step + step;
    return Array.from({ length: count }, (_, i) => first + i * step);
  }
  const [minutes, hours, days, months, weekdays] = schedule.sets;
  const either = schedule.text[2] !== "*" && schedule.text[4] !== "*";
  const out = [];
  let at = Math.floor(from / 60000) * 60000 + 60000;
  for (let guard = 0; out.length < count && guard < 60000; guard++) {
    const wall = new Date(at + offsetAt(at, zone) * 60000);
    const day = days.has(wall.getUTCDate()), week = weekdays.has(wall.getUTCDay());
    if (!months.has(wall.getUTCMonth() + 1) || !(either ? day || week : day && week)) at += (24 - wall.getUTCHours()) * 3600000 - wall.getUTCMinutes() * 60000;
    else if (!hours.has(wall.getUTCHours())) at += (60 - wall.getUTCMinutes()) * 60000;
    else if (!minutes.has(wall.getUTCMinutes())) at += 60000;
    else {
      out.push(at);
      at += 60000;
    }
  }
  return out;
}

export function local(at, zone) {
  const minutes = offsetAt(at, zone);
  const wall = new Date(at + minutes * 60000).toISOString().slice(0, 19);
  const two = (n) => String(n).padStart(2, "0");
  const offset = `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return { text: wall + offset, offset };
}

export function words(schedule) {
  if (schedule.type === "interval") return `Every ${schedule.n === 1 ? "" : `${schedule.n} `}${schedule.unit}${schedule.n === 1 ? "" : "s"}`;
  const [m, h, d, mo, w] = schedule.text;
  const days = w === "1-5" ? ", Monday to Friday" : w === "*" ? "" : `, on weekday ${w}`;
  const date = d === "*" ? "" : `, on day ${d} of the month`;
  const month = mo === "*" ? "" : `, in month ${mo}`;
  if (/^\d+$/.test(m) && /^\d+$/.test(h)) return `At ${h.padStart(2, "0")}:${m.padStart(2, "0")}${days}${date}${month}`;
  const step = /^\*\/(\d+)$/.exec(m);
  const base = step ? `Every ${step[1]} minutes` : m === "*" ? "Every minute" : `At minute ${m}`;
  const range = /^(\d+)-(\d+)$/.exec(h);
  return `${base}${h === "*" ? "" : range ? `, from ${range[1].padStart(2, "0")}:00 to ${range[2].padStart(2, "0")}:59` : ` past hour ${h}`}${days}${date}${month}`;
}
