import { expect, it } from "vitest";
import { othersAt, rowsOf, shiftOf, weekOf } from "./slots";

it("a week has the number of ISO 8601, also around New Year", () => {
  expect(["2026-12-01", "2026-12-31", "2027-01-03", "2027-01-04", "2024-12-30", "2021-01-03"].map((date) => weekOf(date).number)).toEqual([49, 53, 53, 1, 1, 53]);
  expect(weekOf("2027-01-01").monday).toBe("2026-12-28");
  expect(weekOf("2026-11-30").monday).toBe("2026-11-30");
});

it("rows say where a week begins and where the clock changes", () => {
  const slot = (local: string, offset: string) => ({ at: new Date(local + offset).toISOString(), local, offset });
  const rows = rowsOf([
    slot("2027-03-27T02:30:00", "+01:00"),
    slot("2027-03-28T03:00:00", "+02:00"),
    slot("2027-03-29T02:30:00", "+02:00"),
    slot("2027-03-30T02:30:00", "+02:00"),
  ]);
  expect(rows.map(({ week }) => week?.number)).toEqual([12, undefined, 13, undefined]);
  expect(rows.map(({ clock }) => clock)).toEqual([undefined, { from: "+01:00", to: "+02:00" }, undefined, undefined]);
  // One slot a week: a mark at each would only be noise.
  expect(rowsOf([slot("2027-04-01T02:00:00", "+02:00"), slot("2027-05-01T02:00:00", "+02:00")]).map(({ week }) => week)).toEqual([undefined, undefined]);
});

it("a change of the clock is told in hours", () => {
  expect(shiftOf({ from: "+01:00", to: "+02:00" })).toBe(1);
  expect(shiftOf({ from: "-04:00", to: "-05:00" })).toBe(-1);
  expect(shiftOf({ from: "+10:30", to: "+11:00" })).toBe(0.5);
});

it("others that start at the same instant are counted without the job itself", () => {
  const coming = [
    { job: "a", at: "2026-12-01T02:00:00Z" },
    { job: "b", at: "2026-12-01T02:00:00.000Z" },
    { job: "c", at: "2026-12-01T02:00:00Z" },
    { job: "b", at: "2026-12-01T03:00:00Z" },
  ];
  const others = othersAt(coming, "a");
  expect(others.get(Date.parse("2026-12-01T02:00:00Z"))).toBe(2);
  expect(othersAt(coming, "b").get(Date.parse("2026-12-01T03:00:00Z"))).toBeUndefined();
});
