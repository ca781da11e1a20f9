// When a job runs: its schedule in words, what the clock does to it, and the slots that come.
import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { nextRuns, preview } from "../api/jobs";
import { upcomingQuery } from "../api/queries";
import type { JobDetail, Preview } from "../api/schema";
import { othersAt, rowsOf, shiftOf, type Slot, type SlotRow } from "../schedule/slots";
import { withoutZone } from "../schedule/words";
import { Warnings } from "../schedule/Warnings";
import { text } from "../text/en";
import { offsetOf, wall } from "../time/format";
import { Card, Lines } from "../ui/Card";
import { Empty, ProblemPanel } from "../ui/Problem";
import { Time } from "../ui/Time";
import classes from "./job-schedule.module.css";

const t = text.job.schedule;
const pageSize = 25;
const byClock = new Set(["gap", "fold", "hour-step-dst", "anchor-dst", "anchor-utc"]);

export function Schedule({ job }: { job: JobDetail }) {
  const meaning = useQuery({
    queryKey: ["jobs", "meaning", job.id, job.version],
    queryFn: ({ signal }) => askWhatItMeans(job, 0, undefined, signal),
    enabled: job.schedule !== "",
  });
  if (!job.schedule) {
    return <Empty title={text.jobs.byHand} action={<Button component={Link} to={`/jobs/${job.id}/edit`} variant="default">{t.edit}</Button>}>{t.byHand}</Empty>;
  }
  return (
    <div className={classes.columns}>
      <Coming job={job} />
      <div className={classes.side}>
        <Card title={t.title}>
          <Facts job={job} meaning={meaning.data} />
        </Card>
        <Card title={t.clock}>
          {meaning.isError ? <ProblemPanel error={meaning.error} onRetry={() => void meaning.refetch()} />
          : !meaning.data ? <Lines rows={2} />
          : <ClockNotes job={job} meaning={meaning.data} />}
        </Card>
        {meaning.data && <OtherNotes meaning={meaning.data} />}
      </div>
    </div>
  );
}

const askWhatItMeans = (job: JobDetail, count: number, from?: string, signal?: AbortSignal): Promise<Preview> =>
  preview({
    schedule: job.schedule, schedule_type: job.schedule_type, timezone: job.timezone, day_match: job.day_match, dst_gap: job.dst_gap, dst_fold: job.dst_fold, job: job.id, count, from,
    ...(job.schedule_type === "interval" && job.anchor && { anchor: job.anchor }),
    start_at: job.start_at, end_at: job.end_at,
  }, signal);

function Facts({ job, meaning }: { job: JobDetail; meaning?: Preview }) {
  return (
    <dl className={classes.facts}>
      <dt>{t.words}</dt><dd className={classes.words}>{withoutZone(job.schedule_display, job.timezone)}</dd>
      <dt>{text.edit.expression}</dt><dd className="mono">{job.schedule}</dd>
      <dt>{t.type}</dt><dd>{text.scheduleType[job.schedule_type] ?? job.schedule_type}</dd>
      <dt>{text.edit.zone}</dt><dd>{job.timezone}</dd>
      {job.day_match === "both" && <><dt>{t.days}</dt><dd>{text.edit.dayMatches.both}</dd></>}
      {job.schedule_type === "interval" && job.anchor && <><dt>{t.anchor}</dt><dd><Time at={job.anchor} as="absolute" zone={job.timezone} /></dd></>}
      {job.start_at && <><dt>{t.from}</dt><dd><Time at={job.start_at} as="absolute" zone={job.timezone} /></dd></>}
      {job.end_at && <><dt>{t.until}</dt><dd><Time at={job.end_at} as="absolute" zone={job.timezone} /></dd></>}
      {meaning && meaning.runs_per_week > 0 && <><dt>{t.often}</dt><dd>{text.edit.perWeek(meaning.runs_per_week)}</dd></>}
    </dl>
  );
}

function ClockNotes({ job, meaning }: { job: JobDetail; meaning: Preview }) {
  const notes = meaning.warnings.filter(({ code }) => byClock.has(code));
  if (notes.length > 0) return <Warnings warnings={notes} />;
  return <p className="dim">{t.clockQuiet(job.timezone)}</p>;
}

function OtherNotes({ meaning }: { meaning: Preview }) {
  const notes = meaning.warnings.filter(({ code }) => !byClock.has(code));
  return notes.length > 0 ? <Card title={text.edit.warnings}><Warnings warnings={notes} /></Card> : null;
}

// The next slots, 25 at a time. An inactive job has none: what is shown is when it would run.
function Coming({ job }: { job: JobDetail }) {
  const coming = useInfiniteQuery({
    queryKey: ["jobs", "next", job.id, "pages", job.is_active],
    queryFn: async ({ pageParam, signal }): Promise<Slot[]> => {
      if (job.is_active) return nextRuns(job.id, pageSize, pageParam);
      const { next } = await askWhatItMeans(job, pageSize, pageParam, signal);
      return next.map((local) => ({ at: new Date(local).toISOString(), local, offset: offsetOf(local) }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => (page.length < pageSize ? undefined : page.at(-1)?.at),
  });
  const { data: others } = useQuery({ ...upcomingQuery(24), select: (slots) => othersAt(slots, job.id) });
  const rows = rowsOf(coming.data?.pages.flat() ?? []);
  return (
    <Card title={job.is_active ? t.next : t.nextIfActive} note={job.timezone}>
      {coming.isPending ? <Lines rows={8} />
      : coming.isError ? <ProblemPanel error={coming.error} onRetry={() => void coming.refetch()} />
      : rows.length === 0 ? <p className="dim">{t.nextNone}</p>
      : (
        <>
          <ol className={classes.slots} aria-label={t.next} data-inactive={!job.is_active || undefined}>
            {rows.map((row) => <SlotLine key={row.at} row={row} others={others?.get(Date.parse(row.at)) ?? 0} />)}
          </ol>
          {coming.hasNextPage && (
            <Button variant="default" loading={coming.isFetchingNextPage} onClick={() => void coming.fetchNextPage()}>{t.more(pageSize)}</Button>
          )}
        </>
      )}
    </Card>
  );
}

function SlotLine({ row, others }: { row: SlotRow; others: number }) {
  const { date, time } = wall(row.local);
  return (
    <Fragment>
      {row.week && <li className={classes.week}>{t.week(row.week.number, wall(`${row.week.monday}T00:00:00`).date)}</li>}
      {row.clock && <li className={classes.clock}>{t.clockChange(shiftOf(row.clock), row.clock.from, row.clock.to)}</li>}
      <li className={classes.slot} data-at={row.at}>
        <span>{date}</span>
        <strong>{time}</strong>
        <span className="dim">{row.offset}</span>
        <span className={`dim ${classes.others}`}>{row.clock_change ? t.clockChanges[row.clock_change] : others > 0 && t.others(others)}</span>
        <span className={`dim ${classes.far}`}><Time at={row.at} as="relative" /></span>
      </li>
    </Fragment>
  );
}
