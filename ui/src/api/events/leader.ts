// Which tab of this browser holds the event stream. A browser opens six connections to one HTTP/1.1 server; with
// a stream in each tab the seventh tab would hang. So one tab leads, and tells the others.

export interface Election {
  // Gives up the lead, or the wish for it.
  stop: () => void;
}

// Calls `lead` once this tab leads; it stays leader until it is closed or stopped. Needs a secure context.
export function electByLock(name: string, lead: () => void): Election {
  const waiting = new AbortController();
  let release: (() => void) | undefined;
  navigator.locks
    .request(name, { signal: waiting.signal }, () => {
      lead();
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    })
    .catch(() => {
      // Stopped before it led.
    });
  return {
    stop: () => {
      waiting.abort();
      release?.();
    },
  };
}

// The part of Storage that a lease needs.
export interface LeaseStore {
  getItem: (key: string) => string | null;
  setItem: (key: string, value: string) => void;
  removeItem: (key: string) => void;
}

const leaseLasts = 12_000;
export const leaseRenewed = 5_000;

// Takes or renews the lease for `me` at `now` (milliseconds). True while it is ours. Two tabs may write in the same
// moment; the one that reads its own name back at its next turn stays, so call it every `leaseRenewed`.
export function takeLease(store: LeaseStore, key: string, me: string, now: number): boolean {
  const [holder, until] = (store.getItem(key) ?? "").split(" ");
  const free = !holder || !(Number(until) > now) || Number(until) > now + 2 * leaseLasts;
  if (holder !== me && !free) return false;
  store.setItem(key, `${me} ${now + leaseLasts}`);
  return store.getItem(key)?.startsWith(`${me} `) ?? false;
}

export function dropLease(store: LeaseStore, key: string, me: string): void {
  if (store.getItem(key)?.startsWith(`${me} `)) store.removeItem(key);
}

// The same as electByLock where Web Locks are not to be had, which is on plain http. The lead may be lost again:
// a tab that slept longer than its lease finds another holder.
export function electByLease(name: string, lead: () => void, lose: () => void, store: LeaseStore = localStorage): Election {
  const me = Math.random().toString(36).slice(2);
  let leading = false;
  let beforeTurn = false;
  const turn = () => {
    const mine = takeLease(store, name, me, Date.now());
    // Lead from the second turn that finds the lease ours: a tab that wrote at the same moment has been seen by then.
    if (mine && !leading && beforeTurn) {
      leading = true;
      lead();
    } else if (!mine && leading) {
      leading = false;
      lose();
    }
    beforeTurn = mine;
  };
  turn();
  const soon = setTimeout(turn, 300);
  const timer = setInterval(turn, leaseRenewed);
  const leave = () => dropLease(store, name, me);
  addEventListener("pagehide", leave);
  return {
    stop: () => {
      clearTimeout(soon);
      clearInterval(timer);
      removeEventListener("pagehide", leave);
      leave();
      if (leading) lose();
    },
  };
}
