// The one door to the server: where its API is, what every request carries, and how a refusal becomes a Problem.
import createClient from "openapi-fetch";
import { boot } from "../app/boot";
import { cookie } from "../app/cookie";
import { writeExact } from "./exact";
import { problemOf } from "./problem";
import type { paths } from "./types";

// Called when the session has ended, by whoever shows the sign-in.
let onSignedOut: () => void = () => {};
export const whenSignedOut = (callback: () => void): void => {
  onSignedOut = callback;
};

const base = boot.prefix.replace(/\/$/, "");

// The address of an API path such as "/api/events/", for what is no plain question: streams and downloads.
export function address(path: string, query: Record<string, string | number> = {}): string {
  const asked = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return `${base}${path}${asked.size ? `?${asked}` : ""}`;
}

export const api = createClient<paths>({
  baseUrl: base,
  headers: { Accept: "application/problem+json, application/json" },
  bodySerializer: (body) => writeExact(body),
  // Several values of one filter are one parameter, with commas.
  querySerializer: { array: { style: "form", explode: false } },
});

api.use({
  onRequest({ request }) {
    const token = request.method === "GET" ? undefined : cookie("cjv_csrftoken");
    if (token) request.headers.set("X-CSRFToken", token);
    return request;
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok) return undefined;
    if (response.status === 401 && schemaPath !== "/api/auth/login/") onSignedOut();
    const body: unknown = await response.json().catch(() => undefined);
    throw problemOf(response, body);
  },
});

// The answer itself: a refusal has become a Problem before it comes here.
export const value = <T>({ data }: { data?: T }): T => data as T;
