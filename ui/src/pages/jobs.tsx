// The list of jobs: found, sorted and filtered by the server; the address says what is shown.
import { ActionIcon, Button, Menu, Select, Switch, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconArrowsSort, IconDots, IconPlayerPlay, IconPlus } from "@tabler/icons-react";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { DeleteDialog } from "../actions/delete-job";
import { startRun } from "../actions/run-now";
import { toggleJob } from "../actions/toggle";
import { jobsPageQuery, pageSize, queryClient, statisticsQuery } from "../api/queries";
import { isOver, type Job } from "../api/schema";
import type { Search } from "../app/search";
import { useTitle } from "../app/title";
import { withoutZone } from "../schedule/words";
import { newJobsKey } from "../live/apply";
import { count as counted, number, text } from "../text/en";
import { copyText } from "../ui/Copy";
import { FilterMenu } from "../ui/FilterMenu";
import { Grid, GridSkeleton, type Column } from "../ui/Grid";
import { PageHead } from "../ui/PageHead";
import { Empty, ProblemPanel } from "../ui/Problem";
import { SearchBox } from "../ui/SearchBox";
import { jobStatus, Status, StatusMark } from "../ui/Status";
import { Time } from "../ui/Time";
import * as filter from "./jobs-filter";
import classes from "./jobs.module.css";

const t = text.jobs;

