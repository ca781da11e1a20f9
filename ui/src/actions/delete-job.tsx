// Deleting a job, after saying what is lost and what stays.
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { deleteJob } from "../api/jobs";
import { queryClient } from "../api/queries";
import type { Job } from "../api/schema";
import { text } from "../text/en";
import { Dialog } from "../ui/Dialog";
import { Time } from "../ui/Time";
import { failureToast } from "./toasts";
import { toggleJob } from "./toggle";

export function DeleteDialog({ job, onClose, onDeleted }: { job: Job; onClose: () => void; onDeleted: () => void }) {
  const [busy, setBusy] = useState(false);
  const remove = async () => {
    setBusy(true);
    try {
      await deleteJob(job.id);
      notifications.show({ message: text.job.deleted(job.name), closeButtonProps: { "aria-label": text.close } });
      onDeleted();
      for (const queryKey of [["jobs", "page"], ["statistics"], ["upcoming"]]) void queryClient.invalidateQueries({ queryKey });
    } catch (error) {
      failureToast(text.job.deleteTitle(job.name), error);
      onClose();
    }
  };
  return (
    <Dialog title={text.job.deleteTitle(job.name)} onClose={onClose} size={480}>
      <div>
        <p>{text.job.deleteText}</p>
        {job.next_run_at && <p className="dim">{text.job.deleteNext} <Time at={job.next_run_at} as="absolute" zone={job.timezone} />.</p>}
      </div>
      <Group justify="flex-end" gap="sm">
        <Button variant="subtle" color="red" c="var(--cjv-failed)" loading={busy} onClick={() => void remove()}>{text.job.deleteConfirm}</Button>
        <Button variant="default" onClick={onClose}>{text.cancel}</Button>
        {job.is_active && (
          <Button
            data-autofocus
            onClick={() => {
              onClose();
              void toggleJob(job);
            }}
          >
            {text.job.deleteInstead}
          </Button>
        )}
      </Group>
    </Dialog>
  );
}
