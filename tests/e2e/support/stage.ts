// What a spec stands on: one program and one browser for the whole file, and pages that are closed after each check.
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { Api, type NewJob } from "./api";
import { openBrowser, openPage, type PageOptions, type WatchedPage } from "./browser";
import { alice, type Program, type ProgramOptions, startProgram } from "./program";
import { Puppet } from "./puppet";

// What "at once" means on a page: a change elsewhere shows within it.
export const second = 1000;

export class Stage {
  program!: Program;
  browser!: Browser;
  api!: Api;
  private readonly puppets: Puppet[] = [];

  // `given`, where the program needs something that has to be started first.
  constructor(given: ProgramOptions | (() => Promise<ProgramOptions>) = {}) {
    beforeAll(async () => {
      const options = typeof given === "function" ? await given() : given;
      [this.program, this.browser] = await Promise.all([startProgram(options), openBrowser()]);
      if (!options.withoutUsers) this.api = await Api.signIn(this.program.url, alice);
    });
    afterEach(() => this.clear());
    afterAll(async () => {
      await this.browser?.close();
      await this.program?.stop();
    });
  }

  // A page of alice's, at `path` below the prefix.
  async open(path: string, options: PageOptions = {}): Promise<WatchedPage> {
    const opened = await openPage(this.browser, this.program.url, { cookies: this.api?.cookies, ...options });
    await opened.page.goto(path);
    return opened;
  }

  async puppet(name: string, more: Partial<NewJob> = {}): Promise<Puppet> {
    const made = await Puppet.make(this.api, name, more);
    this.puppets.push(made);
    return made;
  }

  private async clear(): Promise<void> {
    await Promise.all(this.browser.contexts().map((context) => context.close()));
    await Promise.all(this.puppets.splice(0).map((puppet) => puppet.drop()));
  }
}
