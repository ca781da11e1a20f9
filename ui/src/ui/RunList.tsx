// A few runs, one line each, newest first: where a whole grid would be too much.
import { Link } from "@tanstack/react-router";
import type { RunSummary } from "../api/schema";
import { text } from "../text/en";
import { duration } from "../time/format";
import classes from "./RunList.module.css";
import { runStatus, StatusMark } from "./Status";
import { Elapsed, Time } from "./Time";

export const triggerOf = (run: Pick<RunSummary, "trigger" | "triggered_by">): string => {
  const word = text.trigger[run.trigger] ?? run.trigger;
  return run.triggered_by ? text.triggerBy(word, run.triggered_by) : word;
};

// How long it took, or how long it has been running.
export function RunTime({ run }: { run: RunSummary }) {
  if (run.execution_time !== null) return <span className="tabular">{duration(run.execution_time)}</span>;
  if (run.status === "running" && run.run_started_at) return <Elapsed since={run.run_started_at} />;
  return <span className="dim">–</span>;
}

// `named`: with the job's name, where the runs are of many jobs.
export function RunList({ runs, named = false }: { runs: RunSummary[]; named?: boolean }) {
  return (
    <ul className={classes.list}>
      {runs.map((run) => {
        const word = runStatus(run);
        const why = run.error?.split("\n")[0] || (run.reason ? (text.reason[run.reason] ?? run.reason) : "");
        return (
          <li key={run.id}>
            <Link to="/runs/$id" params={{ id: run.id } as never} className={classes.line}>
              <StatusMark word={word} />
              <span className={`clamp ${classes.main}`} title={(named ? run.job_name : why) || undefined}>
                {named ? <>{run.job_name}<span className="visually-hidden"> {text.status[word]}</span></> : text.status[word]}
                {!named && why && <span className="dim"> · {why}</span>}
              </span>
              {!named && <span className={`cut dim ${classes.trigger}`}>{triggerOf(run)}</span>}
              <span className={classes.time}><RunTime run={run} /></span>
              <span className={`dim ${classes.when}`}><Time at={run.at} /></span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
