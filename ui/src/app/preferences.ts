// What one person likes: zone, relative times, single keys. Kept in this browser until the server keeps them.
import { useSyncExternalStore } from "react";
import { nameOfZone } from "../time/zones";

export interface Preferences {
  // "" is the browser's own zone.
  zone: string;
  relative: boolean;
  singleKeys: boolean;
  wrap: boolean;
  navCollapsed: boolean;
}

export const browserZone = nameOfZone(Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC");

const key = "cjv-preferences";
const defaults: Preferences = { zone: "", relative: true, singleKeys: true, wrap: true, navCollapsed: false };

function load(): Preferences {
  try {
    return { ...defaults, ...JSON.parse(localStorage.getItem(key) ?? "{}") };
  } catch {
    return defaults;
  }
}

let current = load();
const listeners = new Set<() => void>();

export const preferences = (): Preferences => current;

export function setPreference<K extends keyof Preferences>(name: K, value: Preferences[K]): void {
  current = { ...current, [name]: value };
  try {
    localStorage.setItem(key, JSON.stringify(current));
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, preferences);
}
