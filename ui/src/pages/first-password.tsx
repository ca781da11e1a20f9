// The change of a one-time password, which must come before anything else.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { asProblem } from "../api/problem";
import { meQuery, queryClient } from "../api/queries";
import { boot } from "../app/boot";
import { safeNext, type Search } from "../app/search";
import { toSignIn } from "../app/sign-out";
import { useTitle } from "../app/title";
import { text } from "../text/en";
import { PasswordForm } from "../ui/SignIn";
import classes from "./first-password.module.css";

export default function FirstPasswordPage() {
  const { next } = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const { data, error } = useQuery({ ...meQuery, retry: false });
  useTitle(text.password.title);

  const done = data !== undefined && !data.must_change_password;
  const isNobody = error !== null && asProblem(error).status === 401;
  useEffect(() => {
    if (done) void navigate({ href: safeNext(next), replace: true });
    else if (isNobody) void toSignIn(next);
  }, [done, isNobody, navigate, next]);

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
        <h1>{text.password.title}</h1>
        <p className="dim">{text.password.intro}</p>
        <PasswordForm oneTime onDone={() => void queryClient.fetchQuery({ ...meQuery, staleTime: 0, retry: false })} />
      </div>
      <p className={classes.version}>{text.login.version(boot.version)}</p>
    </main>
  );
}
