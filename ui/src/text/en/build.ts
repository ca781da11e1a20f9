// The builder of a cron text, and what a schedule is warned of.
import type { Choice } from "../../schedule/build";
import type { CronField } from "../../schedule/words";
import type { WarningCode } from "../../api/schema";

type Kinds = Partial<Record<Choice["kind"], string>>;

const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const spread = "A fixed one that the server chooses for this job";
const kinds = (one: string, many: string): Kinds => ({
  any: `Every ${one}`,
  only: `Only these ${many}`,
  step: `Every few ${many}`,
  range: `From one ${one} to another`,
  spread,
});

const valueName = (name: CronField, value: number): string =>
  name === "month" ? (months[value - 1] ?? "") : name === "weekday" ? (weekdays[value] ?? "") : `${name} ${value}`;

export const build = {
  open: "Build",
  label: "Build the expression",
  field: "Field",
  anew: "This expression has no five fields to change. A choice here begins a new one.",
  choices: (field: string) => `Which ${field}`,
  values: (field: string) => `Values of the ${field}`,
  typed: (field: string) => `As typed: ${field}`,
  kinds: {
    second: kinds("second", "seconds"),
    minute: kinds("minute", "minutes"),
    hour: kinds("hour", "hours"),
    day: {
      ...kinds("day", "days"),
      last: "The last day of the month",
      "last-workday": "The last day from Monday to Friday",
      workday: "The day from Monday to Friday that is nearest to",
    },
    month: kinds("month", "months"),
    weekday: { ...kinds("weekday", "weekdays"), nth: "One of the month" },
  } as Record<CronField, Kinds>,
  every: "Every",
  startingAt: "Starting at",
  from: "From",
  to: "To",
  near: "Day",
  which: "Which",
  nths: ["last", "first", "second", "third", "fourth", "fifth"],
  weekdays,
  value: (name: CronField, value: number): string =>
    name === "month" || name === "weekday" ? valueName(name, value).slice(0, 3)
    : name === "day" ? String(value)
    : String(value).padStart(2, "0"),
  valueName,
};

// One name for each thing that a schedule may be warned of; the sentence itself comes from the server.
export const warnings: Record<WarningCode, string> = {
  "step-larger": "Step larger than the field",
  "uneven-step": "Uneven step",
  "star-in-finer-field": "Star in a finer field",
  "day-or-weekday": "Day or weekday",
  "star-step-and": "Day and weekday",
  "day-29-31": "Months without that day",
  gap: "Skipped by the clock",
  fold: "Comes twice by the clock",
  "hour-step-dst": "Hours when the clock changes",
  "quartz-digits": "Weekday numbers",
  "anchor-utc": "Counts from UTC",
  "anchor-dst": "Elapsed time",
  "seconds-first": "Six fields",
  dense: "Very often",
  "same-instant": "Same moment twice",
  "overlaps-itself": "Overlaps itself",
};
