// The keyboard alone.
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { command } from "./support/api";
import { type Place, setPlaces } from "./support/places";
import { Stage } from "./support/stage";

const stage = new Stage();

test("G13: a job is made, run, read, deactivated and deleted without a mouse; focus is seen, dialogs keep and return it", async () => {
  const { page } = await stage.open("jobs");
  const { keyboard } = page;
  await page.getByRole("grid").waitFor();

  await keyboard.press("n");
  await page.getByRole("heading", { level: 1, name: "New job" }).waitFor();
  await expect.poll(() => hasFocus(page.getByRole("textbox", { name: "Name", exact: true }))).toBe(true);
  await keyboard.type("by keyboard");
  await tabTo(page, page.getByRole("textbox", { name: "Command", exact: true }));
  await keyboard.type("/bin/echo 'no mouse was here'");
  await tabTo(page, page.getByRole("textbox", { name: "Expression" }));
  await keyboard.type("15 2 * * *");
  await keyboard.press("Enter");

  const heading = page.getByRole("heading", { level: 1, name: "by keyboard" });
  await heading.waitFor();
  await keyboard.press("r");
  await page.getByRole("alert").getByText(/Success in/).waitFor();

  await tabTo(page, page.getByRole("tab", { name: "Overview" }));
  await keyboard.press("ArrowRight");
  const run = page.getByRole("row", { name: /Success/ });
  await run.waitFor();
  await keyboard.press("j");
  await expect.poll(() => hasFocus(run)).toBe(true);
  expect(await focusIsSeen(page)).toBe(true);
  await keyboard.press("Enter");
  await page.getByRole("log").getByText("no mouse was here").waitFor();

  await keyboard.press("g");
  await keyboard.press("j");
  await page.getByRole("heading", { level: 1, name: "Jobs" }).waitFor();
  await page.getByRole("row", { name: /by keyboard/ }).waitFor();
  await keyboard.press("/");
  await keyboard.type("by keyboard");
  await expect.poll(() => page.getByRole("row").count()).toBe(2); // the headers' and the job's
  const row = page.getByRole("row", { name: /by keyboard/ });
  await keyboard.press("Escape");
  await keyboard.press("Escape");
  await page.getByRole("row", { name: /Health check/ }).waitFor();
  await moveTo(page, row);
  await keyboard.press("p");
  await row.getByText("Inactive").waitFor();

  const more = row.getByRole("button", { name: "More for by keyboard" });
  await tabTo(page, more);
  const openDialog = async () => {
    await keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    await expect.poll(async () => {
      await keyboard.press("ArrowDown");
      return hasFocus(page.getByRole("menuitem", { name: /^Delete/ }));
    }).toBe(true);
    await keyboard.press("Enter");
    await page.getByRole("dialog", { name: /^Delete/ }).waitFor();
  };
  await openDialog();
  const dialog = page.getByRole("dialog", { name: /^Delete/ });
  for (let presses = 0; presses < 8; presses++) {
    await keyboard.press("Tab");
    expect(await dialog.evaluate((box) => box.contains(document.activeElement)), `after ${presses + 1} tabs`).toBe(true);
  }
  await keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await expect.poll(() => hasFocus(more)).toBe(true);

  await openDialog();
  await tabTo(page, dialog.getByRole("button", { name: "Delete job" }));
  await keyboard.press("Enter");
  await row.waitFor({ state: "detached" });
}, 60_000);

test("G13: on every page each stop of the Tab key is seen, and none is a trap", async () => {
  const { places } = await setPlaces(stage.api);
  const walk = async (page: Page, { name, path, ready }: Place) => {
    await page.goto(path);
    await ready(page);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    const stops: string[] = [];
    for (let presses = 0; presses < 80; presses++) {
      await page.keyboard.press("Tab");
      const stop = await nameOfFocus(page);
      if (stop === "") break; // out of the page, and round again
      // A field for date and time has a stop for each of its parts; a look at the focus would lead back to the first.
      const isNextPart = stop === stops.at(-1) && (await page.evaluate(() => document.activeElement?.matches("input[type=datetime-local]")));
      if (!isNextPart) expect(await focusIsSeen(page), `${name}: ${stop}`).toBe(true);
      stops.push(stop);
    }
    expect(stops.length, `${name}: ${stops.join(" → ")}`).toBeGreaterThan(5);
    expect(stops.length, `${name}: ${stops.join(" → ")}`).toBeLessThan(80);
  };
  // Most of it is waiting for frames.
  const left = [...places];
  await Promise.all(Array.from({ length: 3 }, async () => {
    const { page } = await stage.open("", { reducedMotion: "reduce" });
    for (let place = left.shift(); place; place = left.shift()) await walk(page, place);
  }));
}, 120_000);