export default function JobsPage() {
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as Search;
  const { asked, bad } = useMemo(() => filter.readJobsSearch(search), [search]);
  const asking = useMemo(() => filter.jobFilterOf(asked), [asked]);
  const [pages, setPages] = useState<number[]>([1]);
  const [deleting, setDeleting] = useState<Job | null>(null);
  useTitle(t.title);

  const first = useQuery(jobsPageQuery(asking, 1));
  const { data: stats } = useQuery(statisticsQuery(24));
  const others = useQueries({ queries: pages.filter((page) => page > 1).map((page) => jobsPageQuery(asking, page)) });
  const rows = useMemo(() => {
    const byPage = new Map<number, Job[]>([[1, first.data?.results ?? []]]);
    pages.filter((page) => page > 1).forEach((page, i) => byPage.set(page, others[i]?.data?.results ?? []));
    return byPage;
  }, [first.data, pages, others]);
  const count = first.data?.count ?? 0;
  const rowAt = (index: number) => rows.get(Math.floor(index / pageSize) + 1)?.[index % pageSize];

  const onRange = useCallback((from: number, to: number) => {
    const low = Math.floor(from / pageSize) + 1;
    const high = Math.floor(to / pageSize) + 1;
    setPages((before) => (before[0] === low && before.at(-1) === high ? before : low === high ? [low] : [low, high]));
  }, []);

  // Typing replaces the address, a choice adds to the history.
  const go = (changes: Partial<filter.JobsSearch>, replace = false) =>
    void navigate({ to: "/jobs", search: { ...search, ...filter.writeJobsSearch({ ...asked, ...changes }) }, replace, resetScroll: true });

  const open = (job: Job) => void navigate({ to: "/jobs/$id/{-$tab}", params: { id: job.id } });
  const edit = (job: Job) => void navigate({ to: "/jobs/$id/edit", params: { id: job.id } });
  const filtered = filter.isFiltered(asked);

  const { data: arrived = [] } = useQuery<string[]>({ queryKey: newJobsKey, queryFn: () => [], staleTime: Infinity });
  const shownIds = new Set([...rows.values()].flat().map((job) => job.id));
  const fresh = arrived.filter((id) => !shownIds.has(id));
  const showFresh = () => {
    queryClient.setQueryData(newJobsKey, []);
    void queryClient.invalidateQueries({ queryKey: ["jobs", "page"] });
  };

  const columns: Column<Job>[] = [
    { key: "status", header: t.columns.status, width: "124px", sort: "last_status", cell: (job) => <Status word={jobStatus(job)} /> },
    { key: "name", header: t.columns.name, width: "minmax(0, 1fr)", sort: "name", cell: (job, reach) => <NameCell job={job} reach={reach} /> },
    { key: "schedule", header: t.columns.schedule, width: "minmax(0, 1.2fr)", cell: (job) => <ScheduleCell job={job} /> },
    {
      key: "next", header: t.columns.next, width: "106px", sort: "next_run_at", labelled: true,
      cell: (job) => (job.next_run_at ? <Time at={job.next_run_at} zone={job.timezone} /> : <span className="dim">{isOver(job) ? t.over : t.noNext}</span>),
    },
    {
      key: "last", header: t.columns.last, width: "132px", sort: "last_run_at", labelled: true,
      cell: (job) => (job.last_run_at ? <span className={classes.last}><StatusMark word={job.last_status} size={14} /><Time at={job.last_run_at} zone={job.timezone} /></span> : <span className="dim">{job.last_status === "pending" ? t.noneYet : t.neverStarted}</span>),
    },
    { key: "owner", header: t.columns.owner, width: "108px", sort: "owner", from: 1440, cell: (job) => <span className="cut dim" title={job.owner?.username}>{job.owner?.username}</span> },
    {
      key: "actions", header: t.columns.actions, width: "128px", quiet: true,
      cell: (job, reach) => <Actions job={job} reach={reach} onEdit={() => edit(job)} onDelete={() => setDeleting(job)} />,
    },
  ];

  return (
    <>
      <PageHead
        title={t.title}
        note={first.data && (filtered && stats ? t.of(count, stats.total_jobs) : number(count))}
      >
        <Button component={Link} to="/jobs/new" leftSection={<IconPlus size={16} />}>{t.create}</Button>
      </PageHead>
      <div className={classes.tools} role="search">
        <SearchBox className={classes.search} label={t.searchLabel} placeholder={t.search} value={asked.q} onSearch={(q) => go({ q }, true)} />
        <FilterMenu name={t.filters.status} chosen={asked.status} onChange={(status) => go({ status })}
          options={filter.statuses.map((value) => ({ value, label: text.status[value], mark: <StatusMark word={value} /> }))} />
        <FilterMenu name={t.filters.active} single chosen={asked.active} onChange={(active) => go({ active })}
          options={[{ value: "true", label: t.activeOnly }, { value: "false", label: t.inactiveOnly }]} />
        <FilterMenu name={t.filters.type} chosen={asked.type} onChange={(type) => go({ type })}
          options={filter.types.map((value) => ({ value, label: text.scheduleType[value] ?? value }))} />
        <FilterMenu name={t.filters.kind} chosen={asked.kind} onChange={(kind) => go({ kind })}
          options={filter.kinds.map((value) => ({ value, label: text.kind[value] ?? value }))} />
        <FilterMenu name={t.filters.owner} single chosen={asked.owner} onChange={(owner) => go({ owner })}
          options={[{ value: "me", label: t.filters.mine }]} />
        {asked.tag.length > 0 && (
          <FilterMenu name={t.filters.tag} chosen={asked.tag} onChange={(tag) => go({ tag })} options={asked.tag.map((value) => ({ value, label: value }))} />
        )}
        <Select
          className={classes.sort}
          aria-label={t.sortBy}
          leftSection={<IconArrowsSort size={16} />}
          data={Object.entries(t.sorts).map(([value, label]) => ({ value, label }))}
          value={asked.sort in t.sorts ? asked.sort : null}
          placeholder={t.sortBy}
          allowDeselect={false}
          onChange={(sort) => sort && go({ sort: sort as filter.Sort })}
        />
        {filtered && (
          <Button variant="subtle" color="gray" className={classes.clear} onClick={() => go({ q: "", status: [], active: [], type: [], kind: [], owner: [], tag: [] })}>
            {t.clear}
          </Button>
        )}
      </div>
      {bad.map((name) => <p key={name} role="status" className={classes.note}>{t.badFilter(name)}</p>)}
      {first.isError && first.data && <p role="status" className={classes.note}>{text.problem.stale}</p>}
      <p className="visually-hidden" role="status">{first.data ? counted(count, "job") : text.loading}</p>
      {fresh.length > 0 && <Button variant="default" size="compact-sm" className={classes.fresh} onClick={showFresh}>{t.refresh(fresh.length)}</Button>}
      {first.isPending ? (
        <GridSkeleton />
      ) : first.isError && !first.data ? (
        <ProblemPanel error={first.error} onRetry={() => void first.refetch()} />
      ) : count === 0 ? (
        <div className={classes.empty}>
          {filtered ? (
            <Empty title={t.noMatchTitle}>{t.noMatchText}</Empty>
          ) : (
            <Empty title={t.emptyTitle} action={<Button component={Link} to="/jobs/new">{t.create}</Button>}>{t.emptyText}</Empty>
          )}
        </div>
      ) : (
        <Grid
          label={t.title}
          columns={columns}
          count={count}
          rowAt={rowAt}
          keyOf={(job) => job.id}
          sort={asked.sort}
          onSort={(sort) => go({ sort: sort as filter.Sort })}
          onOpen={open}
          onRange={onRange}
          dimmed={(job) => !job.is_active}
          keys={{ r: (job) => void startRun(job), p: (job) => void toggleJob(job), e: edit }}
        />
      )}
      {deleting && <DeleteDialog job={deleting} onClose={() => setDeleting(null)} onDeleted={() => setDeleting(null)} />}
    </>
  );
}

