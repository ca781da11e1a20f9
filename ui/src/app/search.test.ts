import { expect, it } from "vitest";
import { readJobsSearch, writeJobsSearch } from "../pages/jobs-filter";
import { parseSearch, safeNext, stringifySearch } from "./search";

it("an address can be read aloud, and says nothing that is empty", () => {
  expect(stringifySearch({ status: "failed,missed", q: "close day", sort: undefined })).toBe("?status=failed,missed&q=close+day");
  expect(parseSearch("?status=failed,missed&q=close+day")).toEqual({ status: "failed,missed", q: "close day" });
});

it("after signing in one goes to pages of ours alone", () => {
  for (const next of ["https://evil.example", "//evil.example", "/\\evil.example", "login", undefined]) expect(safeNext(next)).toBe("/");
  expect(safeNext("/jobs?status=failed")).toBe("/jobs?status=failed");
});

it("filters of a pasted address come back as they were", () => {
  const search = parseSearch("?status=failed,missed&owner=me&tag=billing&sort=-next_run_at");
  const { asked, bad } = readJobsSearch(search);
  expect(bad).toEqual([]);
  expect(writeJobsSearch(asked)).toMatchObject({ status: "failed,missed", owner: "me", tag: "billing", sort: "-next_run_at" });
});

it("a value that nobody knows is named and left out", () => {
  const { asked, bad } = readJobsSearch(parseSearch("?status=sleeping,failed&sort=colour"));
  expect(bad.sort()).toEqual(["sort", "status"]);
  expect(asked.status).toEqual(["failed"]);
});
