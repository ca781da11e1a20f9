// Creating, duplicating and changing a job, with the meaning of its schedule beside it as one types.
import { Button, Collapse, NumberInput, SegmentedControl, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { Link, useBlocker, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { startRun } from "../actions/run-now";
import { changeJob, createJob, getJobToEdit } from "../api/jobs";
import { asProblem, Problem } from "../api/problem";
import { queryClient } from "../api/queries";
import type { Job, Kind, Misfire, Overlap } from "../api/schema";
import { browserZone, usePreferences } from "../app/preferences";
import type { Search } from "../app/search";
import { useTitle } from "../app/title";
import { Cron } from "../schedule/Cron";
import { useMeaning } from "../schedule/meaning";
import { Summary } from "../schedule/Summary";
import { intervalUnits, splitWords } from "../schedule/words";
import { text } from "../text/en";
import { ask } from "../ui/ask";
import { Lines } from "../ui/Card";
import { PageHead } from "../ui/PageHead";
import { Empty, ProblemPanel } from "../ui/Problem";
import { changesOf, check, emptyForm, fieldOf, formOf, scheduleOf, usualOverlap, writeOf, type FormErrors, type JobForm, type When } from "./job-form";
import classes from "./job-edit.module.css";

const t = text.edit;

export default function JobEditPage() {
  const { id } = useParams({ strict: false }) as { id?: string };
  const { from } = useSearch({ strict: false }) as Search;
  const { zone } = usePreferences();
  const source = id ?? from;
  const { data, error, isPending } = useQuery({
    queryKey: ["edit", source],
    queryFn: () => getJobToEdit(source ?? ""),
    enabled: source !== undefined,
    // What somebody is editing is not changed under their hands.
    staleTime: Infinity,
    gcTime: 0,
  });
  useTitle(id ? t.editTitle(data?.job.name ?? "") : t.createTitle);

  if (source === undefined) {
    return <Editor key="new" initial={emptyForm(zone || browserZone)} />;
  }
  if (isPending) return <Lines rows={6} />;
  if (!data) {
    return asProblem(error).status === 404
      ? <Empty title={text.job.notFoundTitle} action={<Button component={Link} to="/jobs" variant="default">{text.nav.jobs}</Button>}>{text.job.notFoundText}</Empty>
      : <ProblemPanel error={error} />;
  }
  if (id) return <Editor key={id} initial={formOf(data.job)} job={data.job} etag={data.etag} />;
  return <Editor key={`copy ${source}`} initial={{ ...formOf(data.job), name: t.copyName(data.job.name) }} />;
}

function Editor({ initial, job, etag }: { initial: JobForm; job?: Job; etag?: string }) {
  const navigate = useNavigate();
  const [form, setForm] = useState(initial);
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const [more, setMore] = useState(job !== undefined && (initial.folder + initial.environment + initial.input !== "" || initial.codes !== "0"));
  const saved = useRef(false);
  const page = useRef<HTMLFormElement>(null);
  const dirty = JSON.stringify(form) !== JSON.stringify(initial);

  const set = (changes: Partial<JobForm>) => {
    setForm((before) => ({ ...before, ...changes }));
    setErrors((before) => {
      const left = { ...before };
      for (const key of Object.keys(changes)) delete left[key as keyof JobForm];
      return left;
    });
  };

  const typed = scheduleOf(form);
  const { meaning, stale } = useMeaning(typed, form.zone);
  const quiet = form.when === "manual" ? t.manualText : typed === "" ? t.typing : null;
  const refusal = meaning.error instanceof Problem && meaning.error.status === 400 ? meaning.error.errors[0] : undefined;

  useBlocker({
    shouldBlockFn: async () =>
      dirty && !saved.current && !(await ask({ title: t.leaveTitle, body: t.leaveText, keep: t.leaveStay, confirm: t.leaveGo, danger: true })),
    enableBeforeUnload: () => dirty && !saved.current,
  });

  // After each refusal, once its errors are shown: the first field that is wrong.
  const [refusals, setRefusals] = useState(0);
  useEffect(() => {
    if (refusals) page.current?.querySelector<HTMLElement>(":is(input, textarea):is([aria-invalid=true], [data-error=true])")?.focus();
  }, [refusals]);
  const refuse = (found: FormErrors) => {
    setErrors(found);
    setRefusals((n) => n + 1);
  };

  async function save(andRun: boolean) {
    if (busy) return;
    const found = check(form);
    if (refusal && form.when !== "manual") found.cron = refusal.message;
    if (Object.keys(found).length > 0) {
      if (found.folder || found.environment || found.input || found.codes) setMore(true);
      refuse(found);
      return;
    }
    const strong = stale ? undefined : meaning.data?.warnings.find((warning) => warning.strong);
    if (strong && quiet === null && typed !== (job?.schedule ?? "")) {
      if (!(await ask({ title: t.strongTitle, body: strong.message, keep: t.strongBack, confirm: t.strongSave }))) return;
    }
    setBusy(true);
    try {
      const result = job ? await changeJob(job.id, changesOf(job, initial, form), etag) : await createJob(writeOf(form));
      saved.current = true;
      notifications.show({ message: job ? t.saved(result.name) : t.created(result.name), closeButtonProps: { "aria-label": text.close } });
      for (const queryKey of [["jobs"], ["statistics"], ["upcoming"]]) void queryClient.invalidateQueries({ queryKey });
      await navigate({ to: "/jobs/$id/{-$tab}", params: { id: result.id } });
      if (andRun) void startRun(result);
    } catch (error) {
      refuse(errorsOf(asProblem(error)));
    } finally {
      setBusy(false);
    }
  }

  const latestSave = useRef(save);
  latestSave.current = save;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
        event.preventDefault();
        void latestSave.current(false);
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  const wrong = (Object.entries(errors) as [keyof FormErrors, string][]).filter(([, message]) => message);
  const field = (key: keyof JobForm) => ({ id: `field-${key}`, error: errors[key], "data-field": key });
  const words = splitWords(form.command);

  return (
    <form
      className={classes.page}
      ref={page}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save(false);
      }}
    >
      <PageHead title={job ? t.editTitle(job.name) : t.createTitle}>
        <Button variant="default" onClick={() => void navigate(job ? { to: "/jobs/$id/{-$tab}", params: { id: job.id } } : { to: "/jobs" })}>{text.cancel}</Button>
        {!job && <Button variant="default" disabled={busy} onClick={() => void save(true)}>{t.createAndRun}</Button>}
        <Button type="submit" loading={busy}>{job ? t.save : t.create}</Button>
      </PageHead>
      {wrong.length > 0 && (
        <div className={classes.problems} role="alert">
          <strong>{t.problems(wrong.length)}</strong>
          <ul>
            {wrong.map(([key, message]) => (
              <li key={key}>
                {key === "other" ? message : (
                  <button type="button" onClick={() => document.getElementById(`field-${key}`)?.focus()}>{t.names[key] ?? key}: {message}</button>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className={classes.columns}>
        <div className={classes.form}>
          <fieldset>
            <legend>{t.what}</legend>
            <TextInput {...field("name")} label={t.name} placeholder={t.namePlaceholder} maxLength={200} autoFocus={!job} value={form.name} onChange={(event) => set({ name: event.currentTarget.value })} />
            {form.kind === "internal" ? <p className="dim">{text.kind.internal}: {form.task}</p> : (
              <div className={classes.choice}>
                <span id="kind-label" className={classes.label}>{t.kind}</span>
                <SegmentedControl
                  aria-labelledby="kind-label"
                  disabled={job !== undefined}
                  value={form.kind}
                  data={[{ value: "command", label: text.kind.command ?? "" }, { value: "celery", label: text.kind.celery ?? "" }]}
                  onChange={(kind) => set({ kind: kind as Kind, overlap: form.overlap === usualOverlap(form.kind) ? usualOverlap(kind as Kind) : form.overlap })}
                />
                {job && <span className="small dim">{t.kindFixed}</span>}
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
                <Button variant="subtle" size="compact-sm" className={classes.toggle} aria-expanded={more} onClick={() => setMore(!more)}>{more ? t.less : t.more}</Button>
              </>
            )}
            {form.kind === "celery" && (
              <div className={classes.more}>
                <TextInput {...field("task")} label={t.task} placeholder={t.taskPlaceholder} classNames={{ input: classes.mono }} value={form.task} onChange={(event) => set({ task: event.currentTarget.value })} />
                <TextInput {...field("queue")} label={t.queue} description={t.queueHint} value={form.queue} onChange={(event) => set({ queue: event.currentTarget.value })} />
                <Textarea {...field("args")} label={t.args} description={t.argsHint} placeholder="[]" autosize minRows={2} classNames={{ input: classes.mono }} value={form.args} onChange={(event) => set({ args: event.currentTarget.value })} />
                <Textarea {...field("kwargs")} label={t.kwargs} description={t.kwargsHint} placeholder="{}" autosize minRows={2} classNames={{ input: classes.mono }} value={form.kwargs} onChange={(event) => set({ kwargs: event.currentTarget.value })} />
              </div>
            )}
            <Textarea {...field("description")} label={t.description} autosize minRows={1} maxRows={6} value={form.description} onChange={(event) => set({ description: event.currentTarget.value })} />
          </fieldset>
          <fieldset>
            <legend>{t.when}</legend>
            <SegmentedControl
              className={classes.types}
              aria-label={t.type}
              value={form.when}
              data={[{ value: "cron", label: t.cron }, { value: "interval", label: t.interval }, { value: "manual", label: t.manual }]}
              onChange={(when) => set({ when: when as When })}
            />
            {form.when === "cron" && <Cron value={form.cron} onChange={(cron) => set({ cron })} refusal={refusal} error={errors.cron} />}
            {form.when === "interval" && (
              <div>
                <div className={classes.row}>
                  <NumberInput id="field-interval" label={t.every} min={1} max={1_000_000} allowDecimal={false} className={classes.number} value={form.interval.n} error={refusal !== undefined}
                    onChange={(n) => set({ interval: { ...form.interval, n: Number(n) || 0 } })} />
                  <Select label={t.unit} allowDeselect={false} value={form.interval.unit} data={intervalUnits.map((value) => ({ value, label: t.units[value] ?? value }))}
                    onChange={(unit) => unit && set({ interval: { ...form.interval, unit } })} />
                </div>
                {refusal && <p className={classes.refusal} role="status">{refusal.message}</p>}
              </div>
            )}
            {form.when === "manual" ? <p className="dim">{t.manualText}</p> : (
              <Select {...field("zone")} label={t.zone} searchable limit={60} allowDeselect={false} value={form.zone} data={zonesWith(form.zone)} onChange={(zone) => zone && set({ zone })} className={classes.zone} />
            )}
          </fieldset>
          <fieldset>
            <legend>{t.rules}</legend>
            <div className={classes.more}>
              <Select {...field("overlap")} label={t.overlap} allowDeselect={false} value={form.overlap} data={choices(t.overlaps, form.overlap)} onChange={(overlap) => overlap && set({ overlap: overlap as Overlap })} />
              <Select {...field("misfire")} label={t.misfire} allowDeselect={false} value={form.misfire} data={choices(t.misfires, form.misfire)} onChange={(misfire) => misfire && set({ misfire: misfire as Misfire })} />
              <TextInput {...field("timeout")} label={t.timeout} description={t.timeoutHint} inputMode="decimal" value={form.timeout} onChange={(event) => set({ timeout: event.currentTarget.value })} />
              <TextInput {...field("grace")} label={t.grace} description={t.graceHint} inputMode="decimal" value={form.grace} onChange={(event) => set({ grace: event.currentTarget.value })} />
              <TextInput {...field("tags")} label={t.tags} description={t.tagsHint} value={form.tags} onChange={(event) => set({ tags: event.currentTarget.value })} />
              <Switch label={t.active} description={t.activeHint} checked={form.active} onChange={(event) => set({ active: event.currentTarget.checked })} className={classes.switch} />
            </div>
          </fieldset>
        </div>
        <div className={classes.aside}>
          <Summary quiet={quiet} preview={meaning.data} stale={stale} refused={refusal !== undefined} failure={refusal ? null : meaning.error}
            onTake={(schedule) => set({ when: "cron", cron: schedule })} />
        </div>
      </div>
    </form>
  );
}

function errorsOf(problem: Problem): FormErrors {
  if (problem.status === 412) return { other: t.conflict };
  const errors: FormErrors = {};
  for (const { path, message } of problem.errors) errors[fieldOf(path)] ??= message;
  return Object.keys(errors).length > 0 ? errors : { other: problem.message };
}

// The choices that the form offers, and the one that the job has where it is none of them.
const choices = (labels: Record<string, string>, present: string) =>
  [...new Set([...Object.keys(labels), present])].map((value) => ({ value, label: labels[value] ?? value }));

let zones: string[] | undefined;

function zonesWith(present: string): string[] {
  zones ??= ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
  return zones.includes(present) ? zones : [present, ...zones];
}
