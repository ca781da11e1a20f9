// Cancelling a run, after a word about what that does.
import { queryClient } from "../api/queries";
import { cancelRun } from "../api/runs";
import { text } from "../text/en";
import { ask } from "../ui/ask";
import { failureToast } from "./toasts";

export async function confirmCancel(id: string): Promise<void> {
  const yes = await ask({ title: text.run.cancelTitle, body: text.run.cancelText, keep: text.run.keep, confirm: text.run.cancel, danger: true });
  if (!yes) return;
  try {
    await cancelRun(id);
  } catch (error) {
    failureToast(text.run.cancelTitle, error);
  }
  void queryClient.invalidateQueries({ queryKey: ["runs"] });
}
