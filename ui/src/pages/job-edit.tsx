// Creating, duplicating and changing a job, with the meaning of its schedule beside it as one types.
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { Link, useBlocker, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { startRun } from "../actions/run-now";
import { changeJob, createJob, getJobToEdit, preview } from "../api/jobs";
import { asProblem, Problem } from "../api/problem";
import { queryClient } from "../api/queries";
import type { FieldError, Job, Suggestion } from "../api/schema";
import { browserZone, usePreferences } from "../app/preferences";
import type { Search } from "../app/search";
import { useTitle } from "../app/title";
import { useMeaning } from "../schedule/meaning";
import { Summary } from "../schedule/Summary";
import { text } from "../text/en";
import { ask } from "../ui/ask";
import { Lines } from "../ui/Card";
import { PageHead } from "../ui/PageHead";
import { Empty, ProblemPanel } from "../ui/Problem";
import { Conflict } from "./job-edit-conflict";
import { RulesFields } from "./job-edit-rules";
import { WhatFields } from "./job-edit-what";
import { WhenFields } from "./job-edit-when";
import { merge } from "./job-merge";
import { askingOf, changesBy, changesOf, check, emptyForm, fieldOf, formOf, scheduleOf, writeOf, type FormErrors, type JobForm } from "./job-form";
import { areOfSettings, usesSettings } from "./job-target";
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

// The job as it was when editing began, or when somebody else's change was taken into the form.
interface Source {
  initial: JobForm;
  job?: Job;
  etag?: string;
}

function Editor(begin: Source) {
  const navigate = useNavigate();
  const [{ initial, job, etag }, setSource] = useState(begin);
  // Their job, which came in between.
  const [newer, setNewer] = useState<Source | null>(null);
  const [merged, setMerged] = useState(false);
  const [form, setForm] = useState(initial);
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const [more, setMore] = useState(usesSettings(initial));
  const saved = useRef(false);
  const page = useRef<HTMLFormElement>(null);
  const dirty = JSON.stringify(form) !== JSON.stringify(initial);

  const set = (changes: Partial<JobForm>) => {
    setForm((before) => ({ ...before, ...changes }));
    setErrors((before) => {
      const left = { ...before };
      for (const key of Object.keys(changes)) delete left[key as keyof JobForm];
      // What is wrong with one of these may be so because of another.
      if (["when", "cron", "interval", "once", "zone", "dayMatch", "dstGap", "dstFold", "startAt", "endAt"].some((key) => key in changes)) {
        delete left.cron;
        delete left.startAt;
        delete left.endAt;
      }
      if (["queue", "exchange", "routingKey"].some((key) => key in changes)) {
        delete left.queue;
        delete left.exchange;
        delete left.routingKey;
      }
      return left;
    });
  };

  const typed = scheduleOf(form);
  const { meaning, stale } = useMeaning(askingOf(form, job));
  const take = (suggestion: Suggestion) => set(changesBy(suggestion, form));
  const quiet = form.when === "manual" ? t.manualText : typed === "" ? t.typing : null;
  const refused = meaning.error instanceof Problem && meaning.error.status === 400 ? meaning.error.errors[0] : undefined;
  const badWindow = refused && isOfWindow(refused) ? refused : undefined;
  const refusal = badWindow ? undefined : refused;
  const shownErrors: FormErrors = badWindow && !stale && form.when !== "manual" ? { [fieldOf(badWindow.path)]: sentenceOf(badWindow), ...errors } : errors;

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
    if (areOfSettings(Object.keys(found))) setMore(true);
    setErrors(found);
    setRefusals((n) => n + 1);
  };

  async function save(andRun: boolean) {
    if (busy) return;
    const found = check(form);
    // Of an older text it says nothing about this one: the server tells when the job is saved.
    if (refusal && !stale && form.when !== "manual") found.cron = refusal.message;
    if (badWindow && !stale && form.when !== "manual") found[fieldOf(badWindow.path)] = sentenceOf(badWindow);
    if (Object.keys(found).length > 0) {
      refuse(found);
      return;
    }
    const known = stale && typed ? await preview(askingOf(form, job)).catch(() => undefined) : meaning.data;
    const strong = known?.warnings.find((warning) => warning.strong);
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
      const problem = asProblem(error);
      if (problem.status === 412 && job) await showNewer(job.id);
      else refuse(errorsOf(problem));
    } finally {
      setBusy(false);
    }
  }

  async function showNewer(id: string) {
    try {
      const { job: theirs, etag: tag } = await getJobToEdit(id);
      setNewer({ initial: formOf(theirs), job: theirs, etag: tag });
    } catch (error) {
      refuse({ other: asProblem(error).message });
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
  const field = (key: keyof JobForm) => ({ id: `field-${key}`, error: shownErrors[key], "data-field": key });

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
      {merged && <p className={classes.merged} role="status">{t.conflictMerged}</p>}
      {newer && (
        <Conflict merge={merge(initial, form, newer.initial)} theirs={newer.initial} onClose={() => setNewer(null)}
          onMerged={(both) => {
            setForm(both);
            setSource(newer);
            setNewer(null);
            setMerged(true);
          }} />
      )}
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
          <WhatFields form={form} set={set} field={field} exists={job !== undefined} more={more} onMore={setMore} />
          <WhenFields form={form} set={set} field={field} error={errors.cron} refusal={refusal} stale={stale} meaning={meaning.data} take={take} />
          <RulesFields form={form} set={set} field={field} />
        </div>
        <div className={classes.aside}>
          <Summary quiet={quiet} preview={meaning.data} stale={stale} refused={refused ? (badWindow ? t.refusedWindow : t.refused) : null} failure={refused ? null : meaning.error}
            example={!job && form.when === "cron" && /(^|[\s,])H/.test(form.cron)} onTake={take} />
        </div>
      </div>
    </form>
  );
}

const isOfWindow = ({ path }: FieldError) => path === "start_at" || path === "end_at";

const sentenceOf = ({ message, hint }: FieldError) => (hint ? `${message} ${hint}` : message);

// Which of the headers it is: the field holds them all.
const placeOf = ({ path }: FieldError) => path.replace(/^target\.headers\.(.+)$|.*/, (_, name?: string) => (name ? `${name}: ` : ""));

function errorsOf(problem: Problem): FormErrors {
  const errors: FormErrors = {};
  for (const error of problem.errors) errors[fieldOf(error.path)] ??= isOfWindow(error) ? sentenceOf(error) : placeOf(error) + error.message;
  return Object.keys(errors).length > 0 ? errors : { other: problem.message };
}
