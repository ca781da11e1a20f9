// Which address shows which page. Everything lies below the prefix that the server wrote into the page.
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { Problem } from "../api/problem";
import { meQuery, queryClient } from "../api/queries";
import { boot } from "./boot";
import { CrashPage, NotFoundPage } from "./fallbacks";
import { parseSearch, stringifySearch, type Search } from "./search";
import { Shell } from "./Shell";
import { toSignIn } from "./sign-out";

const anySearch = (search: Record<string, unknown>): Search => search as Search;

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage, validateSearch: anySearch });

// Who signs in has a page without all this (src/sign-in); whose one-time password is still to be changed comes here.
const login = createRoute({
  getParentRoute: () => root,
  path: "login",
  component: lazyRouteComponent(() => import("../pages/first-password")),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  component: Shell,
  notFoundComponent: NotFoundPage,
  beforeLoad: async ({ location }) => {
    const next = location.href === "/" ? undefined : location.href;
    try {
      const me = await queryClient.ensureQueryData(meQuery);
      if (!me.must_change_password) return;
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      await toSignIn(next);
    }
    throw redirect({ to: "/login", search: { next }, replace: true });
  },
});

const page = <Path extends string>(path: Path, load: () => Promise<{ default: React.ComponentType }>) =>
  createRoute({ getParentRoute: () => signedIn, path, component: lazyRouteComponent(load) });

const dashboard = page("/", () => import("../pages/dashboard"));
const jobs = page("jobs", () => import("../pages/jobs"));
const newJob = page("jobs/new", () => import("../pages/job-edit"));
const editJob = page("jobs/$id/edit", () => import("../pages/job-edit"));
const job = page("jobs/$id/{-$tab}", () => import("../pages/job"));
const runs = page("runs", () => import("../pages/runs"));
const workers = page("workers", () => import("../pages/workers"));
const worker = page("workers/$name", () => import("../pages/worker"));
const queue = page("queues/$name", () => import("../pages/queue"));
const run = page("runs/$id", () => import("../pages/run"));
// Whatever else: with the bar and the pages around it, for those who are signed in.
const unknown = createRoute({ getParentRoute: () => signedIn, path: "$", component: NotFoundPage });

export const router = createRouter({
  routeTree: root.addChildren([
    login,
    signedIn.addChildren([dashboard, jobs, newJob, editJob, job, runs, run, workers, worker, queue, unknown]),
  ]),
  basepath: boot.prefix,
  parseSearch: (text) => parseSearch(text),
  stringifySearch,
  defaultPreload: "intent",
  defaultErrorComponent: CrashPage,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
