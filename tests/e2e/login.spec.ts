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
