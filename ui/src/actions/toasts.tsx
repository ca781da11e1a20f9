// Short messages at the corner. A failure stays until it is closed, and carries what a helper asks for.
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { asProblem } from "../api/problem";
import { text } from "../text/en";
import { CopyButton } from "../ui/Copy";
import classes from "./toasts.module.css";

export function failureToast(title: string, error: unknown): void {
  const problem = asProblem(error);
  notifications.show({
    title,
    autoClose: false,
    classNames: { root: classes.failure },
    closeButtonProps: { "aria-label": text.close },
    message: (
      <>
        {problem.errors[0]?.message ?? problem.message}
        {problem.requestId && (
          <span className={classes.id}>{text.requestId(problem.requestId)} <CopyButton value={problem.requestId} /></span>
        )}
      </>
    ),
  });
}

const undoFor = 8000;

// Something that was done and can be taken back for eight seconds.
export function undoToast(message: string, undo: () => void): void {
  const id = `undo-${Date.now()}-${message}`;
  notifications.show({
    id,
    autoClose: undoFor,
    closeButtonProps: { "aria-label": text.close },
    message: (
      <span className={classes.undo}>
        {message}
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          {text.undo}
        </Button>
      </span>
    ),
  });
}
