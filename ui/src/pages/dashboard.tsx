// The first page: what needs somebody, what is at work, what comes, what was, and whether all parts are well. Each
// card asks for its own and fails by itself.
import { Button, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { upcoming } from "../api/jobs";
import { attentionQuery, failing, healthQuery, jobsPageQuery, runsQuery, statisticsQuery, upcomingQuery } from "../api/queries";
import type { ComponentState, Health, Statistics, Status as RunStatus } from "../api/schema";
import { browserZone, usePreferences } from "../app/preferences";
import type { Search } from "../app/search";
import { useTitle } from "../app/title";
import { number, text } from "../text/en";
import { duration } from "../time/format";
import { Card, Lines } from "../ui/Card";
import { ProblemPanel } from "../ui/Problem";
import { RunList } from "../ui/RunList";
import { familyOf, jobStatus, StatusMark, type StatusWord } from "../ui/Status";
import { Time } from "../ui/Time";
import classes from "./dashboard.module.css";

const t = text.dashboard;
const windows = [1, 6, 24, 168];
const ownJobs = 3;
const failingAsked = failing.join(",");

export default function DashboardPage() {
  const { hours: asked } = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const hours = windows.find((each) => String(each) === asked) ?? 24;
  const stats = useQuery(statisticsQuery(hours));
  useTitle(t.title);

  // The jobs that a new server has of its own do not count as somebody's.
  const few = stats.data !== undefined && stats.data.total_jobs <= ownJobs;
  const others = useQuery({ ...jobsPageQuery({ kind: ["command", "celery", "http"] }, 1), enabled: few });
  const nothing = few && others.data?.count === 0;
  return (
    <>
      <div className={classes.head}>
        <h1>{nothing ? t.nothing : headline(stats.data)}</h1>
        <SegmentedControl
          size="xs"
          aria-label={t.window}
          value={String(hours)}
          data={windows.map((each) => ({ value: String(each), label: t.windows[each] ?? "" }))}
          onChange={(value) => void navigate({ to: "/", search: { hours: value === "24" ? undefined : value } as never })}
        />
      </div>
      {stats.isError && !stats.data ? <div className={classes.refused}><ProblemPanel error={stats.error} onRetry={() => void stats.refetch()} /></div> : <Tiles stats={stats.data} hours={hours} />}
      {nothing && (
        <Card title={t.firstTitle} className={classes.first}>
          <p className="dim">{t.firstText}</p>
          <Button component={Link} to="/jobs/new">{text.jobs.create}</Button>
        </Card>
      )}
      <div className={classes.columns}>
        <div className={classes.column}>
          {(stats.data?.failed_jobs ?? 0) > 0 && <Attention />}
          <Running />
          <Recent />
        </div>
        <div className={classes.column}>
          <Coming />
          <HealthCard />
          {stats.data && !nothing && <Distribution stats={stats.data} />}
        </div>
      </div>
    </>
  );
}

function headline(stats: Statistics | undefined): string {
  if (!stats) return t.title;
  if (stats.failed_jobs > 0) return t.trouble(stats.failed_jobs);
  return t.calm(stats.active_jobs);
}

interface TileFacts {
  name: string;
  value: string;
  note: string;
  to: string;
  search?: Search;
  mark?: StatusWord;
}

function Tiles({ stats, hours }: { stats: Statistics | undefined; hours: number }) {
  if (!stats) return <div className={classes.tiles} aria-hidden="true">{Object.keys(t.tiles).map((key) => <div key={key} className={classes.tile}><Lines rows={2} /></div>)}</div>;
  const rate = stats.recent_executions ? (100 * stats.successful_executions) / stats.recent_executions : null;
  const tiles: TileFacts[] = [
    { name: t.tiles.total, value: number(stats.total_jobs), note: t.tileNotes.inactive(stats.inactive_jobs), to: "/jobs" },
    { name: t.tiles.active, value: number(stats.active_jobs), note: `${number(stats.total_jobs ? Math.round((100 * stats.active_jobs) / stats.total_jobs) : 0)} %`, to: "/jobs", search: { active: "true" } },
    { name: t.tiles.running, value: number(stats.running_jobs), note: t.tileNotes.jobsRunning(stats.running_jobs), to: "/runs", search: { status: "running" }, mark: stats.running_jobs ? "running" : undefined },
    { name: t.tiles.failed, value: number(stats.failed_jobs), note: t.tileNotes.failedNow, to: "/jobs", search: { status: failingAsked, active: "true" }, mark: stats.failed_jobs ? "failed" : undefined },
    { name: `${t.tiles.executions}, ${t.windows[hours] ?? ""}`, value: number(stats.recent_executions), note: stats.recent_executions ? t.tileNotes.average(duration(stats.average_execution_time)) : t.tileNotes.noRuns, to: "/runs" },
    { name: `${t.tiles.success}, ${t.windows[hours] ?? ""}`, value: rate === null ? "–" : `${rate === 100 ? "100" : rate.toFixed(1)} %`, note: rate === null ? t.tileNotes.noRuns : t.tileNotes.ofRuns(stats.failed_executions), to: "/runs", search: { status: failingAsked } },
  ];
  return (
    <div className={classes.tiles}>
      {tiles.map(({ name, value, note, to, search, mark }) => (
        <Link key={name} to={to as never} search={(search ?? {}) as never} className={classes.tile} data-family={mark && familyOf(mark)}>
          <span className={classes.tileName}>{name}</span>
          <span className={classes.tileValue}>{mark && <StatusMark word={mark} size={20} />}{value}</span>
          <span className={classes.tileNote}>{note}</span>
        </Link>
      ))}
    </div>
  );
}

function Attention() {
  const jobs = useQuery(attentionQuery);
  return (
    <Card title={t.attention} more={<Link to="/jobs" search={{ status: failingAsked, active: "true" } as never}>{t.allJobs}</Link>}>
      {jobs.isPending ? <Lines /> : jobs.isError ? <ProblemPanel error={jobs.error} onRetry={() => void jobs.refetch()} /> : (
        <ul className={classes.list}>
          {jobs.data.results.map((job) => (
            <li key={job.id}>
              <Link to="/jobs/$id/{-$tab}" params={{ id: job.id }} className={classes.line}>
                <StatusMark word={jobStatus(job) === "running" ? "running" : job.last_status} />
                <span className={`clamp ${classes.name}`} title={job.name}>{job.name}</span>
                <span className={`dim ${classes.state}`}>{text.status[job.last_status]}</span>
                <span className={`dim ${classes.when}`}>{job.last_run_at ? <Time at={job.last_run_at} /> : text.jobs.neverStarted}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Running() {
  const runs = useQuery(runsQuery({ status: ["running", "queued", "retrying"] }, 8));
  return (
    <Card title={t.running} more={<Link to="/runs" search={{ status: "running" } as never}>{t.allRuns}</Link>}>
      {runs.isPending ? <Lines /> : runs.isError && !runs.data ? <ProblemPanel error={runs.error} onRetry={() => void runs.refetch()} />
      : runs.data.results.length === 0 ? <p className="dim">{t.runningNone}</p>
      : <RunList runs={runs.data.results} named />}
    </Card>
  );
}

function Recent() {
  const runs = useQuery(runsQuery({}, 10));
  return (
    <Card title={t.recent} more={<Link to="/runs">{t.allRuns}</Link>}>
      {runs.isPending ? <Lines rows={5} /> : runs.isError && !runs.data ? <ProblemPanel error={runs.error} onRetry={() => void runs.refetch()} />
      : runs.data.results.length === 0 ? <p className="dim">{t.recentNone}</p>
      : <RunList runs={runs.data.results} named />}
    </Card>
  );
}

// The next run of each job: one that runs every few minutes would crowd out all others.
function Coming() {
  const slots = useQuery(upcomingQuery(24));
  const { zone } = usePreferences();
  return (
    <Card title={t.upcoming} note={zone || browserZone} more={<Link to="/jobs" search={{ sort: "next_run_at", active: "true" } as never}>{t.allJobs}</Link>}>
      {slots.isPending ? <Lines rows={5} /> : slots.isError && !slots.data ? <ProblemPanel error={slots.error} onRetry={() => void slots.refetch()} />
      : slots.data.length === 0 ? <p className="dim">{t.upcomingNone}</p>
      : (
        <ul className={classes.list}>
          {firstOfEachJob(slots.data).slice(0, 8).map((slot) => <li key={`${slot.job} ${slot.at}`}><Slot slot={slot} /></li>)}
        </ul>
      )}
    </Card>
  );
}

type UpcomingSlot = Awaited<ReturnType<typeof upcoming>>[number];

const firstOfEachJob = (slots: UpcomingSlot[]): UpcomingSlot[] => {
  const seen = new Set<string>();
  return slots.filter(({ job }) => !seen.has(job) && seen.add(job));
};

function Slot({ slot }: { slot: UpcomingSlot }) {
  return (
    <Link to="/jobs/$id/{-$tab}" params={{ id: slot.job }} className={classes.line}>
      <span className={classes.soon}><Time at={slot.at} as="relative" zone={slot.timezone} /></span>
      <span className={`clamp ${classes.name}`} title={slot.name}>{slot.name}</span>
      <span className={`dim ${classes.when}`}><Time at={slot.at} as="clock" zone={slot.timezone} /></span>
    </Link>
  );
}

const healthMarks: Record<ComponentState, StatusWord> = {
  healthy: "success",
  degraded: "missed",
  unavailable: "failed",
  not_configured: "never",
};

// Of what these do, the page of workers and queues tells more.
const ofFleet = new Set(["workers", "queues"]);

function HealthCard() {
  const health = useQuery(healthQuery);
  return (
    <Card title={t.health}>
      {health.isPending ? <Lines rows={4} /> : health.isError && !health.data ? <ProblemPanel error={health.error} onRetry={() => void health.refetch()} /> : <Components health={health.data} />}
    </Card>
  );
}

function Components({ health }: { health: Health }) {
  return (
    <ul className={classes.health}>
      {Object.entries(health.components).map(([name, { status, detail, latency_ms, since }]) => (
        <li key={name}>
          <StatusMark word={healthMarks[status] ?? "never"} />
          <span className={classes.component}>
            {ofFleet.has(name) && status !== "not_configured" ? <Link to="/workers">{text.health.component[name]}</Link> : (text.health.component[name] ?? name)}
          </span>
          <span className="dim">{text.health[status] ?? status}</span>
          <span className={`dim ${classes.when}`}>
            {status !== "healthy" && status !== "not_configured" && since ? <>{text.health.since} <Time at={since} as="clock" /></>
            : latency_ms !== null && latency_ms !== undefined ? text.health.latency(latency_ms) : ""}
          </span>
          {detail && status !== "not_configured" && <span className={`dim ${classes.detail}`}>{detail}</span>}
        </li>
      ))}
    </ul>
  );
}

function Distribution({ stats }: { stats: Statistics }) {
  const byStatus = Object.entries(stats.jobs_by_status).filter(([, n]) => n > 0).sort(([, a], [, b]) => b - a);
  const byType = Object.entries(stats.jobs_by_schedule_type).filter(([, n]) => n > 0).sort(([, a], [, b]) => b - a);
  return (
    <>
      <Card title={t.byStatus}>
        <Bars total={stats.total_jobs} bars={byStatus.map(([status, n]) => ({
          key: status,
          // Of a job, "pending" means that it never ran.
          word: status === "pending" ? "never" : (status as RunStatus),
          label: status === "pending" ? text.status.never : text.status[status as RunStatus],
          n,
          search: { status },
        }))} />
      </Card>
      <Card title={t.byType}>
        <Bars total={stats.total_jobs} bars={byType.map(([type, n]) => ({ key: type, label: text.scheduleType[type] ?? type, n, search: { type } }))} />
      </Card>
    </>
  );
}

interface Bar {
  key: string;
  word?: StatusWord;
  label: string;
  n: number;
  search: Search;
}

// A distribution as bars of links: they compare better than slices, and each leads to the jobs that it counts.
function Bars({ bars, total }: { bars: Bar[]; total: number }) {
  return (
    <ul className={classes.bars}>
      {bars.map(({ key, word, label, n, search }) => (
        <li key={key}>
          <Link to="/jobs" search={search as never} className={classes.bar}>
            <span className={classes.barLabel}>{word && <StatusMark word={word} size={14} />}{label}</span>
            <span className={classes.track}><span data-family={word ? familyOf(word) : "accent"} style={{ width: `${Math.max(1, (100 * n) / Math.max(1, total))}%` }} /></span>
            <span className={classes.barCount}>{number(n)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
