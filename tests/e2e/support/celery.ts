// A real Redis and real workers of Celery, with the tasks of tests/harness/fleet/tasks.py.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const python = join(process.env.CJV_TOOLCHAIN ?? join(root, ".toolchain"), "celery-5.7/bin/python");
const tasks = join(root, "tests/harness/fleet");

export interface WorkerOptions {
  queues?: string[];
  concurrency?: number;
  configuration?: Record<string, unknown>; // Celery's settings
}

export class Celery {
  private readonly folder = mkdtempSync(join(tmpdir(), "cjv-celery-"));
  private readonly started: ChildProcess[] = [];

  private constructor(readonly url: string) {}

  static async start(): Promise<Celery> {
    const port = await freePort();
    const celery = new Celery(`redis://127.0.0.1:${port}/0`);
    celery.spawn("redis", ["redis-server", "--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", celery.folder]);
    await vi.waitFor(() => opened(port), { timeout: 10_000, interval: 20 });
    return celery;
  }

  // A prefork worker without -E, once it is ready: `name@localhost`. What is started at once waits at once.
  async worker(name: string, { queues = ["celery"], concurrency = 2, configuration = {} }: WorkerOptions = {}): Promise<ChildProcess> {
    const node = `${name}@localhost`;
    const child = this.spawn(
      name,
      [python, join(tasks, "start.py"), "-A", "tasks", "worker", "--loglevel", "INFO", "--hostname", node, "--concurrency", String(concurrency), "--queues", queues.join(",")],
      { PYTHONPATH: tasks, PYTHONDONTWRITEBYTECODE: "1", C_FORCE_ROOT: "1", FLEET_BROKER: this.url, FLEET_BACKEND: this.url, FLEET_CONFIGURATION: JSON.stringify(configuration) },
    );
    await vi.waitFor(
      () => {
        const said = this.log(name);
        if (child.exitCode !== null) throw new Error(`${node} ended:\n${said}`);
        if (!/ ready\./.test(said)) throw new Error(`${node} is not ready:\n${said}`);
      },
      { timeout: 25_000, interval: 50 },
    );
    return child;
  }

  log = (name: string) => readFileSync(join(this.folder, `${name}.log`), "utf8");

  stop(): void {
    for (const child of this.started.reverse()) {
      // A worker and its children are one group.
      if (child.pid && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGKILL");
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  // Ended by the kernel when this process dies.
  private spawn(name: string, command: string[], env: Record<string, string> = {}): ChildProcess {
    const log = openSync(join(this.folder, `${name}.log`), "a");
    const child = spawn("setpriv", ["--pdeathsig", "KILL", ...command], {
      cwd: this.folder, detached: true, stdio: ["ignore", log, log], env: { PATH: process.env.PATH, HOME: this.folder, LANG: "C.UTF-8", ...env },
    });
    closeSync(log);
    this.started.push(child);
    return child;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

function opened(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", reject);
  });
}
