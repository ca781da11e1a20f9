// Cancelling a run, after a word about what that does.
import { queryClient } from "../api/queries";
import { cancelRun } from "../api/runs";
import type { Run } from "../api/schema";
import { text } from "../text/en";
import { ask, choose } from "../ui/ask";
import { failureToast } from "./toasts";

const t = text.run;

export async function confirmCancel(run: Pick<Run, "id" | "status" | "celery_task_id">): Promise<void> {
  const answer = await question(run);
  if (!answer) return;
  try {
    await cancelRun(run.id, answer === "other");
  } catch (error) {
    failureToast(t.cancelTitle, error);
  }
  void queryClient.invalidateQueries({ queryKey: ["runs"] });
}

// A task of Celery is revoked; once it has begun, only the end of its process stops it.
function question({ status, celery_task_id }: Pick<Run, "status" | "celery_task_id">) {
  const asked = { title: t.cancelTitle, keep: t.keep, confirm: t.cancel, danger: true };
  if (celery_task_id === null) return ask({ ...asked, body: t.cancelText });
  if (status === "pending" || status === "retrying") return ask({ ...asked, body: t.revokeWaiting });
  if (status === "queued") return choose({ ...asked, body: t.revokeQueued, confirm: t.revoke, other: t.terminate, danger: false });
  return choose({ ...asked, body: t.revokeRunning, confirm: t.revoke, other: t.terminate, danger: false });
}
