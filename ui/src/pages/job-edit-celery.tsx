// The task of Celery that a job sends, and how it is sent.
import { Autocomplete, Collapse, Select, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { tasksQuery } from "../api/queries";
import { text } from "../text/en";
import type { JobForm } from "./job-form";
import type { TargetForm } from "./job-target";
import classes from "./job-edit.module.css";

const t = text.edit;

interface Props {
  form: JobForm;
  set: (changes: Partial<JobForm>) => void;
  field: (key: keyof JobForm) => object;
  // Whether the settings that few need are shown.
  more: boolean;
}

type Words = Exclude<keyof TargetForm, "ignoreResult">;

export function CeleryFields({ form, set, field, more }: Props) {
  const words = (key: Words) => ({ ...field(key), value: form[key], onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) => set({ [key]: value }) });
  const mono = { input: classes.mono };
  const isRouted = form.exchange.trim() !== "" || form.routingKey.trim() !== "";
  return (
    <>
      <div className={classes.more}>
        <TaskField task={form.task} field={field("task")} onChange={(task) => set({ task })} />
        <TextInput {...words("queue")} label={t.queue} description={isRouted ? t.queueRouted : t.queueHint} />
        <Textarea {...words("args")} label={t.args} description={t.argsHint} placeholder="[]" autosize minRows={2} classNames={mono} />
        <Textarea {...words("kwargs")} label={t.kwargs} description={t.kwargsHint} placeholder="{}" autosize minRows={2} classNames={mono} />
      </div>
      <Collapse expanded={more}>
        <div className={classes.more}>
          <TextInput {...words("expires")} label={t.expires} description={t.expiresHint} />
          <TextInput {...words("priority")} label={t.priority} description={t.priorityHint} inputMode="numeric" />
          <TextInput {...words("timeLimit")} label={t.timeLimit} description={t.timeLimitHint} inputMode="decimal" />
          <TextInput {...words("softTimeLimit")} label={t.softTimeLimit} description={t.softTimeLimitHint} inputMode="decimal" />
          <TextInput {...words("exchange")} label={t.exchange} description={t.exchangeHint} />
          <TextInput {...words("routingKey")} label={t.routingKey} description={t.routingKeyHint} />
          <Textarea {...words("headers")} label={t.headers} description={t.headersHint} placeholder="{}" autosize minRows={2} classNames={mono} />
          <Select {...field("ignoreResult")} label={t.ignoreResult} description={t.ignoreResultHint} allowDeselect={false} value={form.ignoreResult}
            data={Object.entries(t.ignoreResults).map(([value, label]) => ({ value, label }))} onChange={(value) => set({ ignoreResult: (value ?? "") as JobForm["ignoreResult"] })} />
        </div>
      </Collapse>
    </>
  );
}

// The task's name, with those that are known. One that is not is a warning and no error: its worker may not be there yet.
function TaskField({ task, field, onChange }: { task: string; field: object; onChange: (task: string) => void }) {
  const [asked] = useDebouncedValue(task.trim(), 150);
  const { data } = useQuery(tasksQuery(asked));
  // Where no task at all is known, none is unknown.
  const { data: any } = useQuery(tasksQuery(""));
  const known = data?.results ?? [];
  const found = known.find(({ name }) => name === task.trim());
  const isUnknown = data !== undefined && (any?.count ?? 0) > 0 && asked !== "" && asked === task.trim() && !found;
  const hint = found ? t.taskSeen(found.workers.length) : isUnknown ? t.taskUnknown : undefined;
  return (
    <div>
      <Autocomplete {...field} label={t.task} placeholder={t.taskPlaceholder} classNames={{ input: classes.mono }} limit={20}
        data={known.map(({ name }) => name)} filter={({ options }) => options} aria-describedby="task-hint" value={task} onChange={onChange} />
      <p id="task-hint" role="status" className={isUnknown ? classes.unknown : classes.seen}>{hint}</p>
    </div>
  );
}
