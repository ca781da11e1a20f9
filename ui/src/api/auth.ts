// Who is at the keyboard.
import { call } from "./client";
import type { Health, Me, User } from "./schema";

export const me = () => call<Me>("GET", "api/auth/me/");

export const logIn = (username: string, password: string) =>
  call<{ user: User }>("POST", "api/auth/login/", { body: { username, password } });

export const logOut = () => call<undefined>("POST", "api/auth/logout/", { body: {} });

export const changePassword = (old_password: string, new_password: string) =>
  call<undefined>("POST", "api/auth/password/", { body: { old_password, new_password } });

export const health = () => call<Health>("GET", "api/health/");
