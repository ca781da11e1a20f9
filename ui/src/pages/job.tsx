// One job: what it is, how it does, what comes next; its runs; its schedule; its definition.
import { ActionIcon, Button, Menu, Switch, Tabs, Tooltip } from "@mantine/core";
import { IconDots, IconPencil, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { DeleteDialog } from "../actions/delete-job";
import { startRun } from "../actions/run-now";
import { toggleJob } from "../actions/toggle";
import { asProblem } from "../api/problem";
import { jobQuery, nextRunsQuery } from "../api/queries";
import { isFinal, isOver, type JobDetail, type RunSummary } from "../api/schema";
import { useShortcut } from "../app/shortcuts";
import { useTitle } from "../app/title";
import { withoutZone } from "../schedule/words";
import { number, text } from "../text/en";
import { duration } from "../time/format";
import { Card, Lines } from "../ui/Card";
import { CopyButton, copyText } from "../ui/Copy";
import { Empty, ProblemPanel } from "../ui/Problem";
import { RunList } from "../ui/RunList";
import { RunsGrid } from "../ui/RunsGrid";
import { jobStatus, Status } from "../ui/Status";
import { Strip } from "../ui/Strip";
import { Time } from "../ui/Time";
import { Upcoming } from "../ui/Upcoming";
import { Definition } from "./job-definition";
import { Schedule } from "./job-schedule";
import classes from "./job.module.css";

const t = text.job;
const tabs = ["overview", "runs", "schedule", "config"] as const;

export default function JobPage() {
  const { id, tab } = useParams({ strict: false }) as { id: string; tab?: string };
  const { data: job, error, isPending, refetch } = useQuery(jobQuery(id));
  const navigate = useNavigate();
  useTitle(job?.name ?? text.nav.jobs);
  const shown = tabs.find((each) => each === tab) ?? "overview";
  const filter = useMemo(() => ({ job: [id] }), [id]);

  if (isPending) return <Lines rows={6} />;
  if (!job) {
    return asProblem(error).status === 404
      ? <Empty title={t.notFoundTitle} action={<Button component={Link} to="/jobs" variant="default">{text.nav.jobs}</Button>}>{t.notFoundText}</Empty>
      : <ProblemPanel error={error} onRetry={() => void refetch()} />;
  }
  return (
    <>
      <Head job={job} />
      <Tabs value={shown} keepMounted={false}
        onChange={(value) => void navigate({ to: "/jobs/$id/{-$tab}", params: { id, tab: value === "overview" ? undefined : (value ?? undefined) } as never })}>
        <Tabs.List className={classes.tabs}>
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t.tabs[each]}{each === "runs" && job.total_run_count > 0 && <span className={classes.tabCount}>{number(job.total_run_count)}</span>}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview"><Overview job={job} /></Tabs.Panel>
        <Tabs.Panel value="runs"><RunsGrid filter={filter} named={false} filtered={false} /></Tabs.Panel>
        <Tabs.Panel value="schedule"><Schedule job={job} /></Tabs.Panel>
        <Tabs.Panel value="config"><Definition job={job} /></Tabs.Panel>
      </Tabs>
    </>
  );
}

