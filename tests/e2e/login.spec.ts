// Signing in.
import { expect, test } from "vitest";
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
