// A dialog with a title row of our own: Mantine's is a second banner to assistive technology.
import { ActionIcon, Modal, type ModalProps } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { text } from "../text/en";
import classes from "./Dialog.module.css";

interface Props extends Omit<ModalProps, "opened" | "title"> {
  title: string;
  // Without a way to close it, it must be answered.
  closable?: boolean;
}

// What opened a dialog has the focus again when it is gone. Of a menu, which is gone by then, that is its button.
// (Mantine does so only for a dialog that stays mounted while it is closed.)
export function useReturnFocus(): void {
  const [opener] = useState(() => {
    const focused = document.activeElement;
    const button = focused?.closest("[role=menu]")?.getAttribute("aria-labelledby");
    return (button ? document.getElementById(button) : focused) as HTMLElement | null;
  });
  useEffect(
    () => () => {
      requestAnimationFrame(() => {
        if (document.activeElement === document.body) opener?.focus();
      });
    },
    [opener],
  );
}

export function Dialog({ title, closable = true, children, onClose, ...rest }: Props) {
  useReturnFocus();
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnEscape={closable}
      closeOnClickOutside={closable}
      padding={0}
      {...rest}
    >
      <div className={classes.title}>
        <Modal.Title>{title}</Modal.Title>
        {closable && (
          <ActionIcon variant="subtle" color="gray" aria-label={text.close} onClick={onClose}>
            <IconX size={18} />
          </ActionIcon>
        )}
      </div>
      <div className={classes.body}>{children}</div>
    </Modal>
  );
}
