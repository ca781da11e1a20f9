// The distribution's Chromium, and a page that remembers everything that should not have happened in it.
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type ConsoleMessage, type Page } from "playwright-core";

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: fileURLToPath(new URL("chromium", import.meta.url)),
    args: [
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export interface WatchedPage {
  page: Page;
  complaints: string[]; // console errors, exceptions, policy reports, requests to other hosts
}

export interface PageOptions extends BrowserContextOptions {
  cookies?: Record<string, string>; // somebody's session; without, nobody is signed in
}

// A fresh context: no storage. Close it with page.context().close().
export async function openPage(browser: Browser, url: string, { cookies = {}, ...options }: PageOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(10_000);
  await context.addCookies(Object.entries(cookies).map(([name, value]) => ({ name, value, url })));
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !isRightRefusal(message)) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    const to = new URL(request.url());
    if (/^https?:$/.test(to.protocol) && to.origin !== new URL(url).origin) complaints.push(`foreign: ${request.url()}`);
  });
  return { page, complaints };
}

// Chromium logs every answer from 400 on. Two of them are the right answer to a question, and no fault of the page:
// "nobody" to "who is signed in?" where one signs in, and "it cannot be read" to "what does this schedule mean?".
const rightRefusals = [["/api/auth/me/", "status of 401"], ["/api/schedules/preview/", "status of 400"]] as const;

const isRightRefusal = (message: ConsoleMessage): boolean =>
  rightRefusals.some(([path, status]) => message.location().url.endsWith(path) && message.text().includes(status));
