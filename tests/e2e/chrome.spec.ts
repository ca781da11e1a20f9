// What holds on every page: addresses, policy, themes, accessibility, and that text stays text.
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { Job } from "./support/api";
import { command } from "./support/api";
import { findings } from "./support/axe";
import { openPage } from "./support/browser";
import { dialogs } from "./support/dialogs";
import { type Place, setPlaces } from "./support/places";
import { second, Stage } from "./support/stage";

const prefix = "/erp/x/";
const stage = new Stage({ prefix });
let job: Job;
let places: Place[];

beforeAll(async () => {
  ({ job, places } = await setPlaces(stage.api));
});

const themes = ["light", "dark"] as const;

test("G1: below a prefix every address begins with it, and a deep link survives a reload", async () => {
  const { page } = await stage.open("");
  const asked = new Set<string>();
  page.on("request", (request) => asked.add(new URL(request.url()).pathname));
  for (const { path, ready } of places) {
    await page.goto(path);
    await ready(page);
  }
  await page.getByRole("button", { name: /^Live/ }).waitFor();
  expect([...asked].filter((path) => !path.startsWith(prefix))).toEqual([]);
  for (const kind of [/\/assets\/.*\.js$/, /\/assets\/.*\.css$/, /\/api\/cron-jobs\/$/, /\/api\/events\/$/]) {
    expect([...asked].some((path) => kind.test(path)), `${kind} was asked for`).toBe(true);
  }

  await page.goto(`jobs/${job.id}/runs`);
  const shown = async () => {
    await page.getByRole("heading", { level: 1, name: job.name }).waitFor();
    await page.getByRole("tab", { name: "Runs", selected: true }).waitFor();
    await page.getByRole("row", { name: /Success/ }).waitFor();
    return page.url();
  };
  const before = await shown();
  await page.reload();
  expect(await shown()).toBe(before);
});

describe.each(themes)("in the %s theme", (colorScheme) => {
  test("G2, G3: no page asks another host, breaks the policy or logs an error", async () => {
    const { page, complaints } = await stage.open("", { colorScheme });
    for (const { path, ready } of places) {
      await page.goto(path);
      await ready(page);
    }
    // A schedule that cannot be read is no error of the page either.
    await page.goto("jobs/new");
    await page.getByRole("textbox", { name: "Expression" }).fill("0 25 * * *");
    await page.getByRole("status").getByText("out of range").waitFor();
    expect(complaints).toEqual([]);

    const login = await openPage(stage.browser, stage.program.url, { colorScheme });
    await login.page.goto("login");
    await login.page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(login.complaints).toEqual([]);
  });

  test("G11: the first frame has the system's theme", async () => {
    const { page } = await openPage(stage.browser, stage.program.url, { colorScheme });
    // Held back until the end: what is painted now is painted by the first answer alone.
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route(/\/assets\/(?!first-paint).*\.js$/, async (route) => {
      await held;
      await route.continue();
    });
    await page.goto("login", { waitUntil: "commit" });
    await page.getByText("Cron Job Viewer").first().waitFor();
    const [red, green, blue] = await colorAt(page, 640, 700);
    const lightness = (red + green + blue) / 3;
    if (colorScheme === "dark") expect(lightness).toBeLessThan(60);
    else expect(lightness).toBeGreaterThan(200);
    release();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(await theme(page)).toBe(colorScheme);
  });

  test("G12: axe finds nothing serious on any page, nor in any dialog", async () => {
    const { page } = await stage.open("", { colorScheme, reducedMotion: "reduce" });
    const found: Record<string, string[]> = {};
    const look = async (where: string) => (found[where] = await findings(page));
    for (const { name, path, ready } of places) {
      await page.goto(path);
      await ready(page);
      await look(name);
    }
    const puppet = await stage.puppet(`at work, ${colorScheme}`, { overlap: "skip" });
    const run = await stage.api.runNow(puppet.job);
    await stage.api.reached(run, ["running"]);
    // On the same page: a new one takes as long as three of them.
    for (const { name, path, open } of dialogs({ job, busy: puppet.job, run })) {
      await page.goto(path);
      await page.getByRole("main").getByText(/\w/).first().waitFor(); // keys are heard from here on
      await open(page);
      await look(name);
    }
    await puppet.ends();
    const phone = await stage.open("", { colorScheme, reducedMotion: "reduce", viewport: { width: 390, height: 844 } });
    await phone.page.getByRole("button", { name: "Menu", exact: true }).click();
    await phone.page.getByRole("dialog").getByRole("link", { name: /^Runs/ }).waitFor();
    found["menu on a phone"] = await findings(phone.page);
    const login = await openPage(stage.browser, stage.program.url, { colorScheme, reducedMotion: "reduce" });
    await login.page.goto("login");
    await login.page.getByRole("button", { name: "Sign in" }).waitFor();
    found.login = await findings(login.page);
    expect(Object.fromEntries(Object.entries(found).filter(([, lines]) => lines.length > 0))).toEqual({});
  }, 90_000);
});

