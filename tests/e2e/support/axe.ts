// What axe finds on a page as it stands: the rules of WCAG 2.0 to 2.2, A and AA, that are serious or worse.
import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];

// One line a finding: the rule, and where.
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source); // through the debugger: the page's policy allows no such script, and need not
  const { violations } = await page.evaluate<AxeResults, string[]>(
    (values) => (globalThis as unknown as { axe: typeof axe }).axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] }),
    tags,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")} ${failureSummary?.replaceAll(/\s+/g, " ")}`));
}
