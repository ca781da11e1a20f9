// Workers and queues as the API tells of them, for pages alone: what real workers do is held against the API in
// tests/interop.
import type { Page } from "playwright-core";
import type { components } from "../../../ui/src/api/types"; // types alone

type Schemas = components["schemas"];

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

export const worker = (name: string, more: Partial<Schemas["Worker"]> = {}): Schemas["Worker"] => ({
  name, state: "online", pool: "prefork", concurrency: 8, active_count: 2, processed: 48_213, load: [0.72, 0.8, 0.9], clock_offset: 0.012,
  software: "py-celery 5.5.3", last_heartbeat: ago(1), task_events: true, queues: ["celery", "finance"], ...more,
});

const held = (id: string, task: string, more: Partial<Schemas["HeldTask"]> = {}): Schemas["HeldTask"] => ({
  id, task, args: "('2026-11',)", kwargs: "{'company': 42}", started_at: ago(73), eta: null, queue: "finance", priority: 0, pid: 812, ...more,
});

export const workers = [
  worker("w1@app-1.example.com"),
  worker("w2@app-2.example.com", { state: "late", last_heartbeat: ago(9), active_count: 8, clock_offset: -3.4 }),
  worker("old@app-3.example.com", { state: "offline", last_heartbeat: ago(4000), active_count: null, load: null, clock_offset: null, queues: [] }),
];

export const detail: Schemas["WorkerDetail"] = {
  ...worker("w1@app-1.example.com"),
  registered: ["erp.ledger.tasks.close_day", "erp.receivables.tasks.dunning", "erp.stock.tasks.sync"],
  active: [held("5f1c0a52-0d7e-4a5f-9a63-2f0c1f6d1c11", "erp.ledger.tasks.close_day"), held("9a63c1f6-5f1c-4d7e-8a52-0a520d7e4a5f", "erp.stock.tasks.sync", { args: "()", kwargs: "{}", queue: "celery" })],
  reserved: [], scheduled: [held("0d7e4a5f-2f0c-4f6d-9c11-5f1c0a52a520", "erp.receivables.tasks.dunning", { started_at: null, eta: new Date(Date.now() + 600_000).toISOString() })],
  stats: { total: { "erp.ledger.tasks.close_day": 212 }, rusage: { maxrss: 81_204 } },
};

export const queues: Schemas["Queue"][] = [
  { name: "celery", depth: 14, unacked: 2, consumers: 2, oldest_at: ago(4) },
  { name: "finance", depth: 0, unacked: 1, consumers: 1, oldest_at: null },
  { name: "night", depth: 1204, unacked: null, consumers: 0, oldest_at: ago(7300) },
];

export const messages: Schemas["QueuedMessage"][] = [
  { task: "erp.ledger.tasks.close_day", id: "1f6d1c11-5f1c-4a52-8d7e-4a5f9a632f0c", args: "('2026-11',)", kwargs: "{'company': 7}", eta: null, expires: null, priority: 6, retries: 0, unread: null },
  { task: "erp.stock.tasks.sync", id: "4a5f9a63-2f0c-4f6d-9c11-5f1c0a520d7e", args: "()", kwargs: "{}", eta: null, expires: new Date(Date.now() + 3600_000).toISOString(), priority: 0, retries: 2, unread: null },
  { task: null, id: null, args: null, kwargs: null, eta: null, expires: null, priority: 0, retries: 0, unread: "the body is pickle" },
];

// What a superuser told the workers: method and path of each, in order.
export async function setFleet(page: Page): Promise<string[]> {
  const told: string[] = [];
  const listed = <Row>(results: Row[]) => ({ count: results.length, next: null, previous: null, results });
  const answers: [RegExp, unknown][] = [
    [/\/api\/workers\/$/, listed(workers)],
    [/\/api\/workers\/w1@app-1.example.com\/$/, detail],
    [/\/api\/queues\/$/, listed(queues)],
    [/\/api\/queues\/[^/]+\/messages\/$/, { results: messages }],
  ];
  await page.route(/\/api\/(workers|queues|tasks)\//, async (route) => {
    const request = route.request();
    const url = new URL(request.url());
    const path = decodeURIComponent(url.pathname);
    if (request.method() === "POST") {
      told.push(`${path.replace(/^.*\/api\//, "")} ${request.postData() ?? ""}`.trim());
      return route.fulfill({ json: { replies: { "w1@app-1.example.com": { ok: "pong" } }, silent: ["w2@app-2.example.com"] } });
    }
    if (path.endsWith("/api/tasks/")) {
      const search = url.searchParams.get("search") ?? "";
      const names = detail.registered.filter((name) => name.includes(search));
      return route.fulfill({ json: listed(names.map((name) => ({ name, workers: ["w1@app-1.example.com", "w2@app-2.example.com"], seen_at: ago(5) }))) });
    }
    const found = answers.find(([pattern]) => pattern.test(path));
    return found ? route.fulfill({ json: found[1] }) : route.fulfill({ status: 404, json: { title: "Not Found", status: 404 } });
  });
  await page.route(/\/api\/health\/$/, async (route) => {
    const answer = await route.fetch();
    const health = (await answer.json()) as Schemas["Health"];
    for (const name of Object.keys(health.components)) health.components[name as keyof typeof health.components] = { ...health.components[name as keyof typeof health.components], status: "healthy" } as never;
    await route.fulfill({ json: health });
  });
  return told;
}
