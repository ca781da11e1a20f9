// What the pages of workers and queues have in common.
import { Link } from "@tanstack/react-router";
import { CopyButton } from "../ui/Copy";
import { StatusMark, type StatusWord } from "../ui/Status";
import { Time } from "../ui/Time";
import type { Worker } from "../api/schema";
import { text } from "../text/en";
import classes from "./workers.module.css";

const t = text.worker;
const marks: Record<Worker["state"], StatusWord> = { online: "success", late: "missed", offline: "inactive" };

// Shape, word and colour: each is enough by itself.
export const WorkerState = ({ state }: { state: Worker["state"] }) => (
  <span className={classes.state} data-state={state}><StatusMark word={marks[state]} size={14} />{text.workers.states[state]}</span>
);

// It is there, and does not tell of its tasks.
export const isQuiet = (worker: Worker) => worker.state === "online" && worker.task_events === false;

interface Shown {
  id: string | null;
  task: string | null;
  args: string | null;
  kwargs: string | null;
  eta?: string | null;
}

// A task in a worker or in a queue: its name, what it is called with, its id.
export function TaskLine({ task, facts, action }: { task: Shown; facts: React.ReactNode; action?: React.ReactNode }) {
  const called = [task.args, task.kwargs].filter((part) => part && part !== "()" && part !== "[]" && part !== "{}").join(" ");
  return (
    <li>
      <strong>{task.task ?? text.queue.unread}</strong>
      <span>{action}</span>
      {called && <p><code>{called}</code></p>}
      <p>
        {task.id && <span><Link to="/runs" search={{ q: task.id } as never} className="mono" title={t.toRun}>{task.id}</Link> <CopyButton value={task.id} /></span>}
        {task.eta && <span>{t.eta} <Time at={task.eta} /></span>}
        {facts}
      </p>
    </li>
  );
}
