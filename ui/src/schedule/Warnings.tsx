// What to think about before a schedule is saved, as the server says it.
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import type { ScheduleWarning, Suggestion } from "../api/schema";
import { text } from "../text/en";
import classes from "./Summary.module.css";
import { Take } from "./Take";

interface Props {
  warnings: ScheduleWarning[];
  // Without it, suggestions are not offered.
  onTake?: (suggestion: Suggestion) => void;
}

export function Warnings({ warnings, onTake }: Props) {
  if (warnings.length === 0) return null;
  const strongFirst = warnings.toSorted((a, b) => Number(b.strong) - Number(a.strong));
  return (
    <ul className={classes.warnings} aria-label={text.edit.warnings}>
      {strongFirst.map(({ code, message, strong, suggest }) => (
        <li key={`${code} ${message}`} data-code={code} data-strong={strong || undefined}>
          {strong ? <IconAlertTriangle size={16} aria-hidden="true" /> : <IconInfoCircle size={16} aria-hidden="true" />}
          <div>
            <strong>{text.warnings[code] ?? code}</strong>
            <p>{message}</p>
            {suggest && onTake && <Take suggestion={suggest} onTake={onTake} />}
          </div>
        </li>
      ))}
    </ul>
  );
}
