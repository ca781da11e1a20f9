// Leaving for the page of signing in: a fresh one, on which nothing of this person stays in memory.
import { boot } from "./boot";
import { stringifySearch } from "./search";

const leave = (search: Record<string, string | undefined>) => `${boot.prefix}login${stringifySearch(search)}`;

export const signedOut = (): void => location.assign(leave({ signed_out: "1" }));

// Somebody has to sign in to see this. Never comes back.
export function toSignIn(next: string | undefined): Promise<never> {
  location.replace(leave({ next }));
  return new Promise(() => {});
}
