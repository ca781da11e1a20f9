// What a job does: its name, and the command or the task.
import { Button, Collapse, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import type { Kind } from "../api/schema";
import { splitWords } from "../schedule/words";
import { text } from "../text/en";
import { CeleryFields } from "./job-edit-celery";
import { type JobForm, usualOverlap } from "./job-form";
import classes from "./job-edit.module.css";

const t = text.edit;

interface Props {
  form: JobForm;
  set: (changes: Partial<JobForm>) => void;
  field: (key: keyof JobForm) => object;
  // The job is there already: its kind stays.
  exists: boolean;
  // Whether the settings that few need are shown.
  more: boolean;
  onMore: (more: boolean) => void;
}

export function WhatFields({ form, set, field, exists, more, onMore }: Props) {
  const words = splitWords(form.command);
  return (
    <fieldset>
      <legend>{t.what}</legend>
      <TextInput {...field("name")} label={t.name} placeholder={t.namePlaceholder} maxLength={200} autoFocus={!exists} value={form.name} onChange={(event) => set({ name: event.currentTarget.value })} />
      {form.kind === "internal" ? <p className="dim">{text.kind.internal}: {form.task}</p> : (
        <div className={classes.choice}>
          <span id="kind-label" className={classes.label}>{t.kind}</span>
          <SegmentedControl
            aria-labelledby="kind-label"
            disabled={exists}
            value={form.kind}
            data={[{ value: "command", label: text.kind.command ?? "" }, { value: "celery", label: text.kind.celery ?? "" }]}
            onChange={(kind) => set({ kind: kind as Kind, overlap: form.overlap === usualOverlap(form.kind) ? usualOverlap(kind as Kind) : form.overlap })}
          />
          {exists && <span className="small dim">{t.kindFixed}</span>}
        </div>
      )}
      {form.kind === "command" && (
        <>
          <div>
            <Textarea {...field("command")} autosize minRows={1} maxRows={12} label={t.command} description={t.commandHint} placeholder={t.commandPlaceholder} classNames={{ input: classes.mono }}
              autoComplete="off" spellCheck={false} value={form.command} onChange={(event) => set({ command: event.currentTarget.value })} />
            {"words" in words && words.words.length > 1 && (
              <p className={classes.words}>
                <span className="dim">{t.commandWords}</span>
                {/* Words repeat; their place is their name. */}
                {/* oxlint-disable-next-line react/no-array-index-key */}
                {words.words.map((word, i) => <code key={i}>{word === "" ? "''" : word}</code>)}
              </p>
            )}
          </div>
          <Collapse expanded={more}>
            <div className={classes.more}>
              <TextInput {...field("folder")} label={t.folder} placeholder="/srv/reports" classNames={{ input: classes.mono }} value={form.folder} onChange={(event) => set({ folder: event.currentTarget.value })} />
              <TextInput {...field("codes")} label={t.codes} description={t.codesHint} value={form.codes} onChange={(event) => set({ codes: event.currentTarget.value })} />
              <Textarea {...field("environment")} label={t.environment} description={t.environmentHint} autosize minRows={2} maxRows={10} classNames={{ input: classes.mono }} value={form.environment} onChange={(event) => set({ environment: event.currentTarget.value })} />
              <Textarea {...field("input")} label={t.input} autosize minRows={2} maxRows={10} classNames={{ input: classes.mono }} value={form.input} onChange={(event) => set({ input: event.currentTarget.value })} />
            </div>
          </Collapse>
        </>
      )}
      {form.kind === "celery" && <CeleryFields form={form} set={set} field={field} more={more} />}
      {form.kind !== "internal" && <Button variant="subtle" size="compact-sm" className={classes.toggle} aria-expanded={more} onClick={() => onMore(!more)}>{more ? t.less : t.more}</Button>}
      <Textarea {...field("description")} label={t.description} autosize minRows={1} maxRows={6} value={form.description} onChange={(event) => set({ description: event.currentTarget.value })} />
    </fieldset>
  );
}
