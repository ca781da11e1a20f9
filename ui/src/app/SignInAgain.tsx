// The session ended while a page was open: sign in over it, so that what was typed there stays.
import { text } from "../text/en";
import { queryClient } from "../api/queries";
import { Dialog } from "../ui/Dialog";
import { SignInForm } from "../ui/SignIn";

export default function SignInAgain({ onDone }: { onDone: () => void }) {
  return (
    <Dialog title={text.login.title} closable={false} onClose={() => {}} size={400}>
      <p className="dim">{text.login.ended}</p>
      <SignInForm
        onDone={() => {
          onDone();
          void queryClient.invalidateQueries();
        }}
      />
    </Dialog>
  );
}
