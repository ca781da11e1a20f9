// The last runs of a job as bars, newest right: flaky, or freshly broken? Height and fill say the status, so that it
// reads without colour. One stop of the Tab key; arrow keys go from run to run.
import { Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import type { RunSummary } from "../api/schema";
import { text } from "../text/en";
import { absolute } from "../time/format";
import { familyOf, runStatus } from "./Status";
import classes from "./Strip.module.css";

// `runs` newest first, as the server lists them.
export function Strip({ runs, label }: { runs: RunSummary[]; label: string }) {
  const list = useRef<HTMLUListElement>(null);
  const shown = runs.toReversed();
  const [at, setAt] = useState(shown.length - 1);
  const active = Math.min(at, shown.length - 1);

  function onKeyDown(event: React.KeyboardEvent) {
    const to = event.key === "ArrowLeft" ? active - 1 : event.key === "ArrowRight" ? active + 1 : -1;
    if (to < 0 || to >= shown.length) return;
    event.preventDefault();
    setAt(to);
    list.current?.querySelectorAll<HTMLElement>("a")[to]?.focus();
  }

  return (
    // The keys only move between the links inside.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <ul ref={list} className={classes.strip} aria-label={label} onKeyDown={onKeyDown}>
      {shown.map((run, i) => {
        const word = runStatus(run);
        const name = `${text.runs.label(text.status[word], absolute(Date.parse(run.at)))}${run.execution_time === null ? "" : `, ${run.duration_formatted}`}`;
        return (
          <li key={run.id}>
            <Link to="/runs/$id" params={{ id: run.id } as never} preload={false} className={classes.hit} aria-label={name} title={name} tabIndex={i === active ? 0 : -1} onFocus={() => setAt(i)}>
              <span className={classes.bar} data-family={familyOf(word)} />
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
