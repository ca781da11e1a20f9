// A company's jobs as one would meet them: good ones, a flaky one, one that never ends in time, one at work, one that
// waits, one that the server was down for. Always the same, in the same order; only the clock is today's.
import { setTimeout as passes } from "node:timers/promises";
import { Api, command, type Job, type NewJob } from "../support/api";
import { alice, type Program, startProgram } from "../support/program";

export interface Scene {
  jobs: Record<"flaky" | "long" | "idle" | "busy" | "missed", Job>;
  runs: Record<"coloured" | "failed" | "slow" | "live" | "undeliverable" | "missed", string>;
}

const log = `\u001b[1mImport of bank statements\u001b[0m
2026-03-02 06:30:00 \u001b[34mINFO\u001b[0m  3 files in /srv/bank/inbox
2026-03-02 06:30:00 \u001b[34mINFO\u001b[0m  CAMT053_DE02120300000000202051_20260302.xml: 148 entries
2026-03-02 06:30:01 \u001b[34mINFO\u001b[0m  CAMT053_AT611904300234573201_20260302.xml: 37 entries
2026-03-02 06:30:01 \u001b[33mWARN\u001b[0m  entry 31 has no reference; it waits for the clerk: /usr/bin/import --company 0042 --statement CAMT053_AT611904300234573201_20260302.xml --entry 31 --as-draft
matching  10 %\rmatching  55 %\rmatching 100 %\u001b[K
2026-03-02 06:30:02 \u001b[32mDONE\u001b[0m  \u001b[1m184 of 185\u001b[0m entries matched, 1 draft, <0 errors> & nothing lost
`;

const printing = `i=0
while [ $i -lt 60 ]; do i=$((i+1)); printf '\\033[2m%03d\\033[0m  table \\033[36merp_ledger_%02d\\033[0m  dumped\\n' $i $i; done
printf '\\033[33mwaiting\\033[0m for the lock of erp_ledger_61\\n' >&2
sleep 600`;

const said = (words: string, code = 0) => ["/bin/sh", "-c", `echo '${words}'; exit ${code}`];

// `data` is a folder that outlives the program, because the scene contains a restart. What is returned is the
// program that runs now, and what ends it.
export async function setScene(data: string): Promise<{ program: Program; api: Api; scene: Scene; end(): Promise<void> }> {
  let program = await startProgram({ data });
  let api = await Api.signIn(program.url, alice);
  const make = (name: string, argv: string[], more: Partial<NewJob> = {}) =>
    api.create(command(name, argv, { timezone: "Europe/Berlin", ...more }));
  const runs = async (job: Job) => {
    const run = await api.runNow(job);
    await api.ended(run);
    return run;
  };
  // One run for each letter: "v" ends well, "x" fails.
  const lives = async (job: Job, letters: string) => {
    for (const letter of letters) {
      const target = { argv: letter === "v" ? said("412 positions sent") : said("ConnectionError: shop.example.com:443 refused", 1) };
      // One after the other: their order is the picture.
      // oxlint-disable-next-line no-await-in-loop
      await api.send("PATCH", `cron-jobs/${job.id}/`, { target });
      // oxlint-disable-next-line no-await-in-loop
      await runs(job);
    }
    await api.send("PATCH", `cron-jobs/${job.id}/`, { target: { argv: ["/usr/local/bin/stock-to-shop", "--changed-only"] } });
  };

  // Planned every two seconds while the server is down for six: with misfire "none" these slots are missed.
  const missed = await make("Cash drawer heartbeat", ["/bin/true"], { schedule: "every 2 seconds", misfire: "none", tags: ["shops"] });
  await runs(missed);
  await program.stop();
  await passes(6000);
  program = await startProgram({ data, withoutUsers: true });
  api = await Api.signIn(program.url, alice);
  const runOf = async (status: string) => (await api.send<{ results: { id: string }[] }>("GET", `cron-job-logs/?job=${missed.id}&status=${status}`)).results[0]?.id;
  const missedRun = await waitFor(() => runOf("missed"));
  await api.send("PATCH", `cron-jobs/${missed.id}/`, { schedule: "every 6 hours" });

  const long = await make("Month-end closing of the general ledger for all companies, currencies and cost centres, with the reports for the auditors", ["/usr/local/bin/closing", "--period", "last month", "--companies", "all"], {
    schedule: "0 2 1 * *", tags: ["finance", "month-end", "auditors"], description: "Closes the period, then prints the trial balance.\nAsk the ledger team before you run it by hand.",
  });
  const bank = await make("Bank statements", ["/bin/cat"], { target: { argv: ["/bin/cat"], stdin: log }, schedule: "30 6 * * 1-5", tags: ["finance", "bank"] });
  await make("Payroll export, New York", said("exported"), { schedule: "0 3 * * 1-5", timezone: "America/New_York", tags: ["payroll"] });
  const idle = await make("Exchange rates", said("31 rates"), { schedule: "5 16 * * 1-5", is_active: false, tags: ["finance"] });
  await runs(idle);
  await make("Price list for partners", said("2,114 prices"), { tags: ["sales"] });
  await make("Clean temporary uploads", said("12 files"), { schedule: "45 1 * * *", timezone: "UTC" });
  await make("Search index", said("indexed"), { schedule: "every 6 hours" });
  const broken = await make("Fax gateway", ["/opt/fax/bin/gateway", "--once"], { schedule: "every 12 hours" });
  await runs(broken);
  const dunning = await api.create({ name: "Dunning letters", task: "erp.receivables.tasks.dunning", schedule: "0 7 * * 1", timezone: "Europe/Berlin", tags: ["receivables"] } as NewJob);
  const undeliverable = await runs(dunning);
  const slow = await runs(await make("Customs declarations", ["/bin/sleep", "60"], { schedule: "20 */4 * * *", timeout: 1 }));
  const flaky = await make("Stock levels to the web shop", ["/bin/true"], { schedule: "*/15 6-21 * * *", tags: ["shop", "stock"], description: "Sends what changed since the last run." });
  await lives(flaky, "vvvvvvvvvvvvxvvvvvvvvvvvvvxxvvvvvvxx");
  const failed = (await api.newestRun(flaky))?.id ?? "";
  const coloured = await runs(bank);
  const busy = await make("Database backup", ["/bin/sh", "-c", printing], { schedule: "0 1 * * *", timezone: "UTC", overlap: "skip", tags: ["operations"] });
  const live = await api.runNow(busy);
  await api.reached(live, ["running"]);
  const waiting = await make("Reports for the sales office", ["/bin/sleep", "600"], { schedule: "10 5 * * *", overlap: "queue_one" });
  const before = await api.runNow(waiting);
  await api.reached(before, ["running"]);
  const queued = await api.runNow(waiting);
  // A program waits for what runs before it ends; nobody waits for these.
  const end = async () => {
    for (const run of [queued, before, live]) await api.send("POST", `cron-job-logs/${run}/cancel/`, {}); // oxlint-disable-line no-await-in-loop
    await program.stop();
  };
  return { program, api, end, scene: { jobs: { flaky, long, idle, busy, missed }, runs: { coloured, failed, slow, live, undeliverable, missed: missedRun } } };
}

async function waitFor<Value>(ask: () => Promise<Value | undefined>): Promise<Value> {
  for (let tries = 0; tries < 100; tries++) {
    // oxlint-disable-next-line no-await-in-loop
    const found = await ask();
    if (found !== undefined) return found;
    // oxlint-disable-next-line no-await-in-loop
    await passes(50);
  }
  throw new Error("the scene did not come to be: a missed slot");
}
