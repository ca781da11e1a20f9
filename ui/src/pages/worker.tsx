// One worker, asked now: what it runs, holds and knows, and what a superuser may tell it.
import { Autocomplete, Button, Menu, Tabs, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { failureToast } from "../actions/toasts";
import { addConsumer, cancelConsumer, growPool, limitRate, ping, revoke, shrinkPool, shutDown } from "../api/fleet";
import { asProblem } from "../api/problem";
import { meQuery, queryClient, workerQuery } from "../api/queries";
import type { ControlAnswer, HeldTask, WorkerDetail } from "../api/schema";
import type { Search } from "../app/search";
import { useTitle } from "../app/title";
import { number, text } from "../text/en";
import { ask } from "../ui/ask";
import { Lines } from "../ui/Card";
import { CopyButton } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";
import { Empty, ProblemPanel } from "../ui/Problem";
import { Time } from "../ui/Time";
import { isQuiet, TaskLine, WorkerState } from "./worker-parts";
import classes from "./workers.module.css";
import head from "./job.module.css";

const t = text.worker;
const tabs = ["active", "reserved", "scheduled", "registered", "stats"] as const;
type Tab = (typeof tabs)[number];
// A worker answers before it has done what it was told: a pool grows a moment later.
const settles = 1000;

export default function WorkerPage() {
  const { name } = useParams({ strict: false }) as { name: string };
  const { data: worker, error, isPending, refetch } = useQuery(workerQuery(name));
  useTitle(name, text.workers.title);
  if (isPending) return <Lines rows={6} />;
  if (!worker) {
    return asProblem(error).status === 404
      ? <Empty title={t.notFoundTitle} action={<Button component={Link} to="/workers" variant="default">{text.workers.title}</Button>}>{t.notFoundText}</Empty>
      : <ProblemPanel error={error} onRetry={() => void refetch()} />;
  }
  return (
    <>
      <header className={head.head}>
        <p className={classes.back}><Link to="/workers">← {t.back}</Link></p>
        <div className={head.title}>
          <h1>{worker.name}</h1>
          <WorkerState state={worker.state} />
          <span className={head.actions}><Control worker={worker} /></span>
        </div>
      </header>
      <p className={classes.facts}>
        <span>{text.workers.columns.pool}: <strong>{worker.pool ? text.workers.pool(worker.pool, worker.concurrency) : text.workers.unknown}</strong></span>
        <span>{text.workers.columns.processed}: <strong>{worker.processed === null ? text.workers.unknown : number(worker.processed)}</strong></span>
        <span>{text.workers.columns.queues}: {worker.queues.length === 0 && text.workers.unknown}{worker.queues.map((queue, i) => <span key={queue}>{i > 0 && ", "}<Link to="/queues/$name" params={{ name: queue }}>{queue}</Link></span>)}</span>
        {worker.software && <span>{worker.software}</span>}
        {worker.last_heartbeat && <span>{text.workers.columns.heartbeat}: <strong><Time at={worker.last_heartbeat} /></strong></span>}
      </p>
      {worker.state !== "online" && <p className={classes.note} role="status">{t[worker.state]}</p>}
      {isQuiet(worker) && (
        <p className={classes.note} role="status">
          {t.noEvents}
          {[t.noEventsOption, t.noEventsSetting].map((words) => <span key={words}><code>{words}</code> <CopyButton value={words} /></span>)}
        </p>
      )}
      <Parts worker={worker} />
    </>
  );
}

function Parts({ worker }: { worker: WorkerDetail }) {
  const navigate = useNavigate();
  const { tab } = useSearch({ strict: false }) as Search;
  const shown: Tab = tabs.find((each) => each === tab) ?? "active";
  const countOf: Partial<Record<Tab, number>> = { active: worker.active.length, reserved: worker.reserved.length, scheduled: worker.scheduled.length, registered: worker.registered.length };
  return (
    <Tabs value={shown} keepMounted={false} onChange={(value) => void navigate({ to: "/workers/$name", params: { name: worker.name } as never, search: { tab: value === "active" ? undefined : value } as never, replace: true })}>
      <Tabs.List className={classes.tabs}>
        {tabs.map((each) => <Tabs.Tab key={each} value={each}>{t.tabs[each]}{countOf[each] !== undefined && <span className={head.tabCount}>{number(countOf[each])}</span>}</Tabs.Tab>)}
      </Tabs.List>
      {(["active", "reserved", "scheduled"] as const).map((each) => (
        <Tabs.Panel key={each} value={each}><Held tasks={worker[each]} none={t.none[each]} running={each === "active"} /></Tabs.Panel>
      ))}
      <Tabs.Panel value="registered">
        {worker.registered.length === 0 ? <p className="dim">{t.none.registered}</p>
        : <ul className={classes.names}>{worker.registered.map((each) => <li key={each}>{each}</li>)}</ul>}
      </Tabs.Panel>
      <Tabs.Panel value="stats">
        {worker.stats === null ? <p className="dim">{t.none.stats}</p> : <pre className={classes.stats}>{JSON.stringify(worker.stats, null, 2)}</pre>}
      </Tabs.Panel>
    </Tabs>
  );
}

function Held({ tasks, none, running }: { tasks: HeldTask[]; none: string; running: boolean }) {
  const { data: me } = useQuery(meQuery);
  if (tasks.length === 0) return <p className="dim">{none}</p>;
  const onRevoke = async (task: HeldTask) => {
    if (!(await ask({ title: t.revokeTitle, body: running ? t.revokeText : t.revokeWaiting, confirm: t.revoke.replace("…", ""), danger: running }))) return;
    await tell(() => revoke(task.id, running), task.task);
  };
  return (
    <ul className={classes.tasks}>
      {tasks.map((task) => (
        <TaskLine key={task.id} task={task}
          facts={<>
            {task.started_at && <span>{t.since} <Time at={task.started_at} /></span>}
            <span>{t.queue} {task.queue}</span>
          </>}
          action={me?.user.is_superuser && <Button variant="default" size="compact-sm" onClick={() => void onRevoke(task)}>{t.revoke}</Button>} />
      ))}
    </ul>
  );
}

// Sends it, and says what each worker replied and who kept silent.
async function tell(send: () => Promise<ControlAnswer>, name: string): Promise<void> {
  try {
    const { replies, silent } = await send();
    const words = [
      ...Object.entries(replies).map(([who, reply]) => t.answered(who, wordsOf(reply))),
      ...silent.map((who) => t.silent(who)),
    ];
    notifications.show({ title: name, message: words.map((line) => <div key={line}>{line}</div>), closeButtonProps: { "aria-label": text.close } });
  } catch (error) {
    failureToast(name, error);
  } finally {
    const askAgain = () => void queryClient.invalidateQueries({ queryKey: ["workers"] });
    askAgain();
    setTimeout(askAgain, settles);
  }
}

function wordsOf(reply: unknown): string {
  const { ok, error } = (reply ?? {}) as { ok?: unknown; error?: unknown };
  const told = error ?? ok ?? reply;
  return typeof told === "string" ? told : JSON.stringify(told);
}

function Control({ worker }: { worker: WorkerDetail }) {
  const { data: me } = useQuery(meQuery);
  const [opened, setOpened] = useState<"listen" | "limit" | null>(null);
  const may = me?.user.is_superuser ?? false;
  const { name } = worker;
  const stop = async () => {
    if (await ask({ title: t.shutDownTitle(name), body: t.shutDownText, confirm: t.shutDownConfirm, danger: true })) await tell(() => shutDown(name), name);
  };
  return (
    <>
      {!may && <span className="small dim">{t.superuser}</span>}
      <Menu width={240}>
        <Menu.Target>
          <Button variant="default" disabled={!may || worker.state === "offline"} rightSection={<IconChevronDown size={14} />}>{t.actions}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void tell(() => ping(name), name)}>{t.ping}</Menu.Item>
          <Menu.Item onClick={() => void tell(() => growPool(name, 1), name)}>{t.grow}</Menu.Item>
          <Menu.Item disabled={(worker.concurrency ?? 2) < 2} onClick={() => void tell(() => shrinkPool(name, 1), name)}>{t.shrink}</Menu.Item>
          <Menu.Item onClick={() => setOpened("limit")}>{t.limit}…</Menu.Item>
          <Menu.Item onClick={() => setOpened("listen")}>{t.listen}…</Menu.Item>
          {worker.queues.map((queue) => <Menu.Item key={queue} onClick={() => void tell(() => cancelConsumer(name, queue), name)}>{t.leave(queue)}</Menu.Item>)}
          <Menu.Divider />
          <Menu.Item onClick={() => void stop()}>{t.shutDown}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {opened === "listen" && <ListenDialog onClose={() => setOpened(null)} onQueue={(queue) => { setOpened(null); void tell(() => addConsumer(name, queue), name); }} />}
      {opened === "limit" && <LimitDialog tasks={worker.registered} onClose={() => setOpened(null)} onLimit={(task, rate) => { setOpened(null); void tell(() => limitRate(name, task, rate), name); }} />}
    </>
  );
}

