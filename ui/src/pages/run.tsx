// One run: how it stands, how it got there, and what it prints.
import { Button, Tabs } from "@mantine/core";
import { IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { confirmCancel } from "../actions/cancel-run";
import { startAgain, startRun } from "../actions/run-now";
import { asProblem } from "../api/problem";
import { queryClient, runQuery } from "../api/queries";
import { isCancelling, isFinal, type RunDetail } from "../api/schema";
import type { Search } from "../app/search";
import { useTitle } from "../app/title";
import { Output } from "../output/Output";
import { bytes } from "../output/follow";
import { number, text } from "../text/en";
import { duration } from "../time/format";
import { Lines } from "../ui/Card";
import { CopyButton } from "../ui/Copy";
import { Empty, ProblemPanel } from "../ui/Problem";
import { RunTime, triggerOf } from "../ui/RunList";
import { runStatus, Status, StatusMark } from "../ui/Status";
import { Time } from "../ui/Time";
import classes from "./run.module.css";

const t = text.runPage;

export default function RunPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { data: run, error, isPending, refetch } = useQuery({
    ...runQuery(id),
    // The event stream tells sooner; this is for when it is away.
    refetchInterval: (query) => (query.state.data && isFinal(query.state.data.status) ? false : 5000),
  });
  useTitle(run ? text.status[runStatus(run)] : t.title, run?.job_name ?? run?.task ?? undefined);

  if (isPending) return <Lines rows={6} />;
  if (!run) {
    return asProblem(error).status === 404
      ? <Empty title={t.notFoundTitle} action={<Button component={Link} to="/runs" variant="default">{text.runs.title}</Button>}>{t.notFoundText}</Empty>
      : <ProblemPanel error={error} onRetry={() => void refetch()} />;
  }
  return (
    <>
      <Head run={run} />
      {!isRange(run) && <Stages run={run} />}
      <Facts run={run} />
      <Parts run={run} />
    </>
  );
}

// It is a task of Celery, which sends us no output.
const isTask = (run: RunDetail) => run.celery_task_id !== null && run.output_size === 0;

// Slots that did not run, told as one.
const isRange = (run: RunDetail) => (run.slot_count ?? 0) > 0 && (run.status === "skipped" || run.status === "missed");

function Head({ run }: { run: RunDetail }) {
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const word = runStatus(run);
  const final = isFinal(run.status);

  const again = async () => {
    setBusy(true);
    try {
      const job = run.job && { id: run.job, name: run.job_name ?? run.task ?? "" };
      // Slots that did not run were given nothing that could be repeated.
      const id = job && (await (isRange(run) ? startRun(job) : startAgain(run, job)));
      if (id) await navigate({ to: "/runs/$id", params: { id } as never });
    } finally {
      setBusy(false);
    }
  };

  return (
    <header className={classes.head}>
      <p className={classes.back}>
        {run.job ? <Link to="/jobs/$id/{-$tab}" params={{ id: run.job }}>← {run.job_name}</Link> : run.job_name ?? run.task ?? run.celery_task_id}
      </p>
      <div className={classes.title}>
        <h1>
          <span data-testid="run-status" role="status"><Status word={word} /></span>
          <span className={classes.took}>{run.execution_time !== null || run.status === "running" ? <RunTime run={run} /> : null}</span>
          <span className="visually-hidden">{run.job_name}</span>
        </h1>
        <span className={classes.id}><span className="dim">{t.run}</span> <span className="mono cut" title={run.id}>{run.id}</span><CopyButton value={run.id} /></span>
        <span className={classes.actions}>
          {!final && !isCancelling(run) && (
            <Button variant="default" leftSection={<IconPlayerStop size={16} />} onClick={() => void confirmCancel(run)}>{text.run.cancel}</Button>
          )}
          {final && run.job && <Button variant="default" leftSection={<IconRefresh size={16} />} loading={busy} onClick={() => void again()}>{text.run.again}</Button>}
        </span>
      </div>
      {run.reason && <p className={`dim ${classes.reason}`}>{text.reason[run.reason] ?? run.reason}</p>}
      {run.error && <p className={classes.error}>{run.error}</p>}
      {run.evidence && <p className="dim">{t.evidence}: {run.evidence}</p>}
    </header>
  );
}

// Planned → queued → started → ended, with the time between: where a late run lost its time.
function Stages({ run }: { run: RunDetail }) {
  const stages = [
    { name: run.scheduled_for ? t.stages.planned : t.stages.asked, at: run.scheduled_for ?? run.at },
    { name: t.stages.queued, at: run.queued_at },
    ...(isTask(run) ? [{ name: t.stages.received, at: run.received_at }] : []),
    { name: t.stages.started, at: run.run_started_at },
    { name: t.stages.ended, at: run.run_ended_at },
  ];
  const final = isFinal(run.status);
  return (
    <ol className={classes.stages}>
      {stages.map(({ name, at }, i) => {
        const before = stages.slice(0, i).findLast((stage) => stage.at)?.at;
        const gap = at && before ? (Date.parse(at) - Date.parse(before)) / 1000 : null;
        return (
          <li key={name} data-done={at ? true : undefined}>
            {i > 0 && <span className={classes.gap}>{gap !== null && gap >= 0 ? duration(gap) : ""}</span>}
            <span className={classes.point}>{i === stages.length - 1 && final ? <StatusMark word={runStatus(run)} size={14} /> : <i />}</span>
            <span className={classes.stage}>{name}</span>
            <span className={classes.stageAt}>{at ? <Time at={at} as="clock" /> : "–"}</span>
          </li>
        );
      })}
    </ol>
  );
}

