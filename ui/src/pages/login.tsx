// Signing in, and the change of a one-time password that must come before anything else.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { boot } from "../app/boot";
import { safeNext, type Search } from "../app/search";
import { useTitle } from "../app/title";
import { meQuery, queryClient } from "../api/queries";
import { text } from "../text/en";
import { PasswordForm, SignInForm } from "../ui/SignIn";
import classes from "./login.module.css";

export default function LoginPage() {
  const { next, signed_out } = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  // Somebody who is signed in already has no business here, unless the password is still to be changed.
  const { data, isFetched } = useQuery({ ...meQuery, retry: false });
  const [leaving, setLeaving] = useState(false);
  const mustChange = data?.must_change_password ?? false;
  const done = data !== undefined && !mustChange;
  useTitle(mustChange ? text.password.title : text.login.title);

  useEffect(() => {
    if (!done || leaving) return;
    setLeaving(true);
    void navigate({ href: safeNext(next), replace: true });
  }, [done, leaving, navigate, next]);

  const ask = () => queryClient.fetchQuery({ ...meQuery, staleTime: 0, retry: false });

  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <svg width="32" height="32" viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" fill="#3860bd" />
            <circle cx="16" cy="16" r="9" fill="none" stroke="#fff" strokeWidth="2.5" />
            <path d="M16 10.5V16l3.8 2.6" fill="none" stroke="#fff" strokeWidth="2.5" strokeLinecap="round" strokeLinejoin="round" />
          </svg>
          <span>{text.product}</span>
          {boot.environment && <span className="dim">{boot.environment}</span>}
        </div>
        {mustChange ? (
          <>
            <h1>{text.password.title}</h1>
            <p className="dim">{text.password.intro}</p>
            <PasswordForm oneTime onDone={() => void ask()} />
          </>
        ) : (
          <>
            <h1>{text.login.title}</h1>
            {signed_out && <p className="dim" role="status">{text.login.signedOut}</p>}
            {(isFetched || !done) && <SignInForm onDone={() => void ask()} />}
          </>
        )}
      </div>
      <p className={classes.version}>{text.login.version(boot.version)}</p>
    </main>
  );
}
