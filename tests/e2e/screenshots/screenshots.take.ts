// Takes a picture of every page, in both themes and three widths, into build/screenshots/NAME-THEME-WIDTH.png, and the
// dashboard's for the README. A person looks at them before a release; no test compares them.
//
// TAKE=word,word limits it to the pictures whose name contains one of the words.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, test } from "vitest";
import { Api } from "../support/api";
import { openBrowser, openPage } from "../support/browser";
import { alice, type Program, startProgram } from "../support/program";
import { emptyPictures, type Picture, pictures } from "./pictures";
import { setScene } from "./scene";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = join(root, "build/screenshots");
const themes = ["light", "dark"] as const;
const widths = { phone: { width: 390, height: 844 }, laptop: { width: 1280, height: 800 }, wide: { width: 1920, height: 1080 } };
const wanted = process.env.TAKE?.split(",") ?? [""];
const data = mkdtempSync(join(tmpdir(), "cjv-screenshots-"));

let browser: Browser;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(data, { recursive: true, force: true });
});

const everyLook = themes.flatMap((theme) => Object.entries(widths).map(([width, viewport]) => ({ theme, width, viewport })));

// All pictures in every look. The pictures of one look share a context: what one did to the network ends with its page.
async function take(program: Program, list: Picture[], cookies?: Record<string, string>): Promise<void> {
  const chosen = list.filter(({ name }) => wanted.some((word) => name.includes(word)));
  for (const { theme, width, viewport } of everyLook) {
    for (const { name, path, signedOut, before, pose, after } of chosen) {
      // One after the other: two browsers would fight for the cores.
      /* oxlint-disable no-await-in-loop */
      const { page } = await openPage(browser, program.url, {
        cookies: signedOut ? undefined : cookies,
        viewport,
        colorScheme: theme,
        hasTouch: width === "phone",
        isMobile: width === "phone",
        reducedMotion: "reduce",
        timezoneId: "Europe/Berlin",
        locale: "en-GB",
      });
      await before?.(page);
      await page.goto(path);
      await pose(page);
      await page.waitForTimeout(120); // the last answers, and the menus' way to their places
      await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`), fullPage: await unroll(page, viewport) });
      await after?.(page);
      await page.context().close();
      /* oxlint-enable no-await-in-loop */
    }
  }
}

// Whether the whole page is wanted: not behind a dialog. A grid makes only the rows in its window, and Chromium leaves
// room below a long page on a phone: there the window grows.
async function unroll(page: Page, { width, height }: { width: number; height: number }): Promise<boolean> {
  if (await page.getByRole("dialog").count()) return false;
  await page.evaluate(() => window.scrollTo(0, 0));
  if ((await page.getByRole("grid").count()) || (width < 768 && !(await page.getByRole("log").count()))) {
    const whole = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.max(height, whole) });
    await page.waitForTimeout(200);
  }
  return true;
}

describe("a company's server", () => {
  let running: Awaited<ReturnType<typeof setScene>>;
  beforeAll(async () => {
    running = await setScene(data);
  });
  afterAll(() => running?.end());

  // First, while nobody has run anything by hand.
  test("the README's picture", async () => {
    const { page } = await openPage(browser, running.program.url, {
      cookies: running.api.cookies, viewport: { width: 1280, height: 860 }, timezoneId: "Europe/Berlin", locale: "en-GB", reducedMotion: "reduce",
    });
    await page.goto("");
    await page.getByText("Stock levels to the web shop").first().waitFor();
    await page.waitForTimeout(300);
    const path = join(folder, "readme.png");
    await page.screenshot({ path });
    copyFileSync(path, join(root, "docs/images/dashboard.png"));
  });

  test("every page", () => take(running.program, pictures(running.scene), running.api.cookies), 900_000);
});

test("a new server", async () => {
  const program = await startProgram({ withoutUsers: true });
  try {
    const first = { name: "admin", password: program.firstSignIn ?? "" };
    const change: Picture = { name: "change-password", path: "", pose: (page) => page.getByRole("heading", { name: "Choose your password" }).waitFor() };
    await take(program, [change], (await Api.signIn(program.url, first)).cookies);

    const api = await Api.signIn(program.url, first);
    await api.send("POST", "auth/password/", { old_password: first.password, new_password: alice.password });
    const signedIn = await Api.signIn(program.url, { name: "admin", password: alice.password });
    await take(program, emptyPictures, signedIn.cookies);
  } finally {
    await program.stop();
  }
}, 300_000);