function Facts({ run }: { run: RunDetail }) {
  const delay = run.run_started_at && run.scheduled_for ? (Date.parse(run.run_started_at) - Date.parse(run.scheduled_for)) / 1000 : null;
  const facts: [string, React.ReactNode][] = [
    [t.facts.trigger, triggerOf(run)],
    [t.facts.slots, isRange(run) ? number(run.slot_count ?? 0) : null],
    [t.facts.first, isRange(run) ? <Time key="f" at={run.scheduled_for ?? run.at} as="absolute" /> : null],
    [t.facts.last, isRange(run) && run.scheduled_until ? <Time key="l" at={run.scheduled_until} as="absolute" /> : null],
    [t.facts.duration, isRange(run) ? null : <RunTime key="d" run={run} />],
    [t.facts.delay, delay === null ? null : <>{duration(Math.max(0, delay))}{run.late && <span className={classes.late}> {text.runs.late}</span>}</>],
    [t.facts.exit, run.exit_code],
    [t.facts.worker, run.worker_name && (run.celery_task_id === null ? run.worker_name : <Link to="/workers/$name" params={{ name: run.worker_name } as never}>{run.worker_name}</Link>)],
    [t.facts.attempt, run.attempt > 1 ? number(run.attempt) : null],
    [t.facts.size, run.output_size ? bytes(run.output_size) : null],
    [t.facts.task, run.celery_task_id && <span className="mono">{run.celery_task_id}</span>],
    [t.facts.rerunOf, run.rerun_of && <RunLink id={run.rerun_of} />],
    [t.facts.reruns, run.reruns.length > 0 && <span className={classes.links}>{run.reruns.map((id) => <RunLink key={id} id={id} />)}</span>],
  ];
  return (
    <dl className={classes.facts} data-alone={isRange(run) || undefined}>
      {facts.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false).map(([name, value]) => (
        <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}

// The end of an id: those of one day begin alike.
const RunLink = ({ id }: { id: string }) => <Link to="/runs/$id" params={{ id } as never} className="mono" title={id}>…{id.slice(-8)}</Link>;

function Parts({ run }: { run: RunDetail }) {
  const navigate = useNavigate();
  const { tab, line } = useSearch({ strict: false }) as Search;
  const failure = run.traceback || (run.error && run.error.includes("\n") ? run.error : "");
  const attempts = run.attempts.length > 1 ? run.attempts : [];
  const parts = [!isTask(run) && "output", run.result && "result", failure && "error", attempts.length && "attempts", run.notes.length && "notes"].filter(Boolean) as (keyof typeof t.tabs)[];
  const first = parts[0];
  const shown = parts.includes(tab as never) ? tab : first;

  // After the end the facts are fetched once more, in case the event stream is away.
  const onEnd = () => void queryClient.invalidateQueries({ queryKey: ["runs", "one", run.id] });

  if (isRange(run)) return <Empty title={t.slotRange(run.slot_count ?? 0)}>{t.noOutputHere}</Empty>;
  if (!first) return <p className="dim">{!isFinal(run.status) ? t.noResultYet : run.run_started_at || run.worker_name ? t.noResult : t.noTask}</p>;
  return (
    <Tabs value={shown} keepMounted={false} onChange={(value) => void navigate({ to: "/runs/$id", params: { id: run.id } as never, search: { tab: value === first ? undefined : value } as never, replace: true })}>
      {(parts.length > 1 || first !== "output") && (
        <Tabs.List className={classes.tabs}>
          {parts.map((part) => <Tabs.Tab key={part} value={part}>{t.tabs[part]}</Tabs.Tab>)}
        </Tabs.List>
      )}
      <Tabs.Panel value="output">
        <Output key={run.id} run={run} onEnd={onEnd} line={Number(line) || 0}
          onLine={(to) => void navigate({ to: "/runs/$id", params: { id: run.id } as never, search: { line: to ? String(to) : undefined } as never, replace: true })} />
      </Tabs.Panel>
      <Tabs.Panel value="error"><Block words={failure} /></Tabs.Panel>
      <Tabs.Panel value="result"><Block words={run.result ?? ""} /></Tabs.Panel>
      <Tabs.Panel value="attempts">
        <ol className={classes.attempts}>
          {attempts.map((attempt) => (
            <li key={attempt.n}>
              <span className="dim">{number(attempt.n)}</span>
              <Status word={attempt.status} />
              {attempt.started_at && <Time at={attempt.started_at} />}
              <span className="dim">{attempt.error ?? (attempt.reason && (text.reason[attempt.reason] ?? attempt.reason))}</span>
            </li>
          ))}
        </ol>
      </Tabs.Panel>
      <Tabs.Panel value="notes">
        <ul className={classes.attempts}>
          {run.notes.map((note) => {
            return <li key={`${note.at} ${note.text}`}><Time at={note.at} /> {note.text}</li>;
          })}
        </ul>
      </Tabs.Panel>
    </Tabs>
  );
}

function Block({ words }: { words: string }) {
  return (
    <div className={classes.block}>
      <CopyButton value={words} />
      <pre>{words}</pre>
    </div>
  );
}
