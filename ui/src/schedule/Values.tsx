// The values of one field as buttons that are on or off; at least one stays on. One stop of the Tab key: arrows move.
import { useRef, useState } from "react";
import { text } from "../text/en";
import { limits } from "./build";
import classes from "./Builder.module.css";
import type { CronField } from "./words";

const t = text.build;

// How many stand in a row, so that the up and down keys mean what they look like.
const columns: Record<CronField, number> = { second: 10, minute: 10, hour: 8, day: 7, month: 6, weekday: 7 };

interface Props {
  name: CronField;
  values: number[];
  onChange: (values: number[]) => void;
}

export function Values({ name, values, onChange }: Props) {
  const grid = useRef<HTMLDivElement>(null);
  const { low, high } = limits[name];
  const all = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  // The week begins on Monday.
  const shown = name === "weekday" ? [...all.slice(1), 0] : all;
  const [reach, setReach] = useState(() => Math.max(0, shown.indexOf(values[0] ?? low)));
  const chosen = new Set(values);

  function toggle(value: number) {
    const left = chosen.has(value) ? values.filter((each) => each !== value) : [...values, value];
    if (left.length > 0) onChange(left);
  }

  function onKeyDown(event: React.KeyboardEvent) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns[name], ArrowDown: columns[name] }[event.key];
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const to = reach + by;
    if (to < 0 || to >= shown.length) return;
    setReach(to);
    grid.current?.querySelectorAll("button")[to]?.focus();
  }

  return (
    <div ref={grid} role="group" aria-label={t.values(text.edit.fields[name] ?? name)} className={classes.values} data-field={name}>
      {shown.map((value, i) => (
        <button key={value} type="button" aria-pressed={chosen.has(value)} aria-label={t.valueName(name, value)} tabIndex={i === Math.min(reach, shown.length - 1) ? 0 : -1}
          onKeyDown={onKeyDown} onClick={() => { setReach(i); toggle(value); }}>
          {t.value(name, value)}
        </button>
      ))}
    </div>
  );
}
