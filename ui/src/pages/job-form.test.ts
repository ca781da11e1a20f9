import { describe, expect, test } from "vitest";
import type { Job } from "../api/schema";
import { askingOf, changesBy, changesOf, emptyForm, formOf, writeOf } from "./job-form";

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
    const job = aJob({ kind: "celery", target: { task: "a.b", args: [1], exchange: "erp", headers: { tenant: "7" } } });
    const form = formOf(job);
    expect(changesOf(job, form, { ...form, queue: "finance" })).toEqual({
      target: { task: "a.b", args: [1], exchange: "erp", headers: { tenant: "7" }, queue: "finance" },
    });
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
