// What time it is, as the server sees it, and the one ticker that all relative times share.
import { useSyncExternalStore } from "react";
import { boot } from "../app/boot";

let offset = boot.server_time ? Date.parse(boot.server_time) - Date.now() : 0;

// Called with each instant that the server tells; a browser whose clock is wrong then still shows right distances.
export function setServerTime(iso: string): void {
  const at = Date.parse(iso);
  if (!Number.isNaN(at)) offset = at - Date.now();
}

export const serverNow = (): number => Date.now() + offset;

// Milliseconds by which this browser's clock is behind the server's (negative: ahead).
export const clockSkew = (): number => offset;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

// The server's time, rounded down to `step` milliseconds: whoever uses it renders again only when that changes.
export function useNow(step = 1000): number {
  return useSyncExternalStore(subscribe, () => Math.floor(serverNow() / step) * step);
}
