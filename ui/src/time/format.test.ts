import { expect, it } from "vitest";
import { absolute, clock, duration, elapsed, offsetOf, relative, staysTrueFor, wall, wallIn } from "./format";

it("a duration reads at a glance", () => {
  expect([0.64, 12.44, 200, 7500, 100_000].map(duration)).toEqual(["640 ms", "12.4 s", "3 min 20 s", "2 h 05 min", "1 d 3 h"]);
  expect(duration(Number.NaN)).toBe("–");
});

it("a running time ticks in whole seconds", () => {
  expect([47.9, 200, 7509].map(elapsed)).toEqual(["47 s", "3:20", "2:05:09"]);
});

it("a distance says whether it lies ahead", () => {
  const now = Date.parse("2026-11-25T04:00:00Z");
  expect(relative(now + 240_000, now)).toBe("in 4 min");
  expect(relative(now - 3 * 3_600_000, now)).toBe("3 h ago");
  expect(relative(now + 500, now)).toBe("now");
  expect(staysTrueFor(now + 30_000, now)).toBe(1000);
});

it("an absolute time names its day in the zone that is asked for", () => {
  const at = Date.parse("2026-11-25T23:30:00Z");
  expect(absolute(at, "UTC")).toBe("Wed 25 Nov 2026, 23:30:00");
  expect(absolute(at, "Europe/Berlin")).toBe("Thu 26 Nov 2026, 00:30:00");
  expect(clock(at, at, "UTC")).toBe("23:30:00");
});

it("a field for date and time has the clock of its zone", () => {
  expect(wallIn("2026-12-31T23:00:00Z", "Europe/Berlin")).toBe("2027-01-01T00:00");
  expect(wallIn("2026-12-31T18:29:15Z", "Asia/Kolkata")).toBe("2026-12-31T23:59:15");
});

it("a text with an offset shows its own wall clock", () => {
  expect(wall("2026-10-12T09:00:00+02:00")).toEqual({ date: "Mon 12 Oct 2026", time: "09:00:00" });
  expect(offsetOf("2026-09-21T09:00:00+02:00")).toBe("+02:00");
  expect(offsetOf("2026-09-21T09:00:00Z")).toBe("+00:00");
});
