// Two people at one job.
import { expect, test } from "vitest";
import type { components } from "../../ui/src/api/types"; // types alone
import { command } from "./support/api";
import { findings } from "./support/axe";
import { Stage } from "./support/stage";

type JobDetail = components["schemas"]["JobDetail"];

const stage = new Stage();

test("E11: the second save shows both values of what both changed; what is chosen is saved with the rest of both", async () => {
  const job = await stage.api.create(command("two editors", ["/bin/true"], { schedule: "15 2 * * *", timezone: "UTC", timeout: 60 }));
  const { page } = await stage.open(`jobs/${job.id}/edit`);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("mine");
  await page.getByRole("textbox", { name: "Time limit in seconds" }).fill("90");
  await page.getByRole("textbox", { name: "Expression" }).fill("15 3 * * *");
  await stage.api.send("PATCH", `cron-jobs/${job.id}/`, { name: "theirs", schedule: "every 6 hours", description: "from elsewhere" });

  await page.getByRole("button", { name: "Save", exact: true }).click();
  const question = page.getByRole("dialog", { name: "Somebody else changed this job meanwhile" });
  await question.waitFor();
  for (const words of ["mine", "theirs", "15 3 * * *", "every 6 hours"]) await question.getByText(words, { exact: true }).waitFor();
  await question.getByText("Description: from elsewhere").waitFor();
  expect(await findings(page)).toEqual([]);
  await question.getByRole("group", { name: "Schedule" }).getByText("Theirs").click();
  await question.getByRole("button", { name: "Go on with these" }).click();
  await question.waitFor({ state: "detached" });
  expect(await page.getByRole("textbox", { name: "Description" }).inputValue()).toBe("from elsewhere");

  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "mine", exact: true }).waitFor();
  const saved = await stage.api.send<JobDetail>("GET", `cron-jobs/${job.id}/`);
  expect(saved).toMatchObject({ name: "mine", schedule: "every 6 hours", timeout: 90, description: "from elsewhere" });
});
