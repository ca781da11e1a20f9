// When a job runs: one of four ways to say it, the zone, and what the server suggests.
import { Button, NumberInput, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import type { DayMatch, DstFold, DstGap, FieldError, Preview, Suggestion } from "../api/schema";
import { Cron } from "../schedule/Cron";
import { Take } from "../schedule/Take";
import { boxesOf, intervalUnits, restBehind } from "../schedule/words";
import { browserZone } from "../app/preferences";
import { text } from "../text/en";
import { zonesFrom } from "../time/zones";
import { type JobForm, type When } from "./job-form";
import classes from "./job-edit.module.css";

const t = text.edit;

interface Props {
  form: JobForm;
  set: (changes: Partial<JobForm>) => void;
  field: (key: keyof JobForm) => object;
  error?: string;
  // What the server says is wrong with the schedule; of the text as it is now unless `stale`.
  refusal?: FieldError;
  stale: boolean;
  meaning?: Preview;
  take: (suggestion: Suggestion) => void;
}

export function WhenFields({ form, set, field, error, refusal, stale, meaning, take }: Props) {
  const [pasted, setPasted] = useState("");
  const [rest, setRest] = useState("");

  // A line of a crontab that was pasted becomes a schedule by itself; what stood behind it is offered. One that was
  // typed waits for a click.
  const taking = (suggestion: Suggestion) => {
    setRest(restBehind(suggestion.schedule, form.cron));
    take(suggestion);
  };
  useEffect(() => {
    const suggestion = !stale && pasted === form.cron.trim() ? refusal?.suggest : undefined;
    if (!suggestion || !restBehind(suggestion.schedule, form.cron)) return;
    setPasted("");
    taking(suggestion);
    // Of these, the ones that change from one letter to the next.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [pasted, form.cron, stale, refusal]);

  const useRest = (key: "command" | "description") => {
    set({ [key]: form[key] ? `${form[key]}\n${rest}` : rest });
    setRest("");
  };

  return (
    <fieldset>
      <legend>{t.when}</legend>
      <SegmentedControl
        className={classes.types}
        aria-label={t.type}
        value={form.when}
        data={[{ value: "cron", label: t.cron }, { value: "interval", label: t.interval }, { value: "once", label: t.once }, { value: "manual", label: t.manual }]}
        onChange={(when) => set({ when: when as When })}
      />
      {form.when === "cron" && (
        <Cron value={form.cron} onChange={(cron) => set({ cron })} onPasted={setPasted} onTake={taking} refusal={refusal} error={error} />
      )}
      {rest && (
        <div className={classes.rest} role="status">
          <span>{t.rest} <code>{rest}</code></span>
          {form.kind === "command" && !form.command.trim() && <Button variant="default" size="compact-sm" onClick={() => useRest("command")}>{t.restAsCommand}</Button>}
          <Button variant="default" size="compact-sm" onClick={() => useRest("description")}>{t.restAsDescription}</Button>
          <Button variant="subtle" color="gray" size="compact-sm" onClick={() => setRest("")}>{t.restDismiss}</Button>
        </div>
      )}
      {form.when === "interval" && (
        <div className={classes.row}>
          <NumberInput id="field-cron" label={t.every} min={1} max={1_000_000} clampBehavior="none" allowDecimal={false} allowNegative={false} className={classes.number} value={form.interval.n}
            error={(refusal ?? error) !== undefined} aria-describedby="interval-message" onChange={(n) => set({ interval: { ...form.interval, n: Number(n) || 0 } })} />
          <Select label={t.unit} allowDeselect={false} value={form.interval.unit} data={intervalUnits.map((value) => ({ value, label: t.units[value] ?? value }))}
            onChange={(unit) => unit && set({ interval: { ...form.interval, unit } })} />
        </div>
      )}
      {form.when === "once" && (
        <TextInput id="field-cron" type="datetime-local" step={60} label={t.onceAt} description={t.onceHint} className={classes.zone} value={form.once}
          error={(refusal ?? error) !== undefined} aria-describedby="interval-message" onChange={(event) => set({ once: event.currentTarget.value })} />
      )}
      {(form.when === "interval" || form.when === "once") && (refusal ?? error) !== undefined && (
        <div className={classes.refusal}>
          <p id="interval-message" role="status">{refusal?.message ?? error}</p>
          {refusal?.suggest && <Take suggestion={refusal.suggest} onTake={take} />}
        </div>
      )}
      {form.when === "manual" ? <p className="dim">{t.manualText}</p> : (
        <div className={classes.more}>
          <Select {...field("zone")} label={t.zone} searchable limit={60} allowDeselect={false} nothingFoundMessage={t.noZone} value={form.zone} data={zonesFrom(form.zone, browserZone)} onChange={(zone) => zone && set({ zone })} />
          {asksForDayMatch(form, meaning) && (
            <Select {...field("dayMatch")} label={t.dayMatch} allowDeselect={false} value={form.dayMatch}
              data={optionsOf(t.dayMatches)} onChange={(match) => match && set({ dayMatch: match as DayMatch })} />
          )}
          {isTouchedBy("gap", form, meaning) && (
            <Select {...field("dstGap")} label={t.dstGap} allowDeselect={false} value={form.dstGap} data={optionsOf(t.dstGaps)} onChange={(gap) => gap && set({ dstGap: gap as DstGap })} />
          )}
          {isTouchedBy("fold", form, meaning) && (
            <Select {...field("dstFold")} label={t.dstFold} allowDeselect={false} value={form.dstFold} data={optionsOf(t.dstFolds)} onChange={(fold) => fold && set({ dstFold: fold as DstFold })} />
          )}
        </div>
      )}
      {form.when !== "manual" && (
        <div className={classes.more}>
          <Bound of="startAt" label={t.startAt} hint={t.startHint} form={form} set={set} field={field} />
          <Bound of="endAt" label={t.endAt} hint={t.endHint} form={form} set={set} field={field} />
        </div>
      )}
    </fieldset>
  );
}

interface BoundProps extends Pick<Props, "form" | "set" | "field"> {
  of: "startAt" | "endAt";
  label: string;
  hint: string;
}

function Bound({ of, label, hint, form, set, field }: BoundProps) {
  return (
    <TextInput {...field(of)} type="datetime-local" step={form[of].length > "2027-01-01T00:00".length ? 1 : 60} label={label} description={hint}
      value={form[of]} onChange={(event) => set({ [of]: event.currentTarget.value })} />
  );
}

const optionsOf = (labels: Record<string, string>) => Object.entries(labels).map(([value, label]) => ({ value, label }));

// Whether a change of the clock skips the time of this job, or brings it twice; or a choice was made for that case.
function isTouchedBy(change: "gap" | "fold", form: JobForm, meaning?: Preview): boolean {
  if (form.when !== "cron") return false;
  const chosen = change === "gap" ? form.dstGap !== "after_gap" : form.dstFold !== "first";
  return chosen || (meaning?.warnings.some(({ code }) => code === change) ?? false);
}

// Only where it makes a difference, or did.
function asksForDayMatch(form: JobForm, meaning?: Preview): boolean {
  if (form.when !== "cron") return false;
  const boxes = boxesOf(form.cron);
  const [day, , weekday] = (boxes ?? []).slice(-3);
  const both = [day, weekday].every((box) => box !== undefined && !/^[*?]/.test(box));
  return form.dayMatch === "both" || both || (meaning?.warnings.some(({ code }) => code === "day-or-weekday") ?? false);
}
