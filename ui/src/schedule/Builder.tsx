// A cron text put together by choices, one field at a time. Each choice is written into the text at once; the text is
// what counts, so that one can go on by hand at any time.
import { NumberInput, SegmentedControl, Select } from "@mantine/core";
import { useId, useState } from "react";
import { text } from "../text/en";
import { type Choice, firstOf, kindsOf, limits, readChoice, writeChoice } from "./build";
import classes from "./Builder.module.css";
import { Values } from "./Values";
import { boxesOf, type CronField, fieldsOf, withBox } from "./words";

const t = text.build;
const begin = ["0", "9", "*", "*", "*"];

export function Builder({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const parts = boxesOf(value);
  const boxes = parts ?? begin;
  const fields = fieldsOf(boxes.length);
  const [asked, setField] = useState<CronField>("hour");
  const name = fields.includes(asked) ? asked : "hour";
  const at = fields.indexOf(name);
  const choice = readChoice(boxes[at] ?? "*", name);
  const set = (next: Choice) => onChange(withBox(boxes, at, writeChoice(next, name)));
  const group = useId();
  const kinds: Choice["kind"][] = choice.kind === "typed" ? [...kindsOf(name), "typed"] : kindsOf(name);

  return (
    <div className={classes.builder} role="group" aria-label={t.label}>
      <SegmentedControl fullWidth aria-label={t.field} value={name} onChange={(next) => setField(next as CronField)}
        data={fields.map((each) => ({ value: each, label: text.edit.fields[each] ?? each }))} />
      {!parts && <p className="small dim">{t.anew}</p>}
      <div role="radiogroup" aria-label={t.choices(text.edit.fields[name] ?? name)} className={classes.choices}>
        {kinds.map((kind) => (
          <div key={kind} className={classes.choice}>
            <label>
              <input type="radio" name={group} checked={parts !== null && choice.kind === kind} onChange={() => set(firstOf(kind, name))} />
              {kind === "typed" ? t.typed(boxes[at] ?? "") : t.kinds[name][kind]}
            </label>
            {parts !== null && choice.kind === kind && <Details choice={choice} name={name} onChange={set} />}
          </div>
        ))}
      </div>
    </div>
  );
}

// What a choice leaves open.
function Details({ choice, name, onChange }: { choice: Choice; name: CronField; onChange: (choice: Choice) => void }) {
  const { low, high } = limits[name];
  const number = (label: string, now: number, take: (value: number) => Choice, least = low) => (
    <NumberInput label={label} min={least} max={high} clampBehavior="strict" allowDecimal={false} allowNegative={false} className={classes.number} value={now}
      onChange={(next) => next !== "" && Number(next) >= least && onChange(take(Number(next)))} />
  );
  switch (choice.kind) {
    case "step":
      return (
        <div className={classes.details}>
          {number(t.every, choice.every, (every) => ({ ...choice, every }), 1)}
          {number(t.startingAt, choice.from, (from) => ({ ...choice, from }))}
        </div>
      );
    case "range":
      return (
        <div className={classes.details}>
          {number(t.from, choice.from, (from) => ({ ...choice, from }))}
          {number(t.to, choice.to, (to) => ({ ...choice, to }))}
        </div>
      );
    case "workday": return <div className={classes.details}>{number(t.near, choice.near, (near) => ({ kind: "workday", near }))}</div>;
    case "only": return <Values name={name} values={choice.values} onChange={(values) => onChange({ kind: "only", values })} />;
    case "nth":
      return (
        <div className={classes.details}>
          <Select label={t.which} allowDeselect={false} className={classes.which} value={String(choice.nth)}
            data={[1, 2, 3, 4, 5, 0].map((nth) => ({ value: String(nth), label: t.nths[nth] ?? "" }))}
            onChange={(nth) => nth && onChange({ ...choice, nth: Number(nth) })} />
          <Select label={text.edit.fields.weekday} allowDeselect={false} className={classes.which} value={String(choice.weekday)}
            data={[1, 2, 3, 4, 5, 6, 0].map((day) => ({ value: String(day), label: t.weekdays[day] ?? "" }))}
            onChange={(day) => day && onChange({ ...choice, weekday: Number(day) })} />
        </div>
      );
    default: return null;
  }
}
