// What the address of the job list asks for, and back. Pure.
import type { JobFilter } from "../api/jobs";
import type { Kind, ScheduleType, Status } from "../api/schema";
import type { Search } from "../app/search";

export const statuses: Status[] = ["success", "failed", "timed_out", "lost", "missed", "skipped", "running", "queued", "cancelled", "pending"];
export const types: ScheduleType[] = ["cron", "interval", "clocked", "solar", "manual"];
export const kinds: Kind[] = ["command", "celery", "internal"];
export type Sort = NonNullable<JobFilter["ordering"]>[number];
export const sorts: Sort[] = ["name", "next_run_at", "last_run_at", "created_at", "last_status", "owner"];
export const defaultSort: Sort = "name";

export interface JobsSearch {
  q: string;
  status: Status[];
  active: ("true" | "false")[];
  type: ScheduleType[];
  kind: Kind[];
  owner: string[];
  tag: string[];
  sort: Sort;
}

const list = (text: string | undefined) => (text ?? "").split(",").filter(Boolean);

// The search of the address, and the names of those whose value is not known and was left out.
export function readJobsSearch(search: Search): { asked: JobsSearch; bad: string[] } {
  const bad: string[] = [];
  const known = <Value extends string>(name: string, allowed: Value[]) => {
    const values = list(search[name]);
    const good = allowed.filter((value) => values.includes(value));
    if (good.length < values.length) bad.push(name);
    return good;
  };
  const sort = (search.sort ?? defaultSort) as Sort;
  const sortKnown = sorts.includes(sort.replace(/^-/, "") as Sort);
  if (!sortKnown) bad.push("sort");
  const asked = {
    q: search.q ?? "",
    status: known("status", statuses),
    active: known<"true" | "false">("active", ["true", "false"]).slice(0, 1),
    type: known("type", types),
    kind: known("kind", kinds),
    owner: list(search.owner).slice(0, 1),
    tag: list(search.tag),
    sort: sortKnown ? sort : defaultSort,
  };
  return { asked, bad };
}

// Only what differs from the default has a place in the address.
export function writeJobsSearch({ q, sort, ...lists }: JobsSearch): Search {
  const search: Search = { q: q || undefined, sort: sort === defaultSort ? undefined : sort };
  for (const [name, values] of Object.entries(lists)) search[name] = values.length ? values.join(",") : undefined;
  return search;
}

export function jobFilterOf({ q, status, active, type, kind, owner, tag, sort }: JobsSearch): JobFilter {
  const some = <Value>(values: Value[]) => (values.length ? values : undefined);
  return {
    search: q || undefined,
    status: some(status),
    is_active: active[0] === undefined ? undefined : active[0] === "true",
    schedule_type: some(type),
    kind: some(kind),
    owner: some(owner),
    tag: some(tag),
    ordering: [sort],
  };
}

export const isFiltered = ({ q, sort: _, ...lists }: JobsSearch): boolean =>
  q !== "" || Object.values(lists).some((values) => values.length > 0);
