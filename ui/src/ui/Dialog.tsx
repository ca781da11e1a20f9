// A dialog with a title row of our own: Mantine's is a second banner to assistive technology.
import { ActionIcon, Modal, type ModalProps } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { text } from "../text/en";
import classes from "./Dialog.module.css";

interface Props extends Omit<ModalProps, "opened" | "title"> {
  title: string;
  // Without a way to close it, it must be answered.
  closable?: boolean;
}

export function Dialog({ title, closable = true, children, onClose, ...rest }: Props) {
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
