// Celery's workers and queues, as the server hears of them now.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { healthQuery, queuesQuery, workersQuery } from "../api/queries";
import type { Queue, Worker } from "../api/schema";
import { useTitle } from "../app/title";
import { number, text } from "../text/en";
import { duration } from "../time/format";
import { Grid, GridSkeleton, type Column } from "../ui/Grid";
import { PageHead } from "../ui/PageHead";
import { Empty, ProblemPanel } from "../ui/Problem";
import { StatusMark } from "../ui/Status";
import { Time } from "../ui/Time";
import { isQuiet, WorkerState } from "./worker-parts";
import classes from "./workers.module.css";

const t = text.workers;
// A clock that is further off than this is worth a word.
const skew = 2;

export default function WorkersPage() {
  useTitle(t.title);
  const health = useQuery(healthQuery);
  const noBroker = health.data?.components.broker?.status === "not_configured";
  const asks = !health.isPending && !noBroker;
  const workers = useQuery({ ...workersQuery, enabled: asks });
  const queues = useQuery({ ...queuesQuery, enabled: asks });
  if (noBroker) {
    return (
      <>
        <PageHead title={t.title} />
        <div className={classes.empty}><Empty title={t.noBroker}>{t.noBrokerText}</Empty></div>
      </>
    );
  }
  const all = workers.data ?? [];
  const of = (state: Worker["state"]) => all.filter((worker) => worker.state === state).length;
  const sum = (read: (worker: Worker) => number | null) => all.reduce((total, worker) => total + (worker.state === "offline" ? 0 : (read(worker) ?? 0)), 0);
  return (
    <>
      <PageHead title={t.title} note={all.length > 0 && `${t.summary(of("online"), of("late"), of("offline"))} · ${t.slots(sum((worker) => worker.active_count), sum((worker) => worker.concurrency))}`} />
      {workers.isPending ? <GridSkeleton />
      : workers.isError && !workers.data ? <ProblemPanel error={workers.error} onRetry={() => void workers.refetch()} />
      : all.length === 0 ? <div className={classes.empty}><Empty title={t.noWorkers}>{t.noWorkersText}</Empty></div>
      : <WorkersGrid workers={all} />}
      <h2 className={classes.second}>{t.queues}</h2>
      {queues.isPending ? <GridSkeleton />
      : queues.isError && !queues.data ? <ProblemPanel error={queues.error} onRetry={() => void queues.refetch()} />
      : queues.data.length === 0 ? <div className={classes.empty}><Empty title={t.noQueues}>{t.noQueuesText}</Empty></div>
      : <QueuesGrid queues={queues.data} />}
    </>
  );
}

function WorkersGrid({ workers }: { workers: Worker[] }) {
  const navigate = useNavigate();
  const columns: Column<Worker>[] = [
    { key: "status", header: t.columns.state, width: "112px", cell: (worker) => <WorkerState state={worker.state} /> },
    { key: "name", header: t.columns.name, width: "minmax(0, 1.4fr)", cell: (worker) => (
      <span className={classes.name}><span className="cut" title={worker.name}>{worker.name}</span>{isQuiet(worker) && <span className={classes.warn}><StatusMark word="missed" size={14} />{t.noEvents}</span>}</span>
    ) },
    { key: "queues", labelled: true, header: t.columns.queues, width: "minmax(0, 1fr)", cell: (worker) => <span className="cut dim" title={worker.queues.join(", ")}>{worker.queues.join(", ") || t.unknown}</span> },
    { key: "pool", labelled: true, header: t.columns.pool, width: "120px", cell: (worker) => <span className="dim">{worker.pool ? t.pool(worker.pool, worker.concurrency) : t.unknown}</span> },
    { key: "active", labelled: true, header: t.columns.active, width: "76px", cell: (worker) => <span className="num">{worker.active_count === null ? t.unknown : number(worker.active_count)}</span> },
    { key: "processed", header: t.columns.processed, width: "96px", from: 1024, cell: (worker) => <span className="num">{worker.processed === null ? t.unknown : number(worker.processed)}</span> },
    { key: "load", header: t.columns.load, width: "64px", from: 1440, cell: (worker) => <span className="num dim">{worker.load?.[0]?.toFixed(2) ?? t.unknown}</span> },
    { key: "clock", header: t.columns.clock, width: "112px", from: 1024, cell: (worker) => <ClockOffset seconds={worker.clock_offset} /> },
    { key: "heartbeat", labelled: true, header: t.columns.heartbeat, width: "112px", cell: (worker) => (worker.last_heartbeat ? <Time at={worker.last_heartbeat} /> : t.unknown) },
  ];
  return (
    <Grid label={t.title} columns={columns} count={workers.length} rowAt={(index) => workers[index]} keyOf={(worker) => worker.name}
      onOpen={(worker) => void navigate({ to: "/workers/$name", params: { name: worker.name } as never })}
      dimmed={(worker) => worker.state === "offline"} rowHeight={40} cardHeight={116} />
  );
}

function ClockOffset({ seconds }: { seconds: number | null }) {
  if (seconds === null) return <span className="dim">{t.unknown}</span>;
  const far = duration(Math.abs(seconds));
  if (Math.abs(seconds) <= skew) return <span className="dim num">{far}</span>;
  return <span className={classes.warn}>{seconds > 0 ? t.ahead(far) : t.behind(far)}</span>;
}

function QueuesGrid({ queues }: { queues: Queue[] }) {
  const navigate = useNavigate();
  const columns: Column<Queue>[] = [
    { key: "name", header: t.queueColumns.name, width: "minmax(0, 2fr)", cell: (queue) => <span className="cut" title={queue.name}>{queue.name}</span> },
    { key: "depth", labelled: true, header: t.queueColumns.depth, width: "110px", cell: (queue) => <span className="num">{number(queue.depth)}</span> },
    { key: "unacked", labelled: true, header: t.queueColumns.unacked, width: "150px", cell: (queue) => <span className="num dim">{queue.unacked === null ? t.tooMany : number(queue.unacked)}</span> },
    {
      key: "consumers", labelled: true, header: t.queueColumns.consumers, width: "170px",
      cell: (queue) => (queue.consumers === 0 && queue.depth > 0
        ? <span className={classes.warn}><StatusMark word="missed" size={14} /> {t.noConsumer}</span>
        : <span className="num">{number(queue.consumers)}</span>),
    },
    { key: "oldest", labelled: true, header: t.queueColumns.oldest, width: "130px", cell: (queue) => (queue.oldest_at ? <Time at={queue.oldest_at} /> : <span className="dim">{t.unknown}</span>) },
  ];
  return (
    <Grid label={t.queues} columns={columns} count={queues.length} rowAt={(index) => queues[index]} keyOf={(queue) => queue.name}
      onOpen={(queue) => void navigate({ to: "/queues/$name", params: { name: queue.name } as never })} rowHeight={40} cardHeight={92} />
  );
}
