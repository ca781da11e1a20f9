// The part of an address after "?": plain words that people can read, type and mail. Pure.

export type Search = Record<string, string | undefined>;

export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

// Commas and colons stay readable; what is empty is left out.
export function stringifySearch(search: Record<string, unknown>): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== "") asked.set(name, String(value));
  }
  const encoded = asked.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%2F", "/");
  return encoded ? `?${encoded}` : "";
}

// The page to go to after signing in, or "/" for anything that would leave this program: only a path of our own.
export function safeNext(next: string | undefined): string {
  if (!next || !next.startsWith("/") || next.startsWith("//") || next.includes("\\")) return "/";
  return next.startsWith("/login") ? "/" : next;
}
