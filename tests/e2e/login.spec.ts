// Signing in.
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { findings } from "./support/axe";
import { Stage } from "./support/stage";

const stage = new Stage({ withoutUsers: true });

test("L1, L2, L6: the first sign-in refuses a wrong password, asks for a new one, and leads where one wanted to go", async () => {
  const { page } = await stage.open("jobs?sort=name");
  const name = page.getByRole("textbox", { name: "User name" });
  const password = page.getByLabel("Password", { exact: true });
  await name.fill("admin");
  await password.fill("a guess");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText(/\w/).waitFor();
  expect(await name.inputValue()).toBe("admin");
  expect(await password.evaluate((field) => field === document.activeElement)).toBe(true);

  await password.fill(stage.program.firstSignIn ?? "");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Choose your password" }).waitFor();

  // Until it is changed there is no way past it.
  await page.goto("jobs?sort=name");
  await page.getByRole("heading", { level: 1, name: "Choose your password" }).waitFor();

  await page.getByLabel("One-time password").fill(stage.program.firstSignIn ?? "");
  await page.getByLabel("New password", { exact: true }).fill("correct horse battery");
  await page.getByLabel("New password, once more").fill("correct horse battery");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Jobs" }).waitFor();
  expect(page.url()).toBe(`${stage.program.url}jobs?sort=name`);
});

// What the scripts that the page has loaded weigh, compressed by gzip.
async function weighScripts(page: Page): Promise<number> {
  const names = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => name.endsWith(".js")));
  expect(names.length).toBeGreaterThan(1);
  const sizes = await Promise.all(names.map(async (name) => gzipSync(await (await fetch(name)).text(), { level: 9 }).length));
  return sizes.reduce((sum, size) => sum + size, 0);
}

test("L5: signing in has an entry of its own, of at most 15 kB of script, wherever one wanted to go; the rest comes afterwards", async () => {
  for (const path of ["login", "jobs?sort=name"]) {
    const { page, complaints } = await stage.open(path);
    const name = page.getByRole("textbox", { name: "User name" });
    await name.waitFor();
    await expect.poll(() => name.evaluate((field) => field === document.activeElement)).toBe(true);
    await page.waitForLoadState("networkidle");
    expect(await weighScripts(page), path).toBeLessThan(15_000);
    expect(await findings(page)).toEqual([]);

    await name.fill("admin");
    await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
    await page.getByRole("button", { name: "Show the password" }).click();
    expect(await page.getByLabel("Password", { exact: true }).getAttribute("type")).toBe("text");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("navigation", { name: "Pages" }).waitFor();
    expect(page.url()).toBe(`${stage.program.url}${path === "login" ? "" : path}`);
    expect(await weighScripts(page)).toBeGreaterThan(100_000);
    expect(complaints).toEqual([]);

    // Who is signed in has no business there.
    await page.goto("login?next=%2Fruns");
    await page.getByRole("heading", { level: 1, name: "Runs" }).waitFor();
    expect(page.url()).toBe(`${stage.program.url}runs`);
  }
});

test("L5: whose session has ended elsewhere signs in on the light page, too, and goes on where they were", async () => {
  const { page } = await stage.open("login");
  const signIn = async () => {
    await page.getByRole("textbox", { name: "User name" }).fill("admin");
    await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
    await page.keyboard.press("Enter");
    await page.getByRole("navigation", { name: "Pages" }).waitFor();
  };
  await signIn();
  const kept = (await page.context().cookies()).filter(({ name }) => name !== "cjv_session");
  await page.context().clearCookies();
  await page.context().addCookies(kept); // as after twelve idle hours: the token is left, the session is not
  await page.goto("jobs?sort=name");
  await page.getByRole("textbox", { name: "User name" }).waitFor();
  expect(page.url()).toContain("login?next=");
  expect(await weighScripts(page)).toBeLessThan(15_000);
  await signIn();
  expect(page.url()).toBe(`${stage.program.url}jobs?sort=name`);

  await page.getByRole("button", { name: /^User menu/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByText("You are signed out.").waitFor();
});

test("L3: an address elsewhere is no place to go to after signing in", async () => {
  for (const next of ["https://evil.example/", "//evil.example/", "/\\evil.example"]) {
    const { page } = await stage.open(`login?next=${encodeURIComponent(next)}`);
    await page.getByRole("textbox", { name: "User name" }).fill("admin");
    await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("navigation", { name: "Pages" }).waitFor();
    expect(page.url()).toBe(stage.program.url);
  }
});

test("L4: after too many wrong passwords the form counts down, and cannot be sent until then", async () => {
  const { page } = await stage.open("login");
  const button = page.getByRole("button", { name: "Sign in" });
  await page.getByRole("textbox", { name: "User name" }).fill("admin");
  const told = page.getByRole("alert").getByText(/Too many tries. You can try again in \d+ seconds?\./);
  for (let tries = 0; tries < 12 && !(await told.isVisible()); tries++) {
    await page.getByLabel("Password", { exact: true }).fill(`guess ${tries}`);
    await Promise.all([page.waitForResponse((answer) => answer.url().endsWith("/api/auth/login/")), button.click()]);
    await expect.poll(async () => (await told.isVisible()) || (await button.isEnabled())).toBe(true);
  }
  // Nothing once the time is over.
  const seconds = async () => Number(/(\d+) second/.exec(await told.innerText({ timeout: 200 }).catch(() => ""))?.[1] ?? 0);
  const first = await seconds();
  expect(first).toBeGreaterThan(0);
  expect(await button.isDisabled()).toBe(true);
  await expect.poll(seconds).toBeLessThan(first);
  await expect.poll(seconds, { timeout: 60_000 }).toBe(0);
  expect(await button.isEnabled()).toBe(true);
}, 90_000);
