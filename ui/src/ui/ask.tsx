// A question that must be answered before something happens. One at a time; the host stands in the shell.
import { Button, Group } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { text } from "../text/en";
import { Dialog } from "./Dialog";

interface Question {
  title: string;
  body: React.ReactNode;
  // What the buttons say; the first is the safe one and has the focus.
  keep?: string;
  confirm: string;
  // Another thing that may be done, which goes further.
  other?: string;
  danger?: boolean;
}

type Answer = boolean | "other";

interface Asked extends Question {
  answer: (answer: Answer) => void;
}

let asked: Asked | null = null;
const watchers = new Set<() => void>();
const set = (next: Asked | null) => {
  asked = next;
  for (const watcher of watchers) watcher();
};

// Resolves with true when the person confirmed. A second question answers the first with no.
export const ask = async (question: Omit<Question, "other">): Promise<boolean> => (await choose(question)) === true;

// The same, where there are two ways to do it.
export function choose(question: Question): Promise<Answer> {
  asked?.answer(false);
  return new Promise((resolve) => {
    set({
      ...question,
      answer: (answer) => {
        set(null);
        resolve(answer);
      },
    });
  });
}

export function AskHost() {
  const question = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => asked,
  );
  if (!question) return null;
  return (
    <Dialog title={question.title} onClose={() => question.answer(false)} size={440}>
      <div>{question.body}</div>
      <Group justify="flex-end" gap="sm">
        <Button variant="default" data-autofocus onClick={() => question.answer(false)}>{question.keep ?? text.cancel}</Button>
        {question.other && <Button variant="default" onClick={() => question.answer("other")}>{question.other}</Button>}
        <Button color={question.danger ? "red.9" : undefined} onClick={() => question.answer(true)}>{question.confirm}</Button>
      </Group>
    </Dialog>
  );
}
