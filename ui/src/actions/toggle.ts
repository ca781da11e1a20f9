// Activating and deactivating a job: shown at once, taken back when the server refuses, undone by one click.
import { setActive } from "../api/jobs";
import { queryClient } from "../api/queries";
import type { Job, JobDetail, Page } from "../api/schema";
import { withRow } from "../live/apply";
import { text } from "../text/en";
import { failureToast, undoToast } from "./toasts";

function show(id: string, changes: Partial<Job>): void {
  queryClient.setQueriesData<Page<Job>>({ queryKey: ["jobs", "page"] }, (page) =>
    withRow<Job>(page, id, (row) => ({ ...row, ...changes })) as Page<Job> | undefined,
  );
  queryClient.setQueryData<JobDetail>(["jobs", "one", id], (job) => job && { ...job, ...changes });
}

export async function toggleJob(job: Pick<Job, "id" | "name" | "is_active" | "next_run_at">, undoable = true): Promise<void> {
  const is_active = !job.is_active;
  show(job.id, { is_active, next_run_at: null });
  try {
    await setActive(job.id, is_active);
    if (undoable) {
      undoToast(is_active ? text.jobs.activated(job.name) : text.jobs.deactivated(job.name), () => void toggleJob({ ...job, is_active }, false));
    }
  } catch (error) {
    show(job.id, { is_active: job.is_active, next_run_at: job.next_run_at });
    failureToast(text.jobs.toggleFailed(job.name), error);
  }
  for (const queryKey of [["jobs", "one", job.id], ["jobs", "next", job.id], ["jobs", "page"], ["statistics"], ["upcoming"]]) {
    void queryClient.invalidateQueries({ queryKey });
  }
}
