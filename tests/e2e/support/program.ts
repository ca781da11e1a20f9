// The program under test: its own data folder, a free port, a prefix nobody has written down elsewhere.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const binary =
  process.env.CJV_BINARY ?? fileURLToPath(new URL("../../../build/release/cron-job-viewer", import.meta.url));

export const alice = { name: "alice", password: "correct horse battery" };

export interface Program {
  url: string; // with the prefix and a slash behind it
  firstSignIn?: string; // the one-time password, on a first start without users
  stop(): Promise<void>; // ends it; fails when it did not end well
}

export interface ProgramOptions {
  withoutUsers?: boolean; // the first start prints a one-time password; otherwise alice is there, a superuser
  prefix?: string;
  data?: string; // a folder of the caller's, which stays; otherwise one of our own, removed at the end
  flags?: string[];
}

export async function startProgram(options: ProgramOptions = {}): Promise<Program> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), "cjv-e2e-"));
  const removeData = () => {
    if (!options.data) rmSync(data, { recursive: true, force: true });
  };
  if (!options.withoutUsers) {
    execFileSync(binary, ["user", "add", alice.name, "--superuser", "--password-stdin", "--data-dir", data], {
      input: `${alice.password}\n`,
      stdio: ["pipe", "ignore", "inherit"],
    });
  }
  const prefix = options.prefix ?? `/${randomBytes(3).toString("hex")}/jobs/`;
  const flags = ["serve", "--data-dir", data, "--listen", "127.0.0.1:0", "--prefix", prefix, ...(options.flags ?? [])];
  // Ended by the kernel when this process dies.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", binary, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stderr.on("data", (chunk) => (log += chunk));

  let firstSignIn: string | undefined;
  let url: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    firstSignIn ??= /^first sign-in: \S+ (\S+)/.exec(line)?.[1];
    url = /^ready (\S+)$/.exec(line)?.[1];
    if (url) break;
  }
  if (!url) {
    await ended(child);
    removeData();
    throw new Error(`the program did not get ready:\n${log}`);
  }
  child.stdout.resume();

  return {
    url,
    firstSignIn,
    async stop() {
      child.kill("SIGTERM");
      const status = await ended(child);
      removeData();
      if (status !== 0) throw new Error(`the program ended with ${status}:\n${log}`);
    },
  };
}

function ended(child: ChildProcess): Promise<number | string | null> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve(child.exitCode ?? child.signalCode);
  }
  return new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
}
