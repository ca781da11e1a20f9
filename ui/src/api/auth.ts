// Who is at the keyboard, and whether the server is well.
import { api, value } from "./client";

export const me = () => api.GET("/api/auth/me/").then(value);

export const logIn = (username: string, password: string) =>
  api.POST("/api/auth/login/", { body: { username, password } }).then(value);

export const logOut = () => api.POST("/api/auth/logout/").then(value);

export const changePassword = (old_password: string, new_password: string) =>
  api.POST("/api/auth/password/", { body: { old_password, new_password } }).then(value);

export const health = () => api.GET("/api/health/").then(value);
