import { expect, it } from "vitest";
import { emptyForm } from "./job-form";
import { merge, shownOf, taking } from "./job-merge";

const base = { ...emptyForm("UTC"), name: "backup", cron: "0 1 * * *", timeout: "60" };

it("what only one of two people changed stands, and what both changed is asked for", () => {
  const mine = { ...base, name: "Backup", timeout: "90", tags: "ops" };
  const theirs = { ...base, name: "nightly backup", grace: "300", tags: "ops" };
  const { merged, both, theirs: only } = merge(base, mine, theirs);
  expect(both).toEqual(["name"]);
  expect(only).toEqual(["grace"]);
  expect(merged).toEqual({ ...base, name: "Backup", timeout: "90", grace: "300", tags: "ops" });
  expect(taking(merged, theirs, "name").name).toBe("nightly backup");
});

it("a schedule is one thing, in however many fields it is spelled", () => {
  const mine = { ...base, cron: "0 2 * * *" };
  const theirs = { ...base, when: "interval" as const, interval: { n: 6, unit: "hours" } };
  expect(merge(base, mine, theirs).both).toEqual(["cron"]);
  expect(shownOf(taking(mine, theirs, "cron"), "cron")).toBe("every 6 hours");
  expect(merge(base, base, theirs)).toMatchObject({ both: [], theirs: ["cron"] });
});
