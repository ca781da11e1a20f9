// Somebody else saved the job while it was edited: their values and mine, to choose from.
import { Button, Group } from "@mantine/core";
import { useId, useState } from "react";
import { text } from "../text/en";
import { Dialog } from "../ui/Dialog";
import type { JobForm } from "./job-form";
import { type Merge, shownOf, taking } from "./job-merge";
import classes from "./job-edit.module.css";

const t = text.edit;

interface Props {
  merge: Merge;
  theirs: JobForm;
  onMerged: (form: JobForm) => void;
  onClose: () => void;
}

export function Conflict({ merge, theirs, onMerged, onClose }: Props) {
  const [taken, setTaken] = useState<ReadonlySet<keyof JobForm>>(new Set());
  const group = useId();
  const nameOf = (key: keyof JobForm) => t.names[key] ?? key;
  const choose = (key: keyof JobForm, isTheirs: boolean) => {
    const next = new Set(taken);
    if (isTheirs) next.add(key);
    else next.delete(key);
    setTaken(next);
  };
  return (
    <Dialog title={t.conflictTitle} onClose={onClose} size={640}>
      {merge.both.length > 0 ? (
        <>
          <p>{t.conflictText}</p>
          {merge.both.map((key) => (
            <fieldset key={key} className={classes.conflict}>
              <legend>{nameOf(key)}</legend>
              {[false, true].map((isTheirs) => (
                <label key={String(isTheirs)}>
                  <input type="radio" name={`${group} ${key}`} checked={taken.has(key) === isTheirs} onChange={() => choose(key, isTheirs)} />
                  <span className="dim">{isTheirs ? t.theirs : t.mine}</span>
                  <code>{shownOf(isTheirs ? theirs : merge.merged, key) || t.nothing}</code>
                </label>
              ))}
            </fieldset>
          ))}
        </>
      ) : <p>{t.conflictNone}</p>}
      {merge.theirs.length > 0 && <p className="dim">{t.conflictTheirs} {merge.theirs.map((key) => `${nameOf(key)}: ${shownOf(theirs, key) || t.nothing}`).join(" · ")}</p>}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>{text.cancel}</Button>
        <Button onClick={() => onMerged([...taken].reduce((form, key) => taking(form, theirs, key), merge.merged))}>{t.conflictTake}</Button>
      </Group>
    </Dialog>
  );
}