test("G14: the skip link moves the focus to the page, and the address stays", async () => {
  await stage.api.create(command("somewhere to go", ["/bin/true"]));
  const { page } = await stage.open("jobs?sort=name");
  await page.getByRole("row", { name: /somewhere/ }).waitFor();
  const before = page.url();
  await page.keyboard.press("Tab");
  expect(await hasFocus(page.getByRole("button", { name: "Skip to content" }))).toBe(true);
  await page.keyboard.press("Enter");
  expect(await hasFocus(page.getByRole("main"))).toBe(true);
  expect(page.url()).toBe(before);
});

test("E15: the form says by keyboard what is wrong, and Alt with an arrow moves between the boxes", async () => {
  const { page } = await stage.open("jobs/new");
  await page.getByRole("heading", { level: 1, name: "New job" }).waitFor();
  await tabTo(page, page.getByRole("textbox", { name: "Expression" }));
  await page.keyboard.type("0 9 * * 1");
  await tabTo(page, page.getByRole("textbox", { name: "Cron field: minute" }));
  await page.keyboard.press("Alt+ArrowRight");
  expect(await hasFocus(page.getByRole("textbox", { name: "Cron field: hour" }))).toBe(true);
  await page.keyboard.type("25");
  await page.getByRole("status").getByText("out of range").waitFor();
  await page.keyboard.press("Control+s");
  await page.getByRole("alert").getByText("things to put right").waitFor();
  await expect.poll(() => hasFocus(page.getByRole("textbox", { name: "Name", exact: true }))).toBe(true);
});

const hasFocus = (locator: Locator): Promise<boolean> => locator.evaluate((element) => element === document.activeElement);

// Presses Tab until it is there. Each stop on the way must be seen.
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    if (await hasFocus(target)) {
      expect(await focusIsSeen(page), await nameOfFocus(page)).toBe(true);
      return;
    }
  }
  throw new Error(`the Tab key does not lead to ${target}`);
}

// Presses j until the row has the focus.
async function moveTo(page: Page, row: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("j");
    await page.evaluate(() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))); // it has the focus by then
    if (await hasFocus(row)) return;
  }
  throw new Error("j does not lead to the row");
}

const nameOfFocus = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return "";
    return `${element.tagName.toLowerCase()} ${element.getAttribute("aria-label") ?? element.id ?? ""} ${element.textContent?.slice(0, 30) ?? ""}`.trim();
  });

// Whether one can see where the focus is: the screen around it differs with the focus and without. No style is asked:
// a ring may be an outline, a border, or belong to the label of a hidden box.
async function focusIsSeen(page: Page): Promise<boolean> {
  const clip = await page.evaluate(() => {
    const element = document.activeElement;
    if (!element) return null;
    // A box that is hidden shows its focus on what stands for it.
    const small = element.getBoundingClientRect().width < 8;
    const { x, y, width, height } = (small ? (element.closest("label, [role=radiogroup], .mantine-Switch-root") ?? element) : element).getBoundingClientRect();
    const left = Math.max(0, x - 8);
    const top = Math.max(0, y - 8);
    return { x: left, y: top, width: Math.min(innerWidth - left, width + 16), height: Math.min(innerHeight - top, height + 16) };
  });
  if (!clip || clip.width <= 0 || clip.height <= 0) return false;
  const focused = await page.evaluateHandle(() => document.activeElement as HTMLElement);
  const with_ = await page.screenshot({ clip });
  await focused.evaluate((element) => element.blur());
  const without = await page.screenshot({ clip });
  await focused.evaluate((element) => element.focus({ preventScroll: true }));
  return !with_.equals(without);
}
