// How well the stream of changes does, as shape, word and colour; a click pauses or resumes it.
import { Tooltip, UnstyledButton } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { hub, type LineState } from "../api/events/hub";
import { text } from "../text/en";
import { clockSkew, serverNow } from "../time/clock";
import { clock } from "../time/format";
import { usePreferences } from "./preferences";
import classes from "./Shell.module.css";
import { useShortcut } from "./shortcuts";

const shapes: Record<LineState, React.ReactNode> = {
  live: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
  connecting: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="2" />,
  reconnecting: <path d="M10 6a4 4 0 11-1.5-3.1M10 1v2.6H7.4" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  polling: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray="3 2" />,
  paused: <path d="M4 2v8M8 2v8" stroke="currentColor" strokeWidth="2.2" />,
  offline: <path d="M2 2l8 8M10 2L2 10" stroke="currentColor" strokeWidth="2" />,
};

export const useLine = (): LineState =>
  useSyncExternalStore((watcher) => hub.watch(watcher), () => hub.state);

// While these last, what is shown is of the moment at which they began.
const dated = new Set<LineState>(["paused", "reconnecting", "offline"]);

function Since() {
  const { zone } = usePreferences();
  const at = hub.since + clockSkew();
  return <time dateTime={new Date(at).toISOString()}>{clock(at, serverNow(), zone || undefined)}</time>;
}

export function LiveBadge() {
  const state = useLine();
  const paused = state === "paused";
  const toggle = () => (paused ? hub.resume() : hub.pause());
  useShortcut("l", toggle);
  return (
    <Tooltip label={`${text.line.hint[state]}. ${paused ? text.line.resume : text.line.pause} (l)`}>
      <UnstyledButton className={classes.badge} data-state={state} onClick={toggle} aria-pressed={paused}
        aria-label={`${text.line[state]}. ${paused ? text.line.resume : text.line.pause}`}>
        <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">{shapes[state]}</svg>
        <span className={classes.badgeWord}>
          {text.line[state]}
          {dated.has(state) && <span className={classes.badgeSince}> · {text.line.from} <Since /></span>}
        </span>
      </UnstyledButton>
    </Tooltip>
  );
}