function ListenDialog({ onClose, onQueue }: { onClose: () => void; onQueue: (queue: string) => void }) {
  const [queue, setQueue] = useState("");
  return (
    <Dialog title={t.listen} onClose={onClose} size={420}>
      <form onSubmit={(event) => { event.preventDefault(); if (queue.trim()) onQueue(queue.trim()); }} className={classes.form}>
        <TextInput label={t.queueName} data-autofocus value={queue} onChange={(event) => setQueue(event.currentTarget.value)} />
        <Button type="submit" disabled={!queue.trim()}>{t.listen}</Button>
      </form>
    </Dialog>
  );
}

function LimitDialog({ tasks, onClose, onLimit }: { tasks: string[]; onClose: () => void; onLimit: (task: string, rate: string) => void }) {
  const [task, setTask] = useState("");
  const [rate, setRate] = useState("");
  const given = [task.trim(), rate.trim()] as const;
  const isReady = given.every(Boolean);
  return (
    <Dialog title={t.limit} onClose={onClose} size={420}>
      <form onSubmit={(event) => { event.preventDefault(); if (isReady) onLimit(...given); }} className={classes.form}>
        <Autocomplete label={t.limitTask} data-autofocus limit={20} data={tasks} value={task} onChange={setTask} />
        <TextInput label={t.limitRate} description={t.limitHint} value={rate} onChange={(event) => setRate(event.currentTarget.value)} />
        <Button type="submit" disabled={!isReady}>{t.limit}</Button>
      </form>
    </Dialog>
  );
}
