// The search of a list: "/" comes here, Escape clears and then leaves. Tells what was typed once typing rests.
import { CloseButton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useShortcut } from "../app/shortcuts";
import { text } from "../text/en";

const rest = 150;

interface Props {
  label: string;
  placeholder: string;
  value: string;
  onSearch: (value: string) => void;
  className?: string;
}

export function SearchBox({ label, placeholder, value, onSearch, className }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  const tell = useRef(onSearch);
  tell.current = onSearch;

  useShortcut("/", () => {
    field.current?.focus();
    field.current?.select();
  });

  // The address changed by other means: a link, the back button, "clear filters".
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setTyped(value);
  }, [value]);

  // Ends with the page: whoever has left it must not be called back by what was typed there.
  useEffect(() => {
    if (typed === told.current) return undefined;
    const timer = setTimeout(() => {
      told.current = typed;
      tell.current(typed);
    }, rest);
    return () => clearTimeout(timer);
  }, [typed]);

  return (
    <TextInput
      ref={field}
      type="text"
      role="searchbox"
      className={className}
      aria-label={label}
      placeholder={placeholder}
      value={typed}
      leftSection={<IconSearch size={16} />}
      rightSection={typed ? <CloseButton size="sm" aria-label={text.jobs.clear} onClick={() => setTyped("")} tabIndex={-1} /> : null}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        if (typed) setTyped("");
        else event.currentTarget.blur();
      }}
    />
  );
}
