// The change of one's own password, from the user menu.
import { notifications } from "@mantine/notifications";
import { text } from "../text/en";
import { Dialog } from "../ui/Dialog";
import { PasswordForm } from "../ui/SignIn";

export default function ChangePassword({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={text.password.changeTitle} onClose={onClose} size={420}>
      <PasswordForm
        oneTime={false}
        onDone={() => {
          onClose();
          notifications.show({ message: text.password.saved });
        }}
      />
    </Dialog>
  );
}
