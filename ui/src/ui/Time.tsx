// The one way in which an instant is shown: short where it stands, exact on hover and on focus.
import { Tooltip } from "@mantine/core";
import { usePreferences } from "../app/preferences";
import { text } from "../text/en";
import { serverNow, useNow } from "../time/clock";
import { absolute, clock, elapsed, relative, staysTrueFor } from "../time/format";
import classes from "./Time.module.css";

interface Props {
  // ISO 8601, as the server wrote it.
  at: string;
  // Overrides the reader's choice between "3 h ago" and "04:13:42".
  as?: "relative" | "clock" | "absolute";
  // A zone that belongs to what is shown, told beside local time and UTC.
  zone?: string;
}

export function Time({ at, as, zone }: Props) {
  const { zone: chosen, relative: likesRelative } = usePreferences();
  const instant = Date.parse(at);
  const form = as ?? (likesRelative ? "relative" : "clock");
  const step = form === "absolute" ? 3_600_000 : staysTrueFor(instant, serverNow());
  const now = useNow(step);
  const shownZone = chosen || undefined;
  const shown =
    form === "relative" ? relative(instant, step === 1000 ? now : serverNow())
    : form === "clock" ? clock(instant, now, shownZone)
    : absolute(instant, shownZone);
  return (
    <Tooltip label={<Exact instant={instant} at={at} zone={zone} />} classNames={{ tooltip: classes.tooltip }}>
      <time dateTime={at} className={classes.time}>{shown}</time>
    </Tooltip>
  );
}

function Exact({ instant, at, zone }: { instant: number; at: string; zone?: string }) {
  return (
    <dl className={classes.exact}>
      <dt>{text.time.local}</dt><dd>{absolute(instant)}</dd>
      {zone && zone !== "UTC" && <><dt>{zone}</dt><dd>{absolute(instant, zone)}</dd></>}
      <dt>{text.time.utc}</dt><dd>{absolute(instant, "UTC")}</dd>
      <dt>{text.time.iso}</dt><dd>{at}</dd>
    </dl>
  );
}

// How long something has been going on; ticks every second without moving what stands beside it.
export function Elapsed({ since }: { since: string }) {
  const now = useNow();
  return <span className="tabular">{elapsed((now - Date.parse(since)) / 1000)}</span>;
}