function Head({ job }: { job: JobDetail }) {
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const runs = job.execution_logs ?? [];
  const edit = () => void navigate({ to: "/jobs/$id/edit", params: { id: job.id } });
  useShortcut("r", () => void startRun(job));
  useShortcut("p", () => void toggleJob(job));
  useShortcut("e", edit);

  return (
    <header className={classes.head}>
      <p className={classes.back}><Link to="/jobs">← {t.back}</Link></p>
      <div className={classes.title}>
        <h1>{job.name}</h1>
        <Status word={jobStatus(job)} />
        <span className={classes.actions}>
          <Switch label={t.active} checked={job.is_active} onChange={() => void toggleJob(job)} />
          <Button leftSection={<IconPlayerPlay size={16} />} onClick={() => void startRun(job)}>{text.run.now}</Button>
          <Button variant="default" leftSection={<IconPencil size={16} />} onClick={edit}>{text.jobs.edit}</Button>
          <Menu width={180}>
            <Menu.Target>
              <Tooltip label={text.jobs.more(job.name)}>
                <ActionIcon variant="default" size={36} aria-label={text.jobs.more(job.name)}><IconDots size={16} /></ActionIcon>
              </Tooltip>
            </Menu.Target>
            <Menu.Dropdown>
              {job.kind !== "internal" && <Menu.Item component={Link} to="/jobs/new" search={{ from: job.id } as never}>{text.jobs.duplicate}</Menu.Item>}
              <Menu.Item onClick={() => void copyText(job.id)}>{text.jobs.copyId}</Menu.Item>
              <Menu.Divider />
              <Menu.Item onClick={() => setDeleting(true)}>{text.jobs.delete}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </span>
      </div>
      <p className={classes.facts}>
        <span>{job.schedule ? withoutZone(job.schedule_display, job.timezone) : text.jobs.byHand}</span>
        {job.schedule && <span className="mono">{job.schedule}</span>}
        {job.schedule && <span>{job.timezone}</span>}
        <span className={`mono ${classes.task}`}>{job.task}<CopyButton value={job.task} /></span>
        {job.owner && <span>{job.owner.username}</span>}
        {job.tags.map((tag) => <Link key={tag} to="/jobs" search={{ tag } as never}>#{tag}</Link>)}
        {job.next_run_at && <span className={classes.next}>{t.next} <strong><Time at={job.next_run_at} zone={job.timezone} /></strong></span>}
      </p>
      {job.trouble && <p className={classes.note} data-bad role="status">{text.trouble[job.trouble]}</p>}
      {isOver(job) && <p className={classes.note} role="status">{t.overNote} <Time at={job.end_at ?? ""} as="absolute" zone={job.timezone} />.</p>}
      {!job.is_active && <p className={classes.note}>{t.inactiveNote}</p>}
      {job.paused && <p className={classes.note}>{t.pausedNote(job.paused.by, job.paused.reason)}</p>}
      {job.description && <p className={classes.description}>{job.description}</p>}
      {runs.length > 0 && (
        <div className={classes.stripBox}>
          <Strip runs={runs} label={t.strip(runs.length)} />
          <span className="small dim">{t.strip(runs.length)}</span>
        </div>
      )}
      {deleting && <DeleteDialog job={job} onClose={() => setDeleting(false)} onDeleted={() => void navigate({ to: "/jobs" })} />}
    </header>
  );
}

const bad = new Set(["failed", "timed_out", "lost"]);

function Overview({ job }: { job: JobDetail }) {
  const runs = job.execution_logs ?? [];
  const next = useQuery({ ...nextRunsQuery(job.id), enabled: job.schedule !== "" });
  const failure = runs.find((run) => isFinal(run.status) && run.status !== "skipped" && run.status !== "missed");
  const lastFailed = failure && bad.has(failure.status) ? failure : undefined;
  return (
    <div className={classes.overview}>
      {runs.length > 0 && <Figures runs={runs} job={job} />}
      {lastFailed && <LastError run={lastFailed} />}
      <div className={classes.columns}>
        <Card title={t.recent} more={runs.length > 0 && <Link to="/jobs/$id/{-$tab}" params={{ id: job.id, tab: "runs" } as never}>{t.seeAll}</Link>}>
          {runs.length > 0 ? <RunList runs={runs.slice(0, 10)} /> : <p className="dim">{t.recentNone} {t.recentNoneHint}</p>}
        </Card>
        <Card title={t.upcoming} note={job.schedule ? job.timezone : undefined}
          more={job.schedule && <Link to="/jobs/$id/{-$tab}" params={{ id: job.id, tab: "schedule" } as never}>{t.tabs.schedule}</Link>}>
          {!job.schedule ? <p className="dim">{text.jobs.byHand}.</p>
          : next.isPending ? <Lines rows={5} />
          : next.isError ? <ProblemPanel error={next.error} onRetry={() => void next.refetch()} />
          : next.data.length === 0 ? <p className="dim">{job.is_active ? t.upcomingNone : t.noNext}</p>
          : <Upcoming slots={next.data} />}
        </Card>
      </div>
    </div>
  );
}

function Figures({ runs, job }: { runs: RunSummary[]; job: JobDetail }) {
  const done = runs.filter((run) => run.execution_time !== null && isFinal(run.status));
  const ended = runs.filter((run) => run.status === "success" || bad.has(run.status));
  const good = ended.filter((run) => run.status === "success").length;
  const times = done.map((run) => run.execution_time ?? 0);
  const figures: [string, React.ReactNode, string?][] = [
    [t.facts.success, ended.length ? `${Math.round((1000 * good) / ended.length) / 10} %` : "–", ended.length ? t.ofLast(ended.length) : ""],
    [t.facts.average, times.length ? duration(times.reduce((sum, each) => sum + each, 0) / times.length) : "–"],
    [t.facts.longest, times.length ? duration(Math.max(...times)) : "–"],
    [t.facts.last, job.last_run_at ? <Time key="at" at={job.last_run_at} zone={job.timezone} /> : text.never],
    [t.facts.total, number(job.total_run_count)],
  ];
  return (
    <dl className={classes.figures}>
      {figures.map(([name, value, note]) => (
        <div key={name}><dt>{name}</dt><dd>{value}{note && <small> {note}</small>}</dd></div>
      ))}
    </dl>
  );
}

function LastError({ run }: { run: RunSummary }) {
  const words = run.traceback || run.error || (run.reason ? (text.reason[run.reason] ?? run.reason) : "");
  return (
    <Card title={t.lastError} more={<Link to="/runs/$id" params={{ id: run.id } as never}>{text.run.output}</Link>} className={classes.failure}>
      <p className={classes.errorHead}><Status word={run.status} /> <Time at={run.at} /></p>
      {words && <pre className={classes.error}>{words}</pre>}
    </Card>
  );
}
