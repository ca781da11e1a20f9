// All runs, newest first, of every job; what the tiles and counts of other pages link to.
import { Button } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { RunFilter } from "../api/runs";
import type { Search } from "../app/search";
import { useTitle } from "../app/title";
import { text } from "../text/en";
import { FilterMenu } from "../ui/FilterMenu";
import { PageHead } from "../ui/PageHead";
import { RunsGrid } from "../ui/RunsGrid";
import { SearchBox } from "../ui/SearchBox";
import { StatusMark } from "../ui/Status";
import { statuses } from "./jobs-filter";
import classes from "./jobs.module.css";

const triggers: NonNullable<RunFilter["trigger"]> = ["schedule", "catch_up", "manual", "api", "rerun"];
const split = <Word extends string>(words: string | undefined, known: Word[]) => {
  const asked = (words ?? "").split(",");
  return known.filter((word) => asked.includes(word));
};

export default function RunsPage() {
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as Search;
  const status = split(search.status, statuses);
  const trigger = split(search.trigger, triggers);
  const q = search.q ?? "";
  useTitle(text.runs.title);

  const filter = useMemo<RunFilter>(
    () => ({ search: q || undefined, status: status.length ? status : undefined, trigger: trigger.length ? trigger : undefined }),
    // The lists are made anew each time; their text is what counts.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [q, search.status, search.trigger],
  );
  const go = (changes: Search, replace = false) => void navigate({ to: "/runs", search: { ...search, ...changes }, replace });
  const filtered = q !== "" || status.length > 0 || trigger.length > 0;

  return (
    <>
      <PageHead title={text.runs.title} />
      <div className={classes.tools} role="search">
        <SearchBox className={classes.search} label={text.runs.searchLabel} placeholder={text.runs.search} value={q} onSearch={(value) => go({ q: value }, true)} />
        <FilterMenu name={text.runs.columns.status} chosen={status} onChange={(chosen) => go({ status: chosen.join(",") })}
          options={statuses.map((value) => ({ value, label: text.status[value], mark: <StatusMark word={value} /> }))} />
        <FilterMenu name={text.runs.columns.trigger} chosen={trigger} onChange={(chosen) => go({ trigger: chosen.join(",") })}
          options={triggers.map((value) => ({ value, label: text.trigger[value] ?? value }))} />
        {filtered && <Button variant="subtle" color="gray" className={classes.clear} onClick={() => go({ q: "", status: "", trigger: "" })}>{text.jobs.clear}</Button>}
      </div>
      <RunsGrid filter={filter} named filtered={filtered} />
    </>
  );
}
