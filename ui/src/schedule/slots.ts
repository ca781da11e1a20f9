// Coming slots as rows: where a week begins, where the clock changes, and what else starts then. Pure.
import type { ClockChange } from "../api/schema";

export interface Slot {
  at: string;
  // The wall clock in the job's zone, "2026-12-01T02:00:00", perhaps with its offset behind.
  local: string;
  offset: string;
  // What a change of the clock has to do with this slot.
  clock_change?: ClockChange;
}

export interface SlotRow extends Slot {
  // Of the first slot of a week (Monday to Sunday, ISO 8601): its number and its Monday, "2026-11-30". Only where weeks
  // hold several slots: otherwise each row would be its own week.
  week?: { number: number; monday: string };
  // The offset before this slot and its own, where they differ: in between, the clock changed.
  clock?: { from: string; to: string };
}

const day = 86_400_000;

// The ISO week of a date, "2026-12-01".
export function weekOf(date: string): { number: number; monday: string } {
  const at = Date.parse(`${date}T00:00:00Z`);
  const weekday = (new Date(at).getUTCDay() + 6) % 7;
  const monday = at - weekday * day;
  // The year of a week is the year of its Thursday.
  const thursday = new Date(monday + 3 * day);
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return { number: Math.floor((thursday.getTime() - first) / day / 7) + 1, monday: new Date(monday).toISOString().slice(0, 10) };
}

export function rowsOf(slots: Slot[]): SlotRow[] {
  const weeks = new Set(slots.map(({ local }) => weekOf(local.slice(0, 10)).monday));
  const marked = weeks.size * 2 <= slots.length;
  return slots.map((slot, i) => {
    const before = slots[i - 1];
    const week = weekOf(slot.local.slice(0, 10));
    const newWeek = !before || weekOf(before.local.slice(0, 10)).monday !== week.monday;
    return {
      ...slot,
      ...(marked && newWeek && { week }),
      ...(before && before.offset !== slot.offset && { clock: { from: before.offset, to: slot.offset } }),
    };
  });
}

// Hours by which the clock goes forward (backward: negative) from one offset to another.
export function shiftOf({ from, to }: { from: string; to: string }): number {
  const minutes = (offset: string) => {
    const [hours = 0, rest = 0] = offset.slice(1).split(":").map(Number);
    return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + rest);
  };
  return (minutes(to) - minutes(from)) / 60;
}

// How many other jobs have a slot at an instant, as far as the list of what comes next tells.
export function othersAt(coming: { job: string; at: string }[], job: string): Map<number, number> {
  const others = new Map<number, number>();
  for (const each of coming) {
    const at = Date.parse(each.at);
    if (each.job !== job) others.set(at, (others.get(at) ?? 0) + 1);
  }
  return others;
}
