// Running a job now, from wherever its button is: the toast follows the run to its end.
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { runNow } from "../api/jobs";
import { asProblem } from "../api/problem";
import { queryClient, runQuery } from "../api/queries";
import { rerun } from "../api/runs";
import { isCancelling, isFinal, type Job, type Run } from "../api/schema";
import { text } from "../text/en";
import { duration } from "../time/format";
import { ask } from "../ui/ask";
import { runStatus, Status } from "../ui/Status";
import { Elapsed } from "../ui/Time";
import classes from "./toasts.module.css";
import { confirmCancel } from "./cancel-run";
import { failureToast } from "./toasts";

// A second click within this time is the same click.
const sameClick = 700;
const startedAt = new Map<string, number>();
let toasts = 0;

// Starts a run and answers with its id, or with null where there is none. Asks first when a run is not final yet
// and the job's rule is to skip.
export const startRun = (job: Pick<Job, "id" | "name">): Promise<string | null> => start(job, (body) => runNow(job.id, body));

// The same with what an earlier run was given itself.
export async function startAgain(run: Pick<Run, "id">, job: Pick<Job, "id" | "name">): Promise<string | null> {
  const id = await start(job, (body) => rerun(run.id, body));
  if (id) void queryClient.invalidateQueries({ queryKey: ["runs", "one", run.id] }); // it names the runs that repeat it
  return id;
}

async function start(job: Pick<Job, "id" | "name">, send: (body: { force?: boolean }) => Promise<{ log_id: string }>): Promise<string | null> {
  const now = performance.now();
  if (now - (startedAt.get(job.id) ?? -Infinity) < sameClick) return null;
  startedAt.set(job.id, now);
  const toast = `run-${++toasts}`;
  const showStarting = () =>
    notifications.show({
      id: toast,
      title: job.name,
      message: <Status word="queued" label={text.run.starting(job.name)} />,
      loading: true,
      autoClose: false,
      withCloseButton: true,
      closeButtonProps: { "aria-label": text.close },
    });
  showStarting();
  try {
    let force = false;
    for (;;) {
      try {
        // Each answer decides whether there is another try.
        // oxlint-disable-next-line no-await-in-loop
        const { log_id } = await send(force ? { force } : {});
        notifications.update({
          id: toast,
          title: job.name,
          message: <RunToast id={log_id} toast={toast} />,
          loading: false,
          autoClose: false,
          closeButtonProps: { "aria-label": text.close },
        });
        for (const queryKey of [["runs", "page"], ["jobs", "one", job.id]]) void queryClient.invalidateQueries({ queryKey });
        return log_id;
      } catch (error) {
        if (force || asProblem(error).status !== 409) throw error;
        notifications.hide(toast); // nothing is starting while the question stands
        // oxlint-disable-next-line no-await-in-loop
        force = await ask({ title: text.run.activeTitle, body: text.run.activeText(job.name), confirm: text.run.beside });
        if (!force) return null;
        showStarting();
      }
    }
  } catch (error) {
    notifications.hide(toast);
    failureToast(text.run.notStarted(job.name), error);
    return null;
  }
}

// Queued, running with the seconds that pass, and how it ended. Goes away by itself only after a success.
function RunToast({ id, toast }: { id: string; toast: string }) {
  const { data: run } = useQuery({
    ...runQuery(id),
    staleTime: 0,
    // The event stream tells sooner; this is for when there is none.
    refetchInterval: (query) => (query.state.data && isFinal(query.state.data.status) ? false : 2500),
  });
  const done = run !== undefined && isFinal(run.status);
  const good = run?.status === "success";
  useEffect(() => {
    if (!good) return undefined;
    const timer = setTimeout(() => notifications.hide(toast), 6000);
    return () => clearTimeout(timer);
  }, [good, toast]);

  return (
    <div className={classes.run}>
      <div className={classes.line}>
        {run ? <Status word={runStatus(run)} label={done && run.execution_time !== null ? text.run.inTime(text.status[run.status], duration(run.execution_time)) : undefined} /> : <Status word="queued" />}
        {run && !done && run.run_started_at && <span className="dim"><Elapsed since={run.run_started_at} /></span>}
      </div>
      {run?.error && <p className={classes.error}>{run.error}</p>}
      <Group gap="xs">
        <Button component={Link} to="/runs/$id" params={{ id } as never} size="compact-sm" variant="default" onClick={() => notifications.hide(toast)}>
          {text.run.output}
        </Button>
        {run && !done && !isCancelling(run) && (
          <Button size="compact-sm" variant="subtle" color="gray" onClick={() => void confirmCancel(run)}>{text.run.cancel}</Button>
        )}
      </Group>
    </div>
  );
}
