// Single keys, and pairs like "g j". They never fire while somebody types, with a modifier, or behind a dialog,
// and they can be switched off (WCAG 2.1.4).
import { useEffect, useRef } from "react";
import { preferences } from "./preferences";

type Handler = (event: KeyboardEvent) => void;

const handlers = new Map<string, Handler[]>();
const pairWithin = 1200;
let first = "";
let firstAt = 0;

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [role=combobox]"));

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || !preferences().singleKeys) return;
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("[role=dialog]")) return;
  const pair = first && event.timeStamp - firstAt < pairWithin ? `${first} ${event.key}` : "";
  first = event.key;
  firstAt = event.timeStamp;
  const handler = handlers.get(pair)?.at(-1) ?? handlers.get(event.key)?.at(-1);
  if (!handler) return;
  first = "";
  event.preventDefault();
  handler(event);
}

// Binds `keys` while the component is shown; the newest binding of the same keys wins. `null` binds nothing.
export function useShortcut(keys: string, handler: Handler | null): void {
  const latest = useRef(handler);
  latest.current = handler;
  const bound = handler !== null;
  useEffect(() => {
    if (!bound) return undefined;
    const mine: Handler = (event) => latest.current?.(event);
    if (handlers.size === 0) document.addEventListener("keydown", onKey);
    handlers.set(keys, [...(handlers.get(keys) ?? []), mine]);
    return () => {
      const others = (handlers.get(keys) ?? []).filter((each) => each !== mine);
      if (others.length) handlers.set(keys, others);
      else handlers.delete(keys);
      if (handlers.size === 0) document.removeEventListener("keydown", onKey);
    };
  }, [keys, bound]);
}