test("G11: the dot key goes through the themes, and the choice stays", async () => {
  const { page } = await stage.open("jobs", { colorScheme: "dark" });
  await page.getByRole("row", { name: /nightly report/ }).waitFor();
  expect(await theme(page)).toBe("dark"); // as the system
  const seen = [];
  for (let presses = 0; presses < 3; presses++) {
    await page.keyboard.press(".");
    seen.push(await theme(page));
  }
  expect(new Set(seen)).toEqual(new Set(["light", "dark"]));
  await page.keyboard.press(".");
  await expect.poll(() => theme(page)).toBe("light");
  await page.reload();
  await page.getByRole("row", { name: /nightly report/ }).waitFor();
  expect(await theme(page)).toBe("light");
});

test("G23: markup in a name, task, argument, output, error or tag is shown as text", async () => {
  const evil = '<img src=x onerror="document.title=1;window.stolen=1">';
  const prints = await stage.api.create(command(`prints ${evil}`, ["/bin/echo", evil], { tags: [evil], description: evil, schedule: "15 2 * * *" }));
  const fails = await stage.api.create(command(`fails ${evil}`, [`/nowhere/${evil}`], { tags: [evil] }));
  const printed = await stage.api.runNow(prints);
  const failed = await stage.api.runNow(fails);
  await Promise.all([stage.api.ended(printed), stage.api.ended(failed)]);

  const { page } = await stage.open("");
  const shows = (text: string) => page.getByText(text).first().waitFor();
  const sees: [string, () => Promise<unknown>][] = [
    ["", () => shows(prints.name)],
    ["jobs", () => page.getByRole("row", { name: prints.name }).waitFor()],
    ["runs", () => page.getByRole("row", { name: fails.name }).waitFor()],
    [`jobs/${prints.id}`, () => page.getByRole("heading", { level: 1, name: prints.name }).waitFor()],
    [`jobs/${prints.id}`, () => page.getByRole("link", { name: `#${evil}` }).waitFor()],
    [`jobs/${prints.id}/config`, () => shows(evil)],
    [`jobs/${prints.id}/edit`, () => expect.poll(() => page.getByRole("textbox", { name: "Command", exact: true }).inputValue()).toContain("<img")],
    [`runs/${printed}`, () => page.getByRole("log").getByText(evil).waitFor()],
    [`jobs/${fails.id}`, () => shows(`/nowhere/${evil}`)],
    [`runs/${failed}`, () => shows(`/nowhere/${evil}`)],
  ];
  for (const [path, seen] of sees) {
    await page.goto(path);
    await seen();
    expect(await page.locator("img[src=x]").count(), path).toBe(0);
    expect(await page.evaluate(() => "stolen" in window), path).toBe(false);
  }
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog", { name: "Search or jump to" }).waitFor();
  await page.keyboard.type("prints");
  await page.getByRole("option", { name: prints.name }).waitFor();
  expect(await page.locator("img[src=x]").count()).toBe(0);
  await page.goto(`jobs/${prints.id}`);
  await page.getByRole("button", { name: "Run now" }).click();
  await page.getByRole("alert").getByText(prints.name, { exact: true }).waitFor({ timeout: second });
  expect(await page.locator("img[src=x]").count()).toBe(0);
});

const theme = (page: Page) => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);

// The colour that is on the screen, from a picture of it: what a person sees, whatever the styles say.
async function colorAt(page: Page, x: number, y: number): Promise<[number, number, number]> {
  const png = (await page.screenshot({ clip: { x, y, width: 1, height: 1 } })).toString("base64");
  const reader = await page.context().newPage();
  try {
    return await reader.evaluate(async (data) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
      const context = canvas.getContext("2d");
      context?.drawImage(image, 0, 0);
      const [red = 0, green = 0, blue = 0] = context?.getImageData(0, 0, 1, 1).data ?? [];
      return [red, green, blue] as [number, number, number];
    }, png);
  } finally {
    await reader.close();
  }
}
