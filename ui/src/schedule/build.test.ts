import { describe, expect, it } from "vitest";
import { type Choice, firstOf, kindsOf, limits, readChoice, writeChoice } from "./build";
import { type CronField, fieldsOf } from "./words";

const fields = fieldsOf(6);

describe("a field that is built", () => {
  it("reads as the choice that wrote it, for every kind that a field offers", () => {
    for (const name of fields) {
      for (const kind of kindsOf(name)) {
        const choice = firstOf(kind, name);
        expect(readChoice(writeChoice(choice, name), name), `${name} ${kind}`).toEqual(choice);
      }
    }
  });

  it("is written as people write it", () => {
    const written: [CronField, Choice, string][] = [
      ["minute", { kind: "step", every: 15, from: 0 }, "*/15"],
      ["minute", { kind: "step", every: 15, from: 5 }, "5/15"],
      ["day", { kind: "step", every: 2, from: 1 }, "*/2"],
      ["hour", { kind: "range", from: 22, to: 2 }, "22-2"],
      ["weekday", { kind: "only", values: [5, 1, 2, 3, 4] }, "1-5"],
      ["hour", { kind: "only", values: [8, 9, 10, 12, 14, 15] }, "8-10,12,14,15"],
      ["weekday", { kind: "nth", nth: 0, weekday: 5 }, "5L"],
      ["weekday", { kind: "nth", nth: 2, weekday: 2 }, "2#2"],
      ["day", { kind: "workday", near: 15 }, "15W"],
    ];
    for (const [name, choice, field] of written) expect(writeChoice(choice, name)).toBe(field);
  });

  it("reads names, lists and ranges of them", () => {
    expect(readChoice("MON-FRI", "weekday")).toEqual({ kind: "only", values: [1, 2, 3, 4, 5] });
    expect(readChoice("sat,sun", "weekday")).toEqual({ kind: "only", values: [0, 6] });
    expect(readChoice("5-7", "weekday")).toEqual({ kind: "only", values: [0, 5, 6] });
    expect(readChoice("JAN,7-9", "month")).toEqual({ kind: "only", values: [1, 7, 8, 9] });
    expect(readChoice("7", "weekday")).toEqual({ kind: "only", values: [0] });
  });

  it("stays as it was typed where no choice says the same", () => {
    const others: [CronField, string][] = [
      ["minute", "0-30/7"], ["minute", "60"], ["hour", "22-2,5"], ["day", "L-3"], ["day", "L,15"], ["weekday", "MON#1,FRI"],
      ["month", "FOO"], ["minute", "H(0-7)"], ["weekday", "*/2"], ["minute", "*/90"], ["day", "0"], ["minute", "1,,2"], ["month", "11-2"],
    ];
    for (const [name, field] of others) {
      expect(readChoice(field, name), `${name} ${field}`).toEqual({ kind: "typed", field });
      expect(writeChoice(readChoice(field, name), name)).toBe(field);
    }
  });

  it("never leaves the limits of its field", () => {
    for (const name of fields) {
      const { low, high } = limits[name];
      for (let value = low; value <= high; value++)
        expect(readChoice(String(value), name)).toEqual({ kind: "only", values: [value] });
      expect(readChoice(String(high + 2), name).kind).toBe("typed");
    }
  });
});
