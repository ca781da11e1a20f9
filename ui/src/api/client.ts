// The one door to the server: where its API is, what every request carries, and how a refusal becomes a Problem.
import { boot } from "../app/boot";
import { problemOf } from "./problem";

const cookie = (name: string): string | undefined =>
  document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);

// Called when the session has ended, by whoever shows the sign-in.
let onSignedOut: () => void = () => {};
export const whenSignedOut = (callback: () => void): void => {
  onSignedOut = callback;
};

export type Query = Record<string, string | number | boolean | undefined>;

export interface Call {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

// The address of an API path such as "api/cron-jobs/", which never begins with a slash.
export function address(path: string, query: Query = {}): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") asked.set(name, String(value));
  }
  const text = asked.toString();
  return `${boot.prefix}${path}${text ? `?${text}` : ""}`;
}

// What a request to the server must carry besides its body.
export function requestHeaders(method: string, accept = "application/problem+json, application/json"): Headers {
  const headers = new Headers({ Accept: accept });
  if (method !== "GET" && method !== "HEAD") {
    const token = cookie("cjv_csrftoken");
    if (token) headers.set("X-CSRFToken", token);
  }
  return headers;
}

// Rejects with a Problem when the server refuses, and with the browser's TypeError when no answer came.
export async function call<T>(method: string, path: string, { query, body, headers: more, signal }: Call = {}): Promise<T> {
  const headers = requestHeaders(method);
  if (body !== undefined) headers.set("Content-Type", "application/json");
  for (const [name, value] of Object.entries(more ?? {})) headers.set(name, value);
  const response = await fetch(address(path, query), {
    method,
    headers,
    signal,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  let value: unknown;
  try {
    value = text ? JSON.parse(text) : undefined;
  } catch {
    value = undefined;
  }
  if (response.ok) return value as T;
  if (response.status === 401) onSignedOut();
  throw problemOf(response, value);
}
