// What the server says when it says no (RFC 9457), and what we say when it says nothing at all.
import type { FieldError } from "./schema";

export class Problem extends Error {
  override name = "Problem";
  // 0 when no answer came.
  readonly status: number;
  readonly code: string;
  readonly errors: FieldError[];
  readonly requestId: string | null;
  // Seconds to wait before the next try, where the server said so.
  readonly retryAfter: number | null;

  constructor(
    message: string,
    facts: { status: number; code?: string; errors?: FieldError[]; requestId?: string | null; retryAfter?: number | null },
  ) {
    super(message);
    this.status = facts.status;
    this.code = facts.code ?? "";
    this.errors = facts.errors ?? [];
    this.requestId = facts.requestId ?? null;
    this.retryAfter = facts.retryAfter ?? null;
  }
}

// The problem that an answer tells of. Its body may be problem+json, a DRF object, or no JSON at all.
export function problemOf(response: Response, body: unknown): Problem {
  const facts = {
    status: response.status,
    requestId: response.headers.get("x-request-id"),
    retryAfter: Number(response.headers.get("retry-after")) || null,
  };
  if (typeof body !== "object" || body === null) {
    return new Problem(`The server answered ${response.status} ${response.statusText}`.trim(), facts);
  }
  const told = body as { title?: string; detail?: string; code?: string; errors?: FieldError[]; request_id?: string };
  return new Problem(told.detail || told.title || `The server answered ${response.status}`, {
    ...facts,
    code: told.code,
    errors: Array.isArray(told.errors) ? told.errors : [],
    requestId: told.request_id ?? facts.requestId,
  });
}

export const asProblem = (error: unknown): Problem =>
  error instanceof Problem
    ? error
    : new Problem("The server cannot be reached. Check the connection; the page tries again.", { status: 0, code: "unreachable" });
