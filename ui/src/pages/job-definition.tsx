// What a job is made of, in words, field by field.
import { Link } from "@tanstack/react-router";
import { writeExact } from "../api/exact";
import type { CeleryTarget, CommandTarget, JobDetail } from "../api/schema";
import { joinWords, withoutZone } from "../schedule/words";
import { text } from "../text/en";
import { duration } from "../time/format";
import { Card } from "../ui/Card";
import { CopyButton } from "../ui/Copy";
import { Time } from "../ui/Time";
import { wordsOf } from "./job-target";
import classes from "./job.module.css";

const t = text.job.config;

export function Definition({ job }: { job: JobDetail }) {
  return (
    <div className={classes.definition}>
      <Card title={text.edit.what}>
        <Fields fields={[
          [t.kind, text.kind[job.kind] ?? job.kind],
          ...targetFields(job),
          [t.tags, job.tags.length > 0 && job.tags.map((tag) => <Link key={tag} to="/jobs" search={{ tag } as never} className={classes.tag}>#{tag}</Link>)],
        ]} />
      </Card>
      <Card title={text.edit.when}>
        <Fields fields={[
          [t.schedule, job.schedule ? <>{withoutZone(job.schedule_display, job.timezone)}<br /><span className="mono dim">{job.schedule}</span></> : text.jobs.byHand],
          [t.zone, job.schedule && job.timezone],
          [text.job.schedule.from, job.start_at && <Time key="s" at={job.start_at} as="absolute" zone={job.timezone} />],
          [text.job.schedule.until, job.end_at && <Time key="e" at={job.end_at} as="absolute" zone={job.timezone} />],
          [text.edit.names.dayMatch ?? "", job.day_match === "both" && text.edit.dayMatches.both],
          [text.edit.names.dstGap ?? "", job.dst_gap === "skip" && text.edit.dstGaps.skip],
          [text.edit.names.dstFold ?? "", job.dst_fold !== "first" && text.edit.dstFolds[job.dst_fold]],
        ]} />
      </Card>
      <Card title={text.edit.rules}>
        <Fields fields={[
          [t.overlap, job.overlap && (text.edit.overlaps[job.overlap] ?? job.overlap)],
          [t.misfire, job.misfire && (text.edit.misfires[job.misfire] ?? job.misfire)],
          [t.timeout, job.timeout ? duration(job.timeout) : text.none],
          [t.grace, job.grace !== undefined && duration(job.grace)],
        ]} />
      </Card>
      <Card title={t.version}>
        <Fields fields={[
          [t.owner, job.owner?.username],
          [t.created, <Time key="c" at={job.created_at} as="absolute" />],
          [t.updated, <Time key="u" at={job.updated_at} as="absolute" />],
          [t.version, job.version],
          [t.id, <span key="i" className="mono">{job.id} <CopyButton value={job.id} /></span>],
        ]} />
      </Card>
    </div>
  );
}

function targetFields(job: JobDetail): [string, React.ReactNode][] {
  if (job.kind === "command") {
    const { argv, env, cwd, stdin, success_codes } = job.target as unknown as CommandTarget;
    const pairs = Object.entries(env ?? {});
    return [
      [t.command, <code key="c">{joinWords(argv ?? [])}</code>],
      [t.folder, cwd && <code>{cwd}</code>],
      [t.environment, pairs.length > 0 && <pre>{pairs.map(([name, value]) => `${name}=${value}`).join("\n")}</pre>],
      [t.input, stdin && <pre>{stdin}</pre>],
      [t.codes, success_codes && success_codes.join(", ") !== "0" && success_codes.join(", ")],
    ];
  }
  if (job.kind === "celery") {
    const { task, args, kwargs, queue, exchange, routing_key, priority, expires, time_limit, soft_time_limit, ignore_result, headers } = job.target as unknown as CeleryTarget;
    const seconds = (value: unknown) => value !== undefined && value !== null && duration(Number(wordsOf(value)));
    const expiry = wordsOf(expires);
    return [
      [t.task, <code key="t">{task}</code>],
      [t.arguments, args && args.length > 0 && <code>{writeExact(args)}</code>],
      [t.keywords, kwargs && Object.keys(kwargs).length > 0 && <code>{writeExact(kwargs)}</code>],
      [t.queue, queue],
      [text.edit.exchange, exchange],
      [text.edit.routingKey, routing_key],
      [text.edit.priority, wordsOf(priority)],
      [text.edit.expires, expiry && (Number.isNaN(Number(expiry)) ? <Time key="x" at={expiry} as="absolute" /> : t.after(duration(Number(expiry))))],
      [t.hardLimit, seconds(time_limit)],
      [t.softLimit, seconds(soft_time_limit)],
      [text.edit.ignoreResult, typeof ignore_result === "boolean" && text.edit.ignoreResults[String(ignore_result)]],
      [text.edit.headers, headers && Object.keys(headers).length > 0 && <code>{writeExact(headers)}</code>],
    ];
  }
  return [[t.task, <code key="t">{job.task}</code>]];
}

function Fields({ fields }: { fields: [string, React.ReactNode][] }) {
  return (
    <dl className={classes.fields}>
      {fields.filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false).map(([name, value]) => (
        <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}
