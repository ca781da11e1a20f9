// The page on which one signs in, without React: some kilobytes, where the rest of the pages is some two hundred. Afterwards
// it makes room for them, at the address where one wanted to go.
import { logIn, me } from "../api/auth";
import { asProblem, type Problem } from "../api/problem";
import { boot } from "../app/boot";
import { parseSearch, safeNext, stringifySearch } from "../app/search";
import { login } from "../text/en/sign-in";
import { product } from "../text/en/product";
import { element, field, mark, passwordField } from "./parts";
import "../app/colours.css";
import "./page.css";

const isLogin = location.pathname === `${boot.prefix}login`;
const asked = parseSearch(location.search);

// Shows the form; or, to somebody who is signed in already, the page they are looking for.
export async function showSignIn(): Promise<void> {
  const already = await me().catch(() => undefined);
  if (already) return goOn(already.must_change_password);
  document.title = `${login.title} · ${product}`;
  const card = element("div", { className: "cjv-sign-in-card" },
    element("div", { className: "cjv-sign-in-brand" }, mark(), element("span", {}, product), boot.environment ? element("span", { className: "cjv-sign-in-dim" }, boot.environment) : ""),
    element("h1", {}, login.title),
    asked.signed_out ? element("p", { className: "cjv-sign-in-dim", role: "status" }, login.signedOut) : "",
    form(),
  );
  document.getElementById("root")?.replaceChildren(
    element("main", { className: "cjv-sign-in" }, card, element("p", { className: "cjv-sign-in-version" }, login.version(boot.version))),
  );
  document.querySelector<HTMLInputElement>("input[name=username]")?.focus();
  return undefined;
}

// The rest of the pages, at the address that was asked for. A one-time password must be changed first.
async function goOn(mustChange: boolean): Promise<void> {
  const here = location.pathname.slice(boot.prefix.length - 1) + location.search;
  const next = safeNext(isLogin ? asked.next : here);
  const path = mustChange ? `/login${stringifySearch({ next: next === "/" ? undefined : next })}` : next;
  history.replaceState(null, "", boot.prefix.slice(0, -1) + path);
  await import("../app/main");
}

function form(): HTMLFormElement {
  // Always there, so that what appears in it is announced.
  const alert = element("div", { className: "cjv-sign-in-alert", role: "alert" });
  const name = field("username", login.username, { autocomplete: "username", autocapitalize: "none", spellcheck: false });
  const password = passwordField();
  const button = element("button", { type: "submit", className: "cjv-sign-in-submit" }, login.submit);
  let busy = false;
  let wait = 0;

  const say = (words: string) => alert.replaceChildren(...(words ? [element("p", {}, words)] : []));
  const settle = () => {
    button.disabled = wait > 0;
    button.toggleAttribute("data-busy", busy);
  };
  const countDown = () => {
    say(wait > 0 ? login.wait(wait) : "");
    settle();
    if (wait > 0) {
      setTimeout(() => {
        wait -= 1;
        countDown();
      }, 1000);
    }
  };
  const refuse = (problem: Problem) => {
    if (problem.status === 429) {
      wait = problem.retryAfter ?? 30;
      countDown();
    } else {
      say(problem.status === 400 || problem.status === 401 ? login.wrong : (problem.errors[0]?.message ?? problem.message));
    }
    password.input.select();
    password.input.focus();
  };
  const submit = async () => {
    if (busy || wait > 0) return;
    busy = true;
    settle();
    try {
      await logIn(name.input.value, password.input.value);
      await goOn((await me()).must_change_password);
    } catch (error) {
      refuse(asProblem(error));
    } finally {
      busy = false;
      settle();
    }
  };
  const made = element("form", { className: "cjv-sign-in-form" }, alert, name.whole, password.whole, button);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });
  return made;
}
