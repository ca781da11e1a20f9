// A suggestion of the server's, taken with one click: the schedule and all that belongs to it.
import { Button } from "@mantine/core";
import type { Suggestion } from "../api/schema";
import { text } from "../text/en";
import classes from "./Summary.module.css";

interface Props {
  suggestion: Suggestion;
  onTake: (suggestion: Suggestion) => void;
}

export function Take({ suggestion, onTake }: Props) {
  const { schedule, timezone, day_match, start_at, end_at } = suggestion;
  return (
    <Button variant="default" size="compact-sm" className={classes.take} onClick={() => onTake(suggestion)}>
      {text.edit.take(schedule, timezone, day_match === "both")}{start_at && end_at && text.edit.takeWindow(start_at, end_at)}
    </Button>
  );
}
