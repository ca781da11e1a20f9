// A cron text as one line, as five or six boxes and behind "Build", kept equal. The box under the caret is lit; the one
// that the server refuses is red and says why.
import { Button, Collapse, Menu, TextInput } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useRef, useState } from "react";
import type { FieldError, Suggestion } from "../api/schema";
import { text } from "../text/en";
import { Builder } from "./Builder";
import classes from "./Cron.module.css";
import { Take } from "./Take";
import { boxAt, boxesOf, boxNamed, fieldsOf, withBox } from "./words";

const t = text.edit;

const presets: [string, string][] = [
  ["*/5 * * * *", "Every 5 minutes"],
  ["0 * * * *", "Every hour"],
  ["0 2 * * *", "Every day at 02:00"],
  ["0 9 * * 1-5", "Weekdays at 09:00"],
  ["0 8 * * 1", "Mondays at 08:00"],
  ["0 6 1 * *", "The first of each month at 06:00"],
  ["@reboot", "When the server starts"],
];

interface Props {
  value: string;
  onChange: (value: string) => void;
  // A text that was pasted as the whole expression; it may be more than one.
  onPasted: (value: string) => void;
  onTake: (suggestion: Suggestion) => void;
  // What the server says is wrong with it.
  refusal?: FieldError;
  // What else is wrong: nothing typed.
  error?: string;
}

export function Cron({ value, onChange, onPasted, onTake, refusal, error }: Props) {
  const line = useRef<HTMLInputElement>(null);
  const boxes = useRef<HTMLDivElement>(null);
  const [caret, setCaret] = useState(-1);
  const parts = boxesOf(value);
  const lit = caret < 0 ? -1 : boxAt(value, caret);
  const fields = fieldsOf(parts?.length ?? 5);
  const wrong = refusal ? boxNamed(refusal.field, fields.length) : -1;
  const [building, setBuilding] = useState(false);
  const message = refusal?.message ?? error;

  const seeCaret = () => setCaret(document.activeElement === line.current ? (line.current?.selectionStart ?? -1) : -1);

  function onKeyDown(event: React.KeyboardEvent, at: number) {
    if (!event.altKey || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
    event.preventDefault();
    const to = at + (event.key === "ArrowLeft" ? -1 : 1);
    const field = boxes.current?.querySelectorAll("input")[to];
    field?.focus();
    field?.select();
  }

  return (
    <div className={classes.cron}>
      <div className={classes.line}>
        <TextInput
          ref={line}
          id="field-cron"
          className={classes.expression}
          classNames={{ input: classes.mono }}
          label={t.expression}
          placeholder="*/15 9-17 * * 1-5"
          autoComplete="off"
          spellCheck={false}
          value={value}
          error={message !== undefined}
          aria-describedby="cron-message"
          onChange={(event) => onChange(event.currentTarget.value)}
          onPaste={(event) => {
            const { selectionStart, selectionEnd, value: before } = event.currentTarget;
            if (selectionStart === 0 && selectionEnd === before.length) onPasted(event.clipboardData.getData("text").trim());
          }}
          onSelect={seeCaret}
          onFocus={seeCaret}
          onBlur={() => setCaret(-1)}
          onKeyUp={seeCaret}
        />
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown size={14} />}>{t.presets}</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {presets.map(([cron, words]) => (
              <Menu.Item key={cron} onClick={() => onChange(cron)} rightSection={<span className={classes.preset}>{cron}</span>}>{words}</Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Button variant="default" aria-expanded={building}
          onClick={() => {
            if (!building && !value.trim()) onChange("0 9 * * *");
            setBuilding(!building);
          }}>
          {text.build.open}
        </Button>
      </div>
      <div className={classes.boxes} ref={boxes} data-count={fields.length}>
        {fields.map((name, i) => (
          <label key={name} className={classes.box} data-lit={i === lit || undefined} data-wrong={i === wrong || undefined}>
            <input
              aria-label={t.fieldLabel(t.fields[name] ?? name)}
              aria-invalid={i === wrong || undefined}
              aria-describedby={i === wrong ? "cron-message" : undefined}
              autoComplete="off"
              spellCheck={false}
              value={parts?.[i] ?? ""}
              placeholder="*"
              disabled={value.trim() !== "" && !parts}
              onChange={(event) => onChange(withBox(parts ?? ["*", "*", "*", "*", "*"], i, event.currentTarget.value))}
              onKeyDown={(event) => onKeyDown(event, i)}
              onFocus={(event) => event.currentTarget.select()}
            />
            <span aria-hidden="true">{t.fields[name]}</span>
          </label>
        ))}
      </div>
      <p id="cron-message" role="status" className={message ? classes.message : classes.hint}>
        {message ? <>{message}{refusal?.hint && <span className="dim"> {refusal.hint}</span>}</> : t.fieldsHint}
      </p>
      {refusal?.suggest && <Take suggestion={refusal.suggest} onTake={onTake} />}
      <Collapse expanded={building}>{building && <Builder value={value} onChange={onChange} />}</Collapse>
    </div>
  );
}
