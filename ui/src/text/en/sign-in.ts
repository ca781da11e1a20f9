// Signing in, and the password.
import { count } from "../plural";

export const login = {
  title: "Sign in",
  username: "User name",
  password: "Password",
  show: "Show the password",
  submit: "Sign in",
  wrong: "The user name or the password is wrong.",
  ended: "Your session has ended. Sign in again to go on; what you typed is kept.",
  signedOut: "You are signed out.",
  wait: (seconds: number) => `Too many tries. You can try again in ${count(seconds, "second")}.`,
  capsLock: "Caps Lock is on",
  version: (version: string) => `Version ${version}`,
};

export const password = {
  title: "Choose your password",
  changeTitle: "Change password",
  intro: "You signed in with a one-time password. Choose one that only you know; then you can go on.",
  old: "One-time password",
  oldUsual: "Present password",
  fresh: "New password",
  again: "New password, once more",
  rule: "At least 12 characters. A few unrelated words are a good password.",
  submit: "Save password and go on",
  submitUsual: "Save password",
  mismatch: "The two do not match.",
  tooShort: "At least 12 characters.",
  saved: "Password saved. Your other sessions were ended.",
};
