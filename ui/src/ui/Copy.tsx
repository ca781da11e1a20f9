// Copies a text. Works without HTTPS too, where browsers keep the clipboard API to themselves.
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { text } from "../text/en";

export async function copyText(value: string): Promise<void> {
  if (navigator.clipboard && isSecureContext) {
    await navigator.clipboard.writeText(value);
    return;
  }
  const area = document.createElement("textarea");
  area.value = value;
  area.setAttribute("readonly", "");
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export function CopyButton({ value, label = text.copy }: { value: string; label?: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <Tooltip label={done ? text.copied : label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={done ? text.copied : label}
        onClick={(event) => {
          event.preventDefault();
          event.stopPropagation();
          void copyText(value).then(() => setDone(true));
        }}
      >
        {done ? <IconCheck size={14} /> : <IconCopy size={14} />}
      </ActionIcon>
    </Tooltip>
  );
}
