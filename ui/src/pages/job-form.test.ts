import { describe, expect, test } from "vitest";
import type { Job } from "../api/schema";
import { changesOf, formOf } from "./job-form";

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
