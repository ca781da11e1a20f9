// What waits in a queue, the next first.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { asProblem } from "../api/problem";
import { messagesQuery, queuesQuery } from "../api/queries";
import type { QueuedMessage } from "../api/schema";
import { useTitle } from "../app/title";
import { number, text } from "../text/en";
import { Lines } from "../ui/Card";
import { CopyButton } from "../ui/Copy";
import { Empty, ProblemPanel } from "../ui/Problem";
import { Time } from "../ui/Time";
import { TaskLine } from "./worker-parts";
import classes from "./workers.module.css";
import head from "./job.module.css";

const t = text.queue;

export default function QueuePage() {
  const { name } = useParams({ strict: false }) as { name: string };
  const { data, error, isPending, refetch } = useQuery(messagesQuery(name));
  const { data: queue } = useQuery({ ...queuesQuery, select: (queues) => queues.find((each) => each.name === name) });
  useTitle(name, text.workers.queues);
  if (isPending) return <Lines rows={6} />;
  if (!data) {
    return asProblem(error).status === 404
      ? <Empty title={t.notFoundTitle} action={<Button component={Link} to="/workers" variant="default">{text.workers.title}</Button>}>{t.notFoundText}</Empty>
      : <ProblemPanel error={error} onRetry={() => void refetch()} />;
  }
  const columns = text.workers.queueColumns;
  return (
    <>
      <header className={head.head}>
        <p className={classes.back}><Link to="/workers">← {t.back}</Link></p>
        <div className={head.title}><h1>{name}</h1></div>
      </header>
      {queue && (
        <p className={classes.facts}>
          <span>{columns.depth}: <strong>{number(queue.depth)}</strong></span>
          <span>{columns.unacked}: <strong>{queue.unacked === null ? text.workers.tooMany : number(queue.unacked)}</strong></span>
          <span>{columns.consumers}: <strong>{number(queue.consumers)}</strong></span>
          {queue.oldest_at && <span>{columns.oldest}: <strong><Time at={queue.oldest_at} /></strong></span>}
        </p>
      )}
      {queue && queue.consumers === 0 && queue.depth > 0 && <p className={classes.note} role="status">{t.noConsumer} <span><code>{t.noConsumerOption(name)}</code> <CopyButton value={t.noConsumerOption(name)} /></span></p>}
      {data.results.length === 0 ? <p className="dim">{t.none}</p> : (
        <>
          <p className="small dim">{t.waiting(data.results.length)}</p>
          {/* Messages that cannot be read have no id; their place is their name. */}
          {/* oxlint-disable-next-line react/no-array-index-key */}
          <ol className={classes.tasks}>{data.results.map((message, i) => <Message key={message.id ?? i} message={message} />)}</ol>
        </>
      )}
    </>
  );
}

function Message({ message }: { message: QueuedMessage }) {
  return (
    <TaskLine task={message} facts={<>
      {message.unread && <span>{message.unread}</span>}
      {message.expires && <span>{t.expires} <Time at={message.expires} /></span>}
      {message.priority > 0 && <span>{t.priority} {message.priority}</span>}
      {message.retries > 0 && <span>{t.retries} {message.retries}</span>}
    </>} />
  );
}