function NameCell({ job, reach }: { job: Job; reach: 0 | -1 }) {
  return (
    <div className={classes.two}>
      <Link to="/jobs/$id/{-$tab}" params={{ id: job.id }} className={`cut ${classes.name}`} tabIndex={reach} title={job.name}>{job.name}</Link>
      <span className={`cut small dim ${classes.task}`} title={job.task}>{job.task}</span>
    </div>
  );
}

function ScheduleCell({ job }: { job: Job }) {
  if (!job.schedule) return <span className="dim">{t.byHand}</span>;
  return (
    <div className={classes.two}>
      <span className="clamp" title={job.trouble ? text.trouble[job.trouble] : job.schedule_display}>
        {job.trouble && <IconAlertTriangle size={14} className={classes.trouble} role="img" aria-label={text.trouble[job.trouble]} />}
        {withoutZone(job.schedule_display, job.timezone)}
      </span>
      <span className="cut small dim" title={`${job.schedule} · ${job.timezone}`}><span className={classes.task}>{job.schedule}</span> · {job.timezone}</span>
    </div>
  );
}

function Actions({ job, reach, onEdit, onDelete }: { job: Job; reach: 0 | -1; onEdit: () => void; onDelete: () => void }) {
  return (
    <div className={classes.actions}>
      <Tooltip label={text.run.now}>
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={t.run(job.name)} onClick={() => void startRun(job)} tabIndex={reach}>
          <IconPlayerPlay size={16} />
        </ActionIcon>
      </Tooltip>
      <Switch
        size="sm"
        checked={job.is_active}
        onChange={() => void toggleJob(job)}
        aria-label={job.is_active ? t.deactivate(job.name) : t.activate(job.name)}
        tabIndex={reach}
      />
      <Menu width={180}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={32} aria-label={t.more(job.name)} tabIndex={reach}><IconDots size={16} /></ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={onEdit}>{t.edit}</Menu.Item>
          <Menu.Item component={Link} to="/jobs/$id/{-$tab}" params={{ id: job.id, tab: "runs" } as never}>{t.showRuns}</Menu.Item>
          {job.kind !== "internal" && <Menu.Item component={Link} to="/jobs/new" search={{ from: job.id } as never}>{t.duplicate}</Menu.Item>}
          <Menu.Item onClick={() => void copyText(job.id)}>{t.copyId}</Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={onDelete}>{t.delete}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
