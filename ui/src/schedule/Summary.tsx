// What the schedule in the form means, answered by the server while one types: a sentence, the next runs, and what to
// think about before saving.
import type { Preview, Suggestion } from "../api/schema";
import { text } from "../text/en";
import { offsetOf } from "../time/format";
import { ProblemPanel } from "../ui/Problem";
import { Upcoming } from "../ui/Upcoming";
import { Warnings } from "./Warnings";
import classes from "./Summary.module.css";

const t = text.edit;

interface Props {
  // What is shown when there is nothing to ask the server: nothing typed, or by hand only.
  quiet: string | null;
  preview: Preview | undefined;
  // The answer to what was typed before is still shown.
  stale: boolean;
  // Why there is no answer: what was typed is wrong.
  refused: string | null;
  failure: unknown;
  // The times stand for those that the server will choose: `H` in a job that is not there yet.
  example: boolean;
  onTake: (suggestion: Suggestion) => void;
}

export function Summary({ quiet, preview, stale, refused, failure, example, onTake }: Props) {
  return (
    <aside className={classes.summary} aria-label={t.summary}>
      <h2>{t.summary}</h2>
      {quiet !== null ? <p className="dim">{quiet}</p>
      : failure ? <ProblemPanel title={t.previewAway} error={failure} />
      : refused !== null || !preview ? <p className="dim">{refused ?? t.typing}</p>
      : (
        <div className={classes.answer} data-stale={stale || undefined}>
          <p className={classes.words} aria-live="polite" data-testid="schedule-words">{preview.words}</p>
          <h3>{t.next}</h3>
          {preview.next.length > 0
            ? <Upcoming slots={preview.next.map((local) => ({ at: new Date(local).toISOString(), local, offset: offsetOf(local) }))} />
            : <p className="dim">{t.nextNone}</p>}
          {preview.runs_per_week > 0 && <p className="dim">{t.perWeek(preview.runs_per_week)}</p>}
          {example && <p className="small dim">{t.spreadHint}</p>}
          <Warnings warnings={preview.warnings} onTake={onTake} />
        </div>
      )}
    </aside>
  );
}
