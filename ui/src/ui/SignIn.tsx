// The two forms of signing in: name and password, and the change of a password.
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { changePassword, logIn } from "../api/auth";
import { asProblem } from "../api/problem";
import { text } from "../text/en";
import classes from "./SignIn.module.css";

export function SignInForm({ onDone }: { onDone: () => void }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [refused, setRefused] = useState("");
  const [busy, setBusy] = useState(false);
  const [wait, setWait] = useState(0);
  const [capsLock, setCapsLock] = useState(false);
  const passwordField = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (wait <= 0) return undefined;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);

  async function submit(event: React.FormEvent) {
    event.preventDefault();
    if (busy || wait > 0) return;
    setBusy(true);
    try {
      await logIn(username, password);
      setRefused("");
      onDone();
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 429) setWait(problem.retryAfter ?? 30);
      setRefused(problem.status === 429 ? "" : problem.status === 400 || problem.status === 401 ? text.login.wrong : (problem.errors[0]?.message ?? problem.message));
      passwordField.current?.select();
      passwordField.current?.focus();
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      {/* Always there, so that what appears in it is announced. */}
      <div role="alert" className={classes.alert}>
        {wait > 0 ? <p>{text.login.wait(wait)}</p> : refused && <p>{refused}</p>}
      </div>
      <TextInput
        label={text.login.username}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        required
        withAsterisk={false}
        size="md"
        value={username}
        onChange={(event) => setUsername(event.currentTarget.value)}
      />
      <PasswordInput
        ref={passwordField}
        label={text.login.password}
        name="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        size="md"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        onKeyUp={(event) => setCapsLock(event.getModifierState("CapsLock"))}
        description={capsLock ? text.login.capsLock : undefined}
      />
      <Button type="submit" size="md" fullWidth loading={busy} disabled={wait > 0}>{text.login.submit}</Button>
    </form>
  );
}

const shortest = 12;

export function PasswordForm({ oneTime, onDone }: { oneTime: boolean; onDone: () => void }) {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const [errors, setErrors] = useState<{ old?: string; fresh?: string; again?: string; other?: string }>({});
  const [busy, setBusy] = useState(false);

  async function submit(event: React.FormEvent) {
    event.preventDefault();
    if (fresh.length < shortest) return setErrors({ fresh: text.password.tooShort });
    if (fresh !== again) return setErrors({ again: text.password.mismatch });
    setBusy(true);
    try {
      await changePassword(old, fresh);
      setErrors({});
      onDone();
    } catch (error) {
      const problem = asProblem(error);
      const of = (path: string) => problem.errors.find((each) => each.path === path)?.message;
      const found = { old: of("old_password"), fresh: of("new_password") };
      setErrors(found.old || found.fresh ? found : { other: problem.errors[0]?.message ?? problem.message });
    } finally {
      setBusy(false);
    }
    return undefined;
  }

  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <div role="alert" className={classes.alert}>{errors.other && <p>{errors.other}</p>}</div>
      <PasswordInput
        label={oneTime ? text.password.old : text.password.oldUsual}
        name="old-password" autoComplete="current-password" required withAsterisk={false} autoFocus size="md"
        value={old} error={errors.old} onChange={(event) => setOld(event.currentTarget.value)}
      />
      <PasswordInput
        label={text.password.fresh} description={text.password.rule}
        name="new-password" autoComplete="new-password" required withAsterisk={false} size="md"
        value={fresh} error={errors.fresh} onChange={(event) => setFresh(event.currentTarget.value)}
      />
      <PasswordInput
        label={text.password.again}
        name="new-password-again" autoComplete="new-password" required withAsterisk={false} size="md"
        value={again} error={errors.again} onChange={(event) => setAgain(event.currentTarget.value)}
      />
      <Button type="submit" size="md" fullWidth loading={busy}>
        {oneTime ? text.password.submit : text.password.submitUsual}
      </Button>
    </form>
  );
}
