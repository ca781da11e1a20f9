// A refusal or a failure, in the place of what could not be shown: what failed, the server's sentence, what to do.
import { Button } from "@mantine/core";
import { asProblem } from "../api/problem";
import { text } from "../text/en";
import { CopyButton } from "./Copy";
import classes from "./Problem.module.css";

export function ProblemPanel({ error, title, onRetry }: { error: unknown; title?: string; onRetry?: () => void }) {
  const problem = asProblem(error);
  const heading = title ?? (problem.status === 0 ? text.problem.offline : problem.status === 403 ? text.problem.forbidden : text.problem.title);
  return (
    <div className={classes.panel} role="alert">
      <strong>{heading}</strong>
      <p>{problem.message}</p>
      <div className={classes.actions}>
        {onRetry && <Button variant="default" size="xs" onClick={onRetry}>{text.retry}</Button>}
        {problem.requestId && (
          <span className={classes.id}>
            {text.requestId(problem.requestId)} <CopyButton value={problem.requestId} />
          </span>
        )}
      </div>
    </div>
  );
}

// Nothing to show, and that is no failure.
export function Empty({ title, children, action }: { title: string; children?: React.ReactNode; action?: React.ReactNode }) {
  return (
    <div className={classes.empty}>
      <strong>{title}</strong>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}
