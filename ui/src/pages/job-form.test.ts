import { describe, expect, test } from "vitest";
import { readExact } from "../api/exact";
import type { Job } from "../api/schema";
import { askingOf, changesBy, changesOf, check, emptyForm, fieldOf, formOf, writeOf } from "./job-form";
import { areOfSettings, emptyTarget, usesSettings } from "./job-target";

const base: Partial<Job> = {
  name: "backup", description: "", kind: "command", task: "/bin/backup", schedule: "0 1 * * *", timezone: "UTC",
  overlap: "skip", misfire: "latest", timeout: null, grace: 60, tags: [], is_active: true,
};
const aJob = (more: Partial<Record<keyof Job, unknown>>): Job => ({ ...base, ...more }) as Job;

describe("saving an edited job", () => {
  test("sends what was touched and nothing else", () => {
    const job = aJob({ target: { argv: ["/bin/backup"], env: { TEXT: "one\ntwo" }, shell: true } });
    const form = formOf(job);
    expect(changesOf(job, form, form)).toEqual({});
    expect(changesOf(job, form, { ...form, name: "Backup", timeout: "30" })).toEqual({ name: "Backup", timeout: 30 });
  });

  test("keeps the parts of a target that the form does not show", () => {
    const job = aJob({ target: { argv: ["/bin/backup"], shell: true } });
    const form = formOf(job);
    expect(changesOf(job, form, { ...form, folder: "/srv" })).toEqual({ target: { argv: ["/bin/backup"], shell: true, cwd: "/srv" } });
  });

  test("takes away what was emptied", () => {
    const job = aJob({ target: { argv: ["/bin/backup"], cwd: "/srv" } });
    const form = formOf(job);
    expect(changesOf(job, form, { ...form, folder: "" })).toEqual({ target: { argv: ["/bin/backup"] } });
  });

  test("a word with line breaks comes back as it was", () => {
    const job = aJob({ target: { argv: ["/bin/sh", "-c", "a\nb 'c'"] } });
    const form = formOf(job);
    expect(changesOf(job, form, { ...form, command: `${form.command} d` })).toEqual({ target: { argv: ["/bin/sh", "-c", "a\nb 'c'", "d"] } });
  });
});

describe("how a task of Celery is sent", () => {
  const target = {
    task: "a.b", args: [1], kwargs: {}, exchange: "erp", routing_key: "erp.#", priority: 0, expires: readExact("90.50"), time_limit: 60, soft_time_limit: 55,
    ignore_result: false, headers: { tenant: readExact("9007199254740993") },
  };
  const job = aJob({ kind: "celery", target });
  const form = formOf(job);

  test("is shown, and written as it was, with every digit", () => {
    expect(form).toMatchObject({
      exchange: "erp", routingKey: "erp.#", priority: "0", expires: "90.50", timeLimit: "60", softTimeLimit: "55", ignoreResult: "false", headers: '{"tenant":9007199254740993}',
    });
    expect(writeOf(form).target).toEqual(target);
    expect(changesOf(job, form, form)).toEqual({});
  });

  test("what is emptied is left out, and the task decides", () => {
    const emptied = { ...form, ...emptyTarget, task: "a.b" };
    expect(writeOf(emptied).target).toEqual({ task: "a.b", args: [], kwargs: {} });
    expect(changesOf(job, form, { ...form, ignoreResult: "", headers: "" }).target).toEqual({ ...target, ignore_result: undefined, headers: undefined });
  });

  test("an instant is a text, and what is no number goes to the server, which refuses it at its field", () => {
    expect(writeOf({ ...form, expires: "2026-12-24T18:00:00+01:00", priority: "high" }).target).toMatchObject({ expires: "2026-12-24T18:00:00+01:00", priority: "high" });
    expect(writeOf({ ...form, timeout: "soon", grace: ".5" })).toMatchObject({ timeout: "soon", grace: 0.5 });
    expect(["target.soft_time_limit", "target.headers.id", "target.routing_key", "task"].map(fieldOf)).toEqual(["softTimeLimit", "headers", "routingKey", "task"]);
    expect(check({ ...form, headers: "[]" })).toEqual({ headers: "Not a JSON object." });
  });

  test("is among the settings that are shown when asked for, or when they are used", () => {
    expect([usesSettings(emptyTarget), usesSettings(form), usesSettings({ ...emptyTarget, queue: "q" })]).toEqual([false, true, false]);
    expect([areOfSettings(["name", "expires"]), areOfSettings(["task"])]).toEqual([true, false]);
  });
});

describe("from and until", () => {
  const job = aJob({ timezone: "Europe/Berlin", start_at: "2026-12-31T23:00:00Z", end_at: "2027-10-31T01:30:00Z", target: { argv: ["/bin/backup"] } });
  const form = formOf(job);

  test("are shown by the clock of the job's zone, and not sent when nobody touched them", () => {
    expect([form.startAt, form.endAt]).toEqual(["2027-01-01T00:00", "2027-10-31T02:30"]);
    expect(changesOf(job, form, form)).toEqual({});
    // The second of two half past two, which its text alone does not say.
    expect(askingOf(form, job)).toMatchObject({ start_at: job.start_at, end_at: job.end_at });
  });

  test("are sent as times of the zone, also when the zone alone has changed", () => {
    expect(changesOf(job, form, { ...form, endAt: "2028-01-01T00:00" })).toEqual({ end_at: "2028-01-01T00:00" });
    expect(changesOf(job, form, { ...form, startAt: "" })).toEqual({ start_at: null });
    expect(changesOf(job, form, { ...form, zone: "UTC" })).toEqual({ timezone: "UTC", start_at: "2027-01-01T00:00", end_at: "2027-10-31T02:30" });
    expect(writeOf({ ...emptyForm("UTC"), startAt: "2027-01-01T08:00" })).toMatchObject({ start_at: "2027-01-01T08:00", end_at: null });
  });

  test("come with the suggestion of a year", () => {
    expect(changesBy({ schedule: "0 9 * * *", start_at: "2027-01-01", end_at: "2028-01-01" }, form))
      .toMatchObject({ cron: "0 9 * * *", startAt: "2027-01-01T00:00", endAt: "2028-01-01T00:00" });
  });
});
