// What stands in the place of a page that does not exist or that broke.
import { Button } from "@mantine/core";
import { asProblem, Problem } from "../api/problem";
import { text } from "../text/en";
import { Empty, ProblemPanel } from "../ui/Problem";
import { useTitle } from "./title";
import { boot } from "./boot";

export function NotFoundPage() {
  useTitle(text.problem.routeTitle);
  return (
    <Empty title={text.problem.routeTitle} action={<Button component="a" href={boot.prefix} variant="default">{text.problem.home}</Button>}>
      {text.problem.routeText}
    </Empty>
  );
}

// A refusal of the server, or a fault of ours. A chunk that is gone after an upgrade is fetched by one reload.
export function CrashPage({ error }: { error: unknown }) {
  const chunkGone = /dynamically imported module|Importing a module script failed/.test(String(error));
  if (chunkGone && reloadOnce()) return null;
  if (error instanceof Problem || error instanceof TypeError && /fetch/i.test(error.message)) {
    return <ProblemPanel error={asProblem(error)} onRetry={() => location.reload()} />;
  }
  return (
    <Empty title={text.problem.crashTitle} action={<Button onClick={() => location.reload()}>{text.problem.reload}</Button>}>
      {text.problem.crashText}
    </Empty>
  );
}

function reloadOnce(): boolean {
  const key = "cjv-reloaded-for";
  if (sessionStorage.getItem(key) === boot.version) return false;
  sessionStorage.setItem(key, boot.version);
  location.reload();
  return true;
}
