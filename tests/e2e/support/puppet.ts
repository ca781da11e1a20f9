// A job that prints what a spec tells it to, when it tells it to, and ends when it is told to.
import { execFileSync } from "node:child_process";
import { constants, mkdtempSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Api, Job, NewJob } from "./api";
import { command } from "./api";

export class Puppet {
  private strings: FileHandle | undefined;

  private constructor(
    readonly job: Job,
    private readonly folder: string,
    private readonly pipe: string,
  ) {}

  static async make(api: Api, name: string, more: Partial<NewJob> = {}): Promise<Puppet> {
    const folder = mkdtempSync(join(tmpdir(), "cjv-puppet-"));
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    return new Puppet(await api.create(command(name, ["/bin/cat", pipe], more)), folder, pipe);
  }

  // Exactly these bytes, in one write. Waits until a run is there that reads them.
  async prints(bytes: string): Promise<void> {
    this.strings ??= await open(this.pipe, "w");
    await this.strings.write(bytes);
  }

  // The run ends with success.
  async ends(): Promise<void> {
    this.strings ??= await open(this.pipe, "w");
    await this.strings.close();
    this.strings = undefined;
  }

  // For the end of a spec, whatever became of it. Whoever waits for the other end of the pipe, a run to read or we to
  // write, waits no longer: this opening is both, and its closing is the end.
  async drop(): Promise<void> {
    await this.strings?.close();
    await (await open(this.pipe, constants.O_RDWR | constants.O_NONBLOCK)).close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
