// Runs in a windowed grid that pages by cursor: of one job, or of all.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { listRuns, nextCursor, type RunFilter } from "../api/runs";
import type { Run } from "../api/schema";
import { count as counted, text } from "../text/en";
import { Grid, GridSkeleton, type Column } from "./Grid";
import { Empty, ProblemPanel } from "./Problem";
import { RunTime, triggerOf } from "./RunList";
import classes from "./RunsGrid.module.css";
import { runStatus, Status } from "./Status";
import { Time } from "./Time";

const size = 50;
const t = text.runs;

interface Props {
  filter: RunFilter;
  // With a column for the job's name.
  named: boolean;
  filtered: boolean;
}

export function RunsGrid({ filter, named, filtered }: Props) {
  const navigate = useNavigate();
  const { data, error, isPending, isError, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ["runs", "page", filter, "all"],
    queryFn: ({ pageParam, signal }) => listRuns(filter, size, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: nextCursor,
  });
  const runs = data?.pages.flatMap((page) => page.results) ?? [];
  const onRange = useCallback(
    (_: number, last: number) => {
      if (hasNextPage && !isFetchingNextPage && last >= runs.length - 5) void fetchNextPage();
    },
    [hasNextPage, isFetchingNextPage, fetchNextPage, runs.length],
  );

  if (isPending) return <GridSkeleton />;
  if (isError && !data) return <ProblemPanel error={error} onRetry={() => void refetch()} />;
  if (runs.length === 0) {
    return (
      <div className={classes.empty}>
        {filtered ? <Empty title={t.noMatchTitle}>{t.noMatchText}</Empty> : <Empty title={t.noneTitle}>{t.noneText}</Empty>}
      </div>
    );
  }

  const columns: Column<Run>[] = [
    { key: "status", header: t.columns.status, width: "138px", cell: (run) => <Status word={runStatus(run)} /> },
    ...(named
      ? [{ key: "name", header: t.columns.job, width: "minmax(160px, 1.6fr)", cell: (run: Run, reach: 0 | -1) => <JobName run={run} reach={reach} /> }]
      : []),
    { key: "at", header: t.columns.at, width: "128px", cell: (run) => <Time at={run.at} /> },
    { key: "duration", header: t.columns.duration, width: "104px", cell: (run) => <RunTime run={run} /> },
    { key: "trigger", header: t.columns.trigger, width: "minmax(134px, 0.7fr)", cell: (run) => <Trigger run={run} /> },
    { key: "message", header: t.columns.message, width: "minmax(140px, 2fr)", cell: (run) => <Message run={run} /> },
  ];
  return (
    <Grid
      label={t.title}
      columns={columns}
      count={runs.length + (hasNextPage ? 5 : 0)}
      rowAt={(index) => runs[index]}
      keyOf={(run) => run.id}
      onOpen={(run) => void navigate({ to: "/runs/$id", params: { id: run.id } as never })}
      onRange={onRange}
      rowHeight={40}
      cardHeight={named ? 108 : 84}
    />
  );
}

function JobName({ run, reach }: { run: Run; reach: 0 | -1 }) {
  if (!run.job) return <span className="cut" title={run.job_name ?? undefined}>{run.job_name}</span>;
  return (
    <Link to="/jobs/$id/{-$tab}" params={{ id: run.job }} className={`cut ${classes.name}`} tabIndex={reach} title={run.job_name ?? undefined}>{run.job_name}</Link>
  );
}

function Trigger({ run }: { run: Run }) {
  const words = `${triggerOf(run)}${run.late ? ` · ${t.late}` : ""}`;
  return <span className="cut dim" title={words}>{words}</span>;
}

// The last thing that is worth reading: the error, why it did not run, or the end of its output.
function Message({ run }: { run: Run }) {
  const reason = run.reason ? (text.reason[run.reason] ?? run.reason) : "";
  const slots = run.slot_count && run.slot_count > 1 ? `${counted(run.slot_count, "slot")} · ` : "";
  const words = run.error || (reason && `${slots}${reason}`) || run.output_message.trimEnd().split("\n").at(-1) || "";
  return <span className={`cut ${classes.message}`} title={words}>{plain(words)}</span>;
}

// Colours and cursor moves have no place in a single line.
// oxlint-disable-next-line no-control-regex
const plain = (words: string) => words.replaceAll(/\u001b\[[0-9;?]*[a-zA-Z]|\u001b\][^\u0007]*\u0007|[\u0000-\u001f]/g, "");
