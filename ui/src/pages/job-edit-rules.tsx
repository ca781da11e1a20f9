// How a job runs: beside itself, late, how long.
import { Select, Switch, TextInput } from "@mantine/core";
import type { Misfire, Overlap } from "../api/schema";
import { text } from "../text/en";
import type { JobForm } from "./job-form";
import classes from "./job-edit.module.css";

const t = text.edit;

interface Props {
  form: JobForm;
  set: (changes: Partial<JobForm>) => void;
  field: (key: keyof JobForm) => object;
}

export function RulesFields({ form, set, field }: Props) {
  return (
    <fieldset>
      <legend>{t.rules}</legend>
      <div className={classes.more}>
        <Select {...field("overlap")} label={t.overlap} allowDeselect={false} value={form.overlap} data={choices(t.overlaps, form.overlap)} onChange={(overlap) => overlap && set({ overlap: overlap as Overlap })} />
        <Select {...field("misfire")} label={t.misfire} allowDeselect={false} value={form.misfire} data={choices(t.misfires, form.misfire)} onChange={(misfire) => misfire && set({ misfire: misfire as Misfire })} />
        <TextInput {...field("timeout")} label={t.timeout} description={form.kind === "celery" ? t.timeoutOfTask : t.timeoutHint} inputMode="decimal" value={form.timeout} onChange={(event) => set({ timeout: event.currentTarget.value })} />
        <TextInput {...field("grace")} label={t.grace} description={t.graceHint} inputMode="decimal" value={form.grace} onChange={(event) => set({ grace: event.currentTarget.value })} />
        <TextInput {...field("tags")} label={t.tags} description={t.tagsHint} value={form.tags} onChange={(event) => set({ tags: event.currentTarget.value })} />
        <Switch label={t.active} description={t.activeHint} checked={form.active} onChange={(event) => set({ active: event.currentTarget.checked })} className={classes.switch} />
      </div>
    </fieldset>
  );
}

// The choices that the form offers, and the one that the job has where it is none of them.
const choices = (labels: Record<string, string>, present: string) =>
  [...new Set([...Object.keys(labels), present])].map((value) => ({ value, label: labels[value] ?? value }));
