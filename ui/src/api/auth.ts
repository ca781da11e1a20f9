// Who is at the keyboard, and whether the server is well.
import { cookie } from "../app/cookie";
import { api, value } from "./client";
import { Problem } from "./problem";

// Who has no token beside the session has no session either: asking would only fill the console with a refusal.
export const me = () =>
  cookie("cjv_csrftoken")
    ? api.GET("/api/auth/me/").then(value)
    : Promise.reject(new Problem("Nobody is signed in.", { status: 401 }));

export const logIn = (username: string, password: string) =>
  api.POST("/api/auth/login/", { body: { username, password } }).then(value);

export const logOut = () => api.POST("/api/auth/logout/").then(value);

export const changePassword = (old_password: string, new_password: string) =>
  api.POST("/api/auth/password/", { body: { old_password, new_password } }).then(value);

export const health = () => api.GET("/api/health/").then(value);
