// What stands around every page: the bar on top, the pages at the left, and the dialogs that belong to no page.
import { ActionIcon, Drawer, Kbd, Tooltip, UnstyledButton } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import {
  IconCalendarClock,
  IconLayoutDashboard,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconListDetails,
  IconMenu2,
  IconSearch,
  IconServer2,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { whenSignedOut } from "../api/client";
import { hub } from "../api/events/hub";
import { queryClient, statisticsQuery } from "../api/queries";
import { Live } from "../live/apply";
import { number, text } from "../text/en";
import { AskHost } from "../ui/ask";
import { boot } from "./boot";
import { LiveBadge } from "./LiveBadge";
import { setPreference, usePreferences } from "./preferences";
import classes from "./Shell.module.css";
import { useShortcut } from "./shortcuts";
import { UserMenu } from "./UserMenu";

const SignInAgain = lazy(() => import("./SignInAgain"));
const Palette = lazy(() => import("./Palette"));
const ShortcutHelp = lazy(() => import("./ShortcutHelp"));

const places = [
  { to: "/", label: text.nav.dashboard, keys: "g d", icon: IconLayoutDashboard },
  { to: "/jobs", label: text.nav.jobs, keys: "g j", icon: IconCalendarClock },
  { to: "/runs", label: text.nav.runs, keys: "g r", icon: IconListDetails },
  { to: "/workers", label: text.nav.workers, keys: "g w", icon: IconServer2 },
] as const;

export function Shell() {
  const [help, setHelp] = useState(false);
  const [palette, setPalette] = useState(false);
  const [ended, setEnded] = useState(false);
  const [menu, { open: openMenu, close: closeMenu }] = useDisclosure(false);
  const narrow = useMediaQuery("(max-width: 767px)", false, { getInitialValueInEffect: false });
  // Room for the lists: where the window is not wide the pages are icons, whatever was chosen for wide ones.
  const wide = useMediaQuery("(min-width: 1280px)", true, { getInitialValueInEffect: false });
  const navCollapsed = usePreferences().navCollapsed || !wide;
  const navigate = useNavigate();
  const path = useRouterState({ select: (state) => state.location.pathname });

  useEffect(() => {
    const live = new Live(queryClient);
    const unsubscribe = hub.subscribe((event) => live.take(event));
    hub.start();
    whenSignedOut(() => setEnded(true));
    return () => {
      unsubscribe();
      whenSignedOut(() => {});
      hub.stop();
    };
  }, []);

  useEffect(closeMenu, [path, closeMenu]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setPalette(true);
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  useShortcut("?", () => setHelp(true));
  useShortcut("n", () => void navigate({ to: "/jobs/new" }));
  useShortcut("g d", () => void navigate({ to: "/" }));
  useShortcut("g j", () => void navigate({ to: "/jobs" }));
  useShortcut("g r", () => void navigate({ to: "/runs" }));
  useShortcut("g w", () => void navigate({ to: "/workers" }));

  return (
    <div className={classes.shell} data-collapsed={navCollapsed || undefined}>
      <button type="button" className={classes.skip} onClick={() => document.getElementById("main")?.focus()}>
        {text.nav.skip}
      </button>
      <header className={classes.bar}>
        {narrow && (
          <ActionIcon variant="subtle" color="gray" size={36} aria-label={text.nav.menu} onClick={openMenu}>
            <IconMenu2 size={20} />
          </ActionIcon>
        )}
        <Link to="/" className={classes.brand} aria-label={text.product}>
          <Logo />
          <span className={classes.brandName}>{text.product}</span>
        </Link>
        {boot.environment && <span className={classes.environment} data-name={boot.environment}>{boot.environment}</span>}
        <UnstyledButton className={classes.search} onClick={() => setPalette(true)} aria-label={text.nav.search}>
          <IconSearch size={16} />
          <span className={classes.searchWord}>{text.nav.search}</span>
          <Kbd size="xs" className={classes.searchKey}>Ctrl K</Kbd>
        </UnstyledButton>
        <LiveBadge />
        <UserMenu onHelp={() => setHelp(true)} />
      </header>
      {narrow ? (
        <Drawer opened={menu} onClose={closeMenu} size={240} title={text.product} closeButtonProps={{ "aria-label": text.close }}>
          <Places />
        </Drawer>
      ) : (
        <nav className={classes.nav} aria-label={text.nav.label}>
          <Places collapsed={navCollapsed} />
          {wide && <Tooltip label={navCollapsed ? text.nav.expand : text.nav.collapse} position="right">
            <ActionIcon
              className={classes.collapse}
              variant="subtle"
              color="gray"
              size={32}
              aria-label={navCollapsed ? text.nav.expand : text.nav.collapse}
              onClick={() => setPreference("navCollapsed", !navCollapsed)}
            >
              {navCollapsed ? <IconLayoutSidebarLeftExpand size={18} /> : <IconLayoutSidebarLeftCollapse size={18} />}
            </ActionIcon>
          </Tooltip>}
        </nav>
      )}
      <main id="main" className={classes.main} tabIndex={-1}>
        <Outlet />
      </main>
      <Notifications position="bottom-right" limit={3} autoClose={6000} containerWidth={380} />
      <AskHost />
      <Suspense>
        {palette && <Palette onClose={() => setPalette(false)} />}
        {help && <ShortcutHelp onClose={() => setHelp(false)} />}
        {ended && <SignInAgain onDone={() => setEnded(false)} />}
      </Suspense>
    </div>
  );
}

function Places({ collapsed = false }: { collapsed?: boolean }) {
  const { data } = useQuery(statisticsQuery(24));
  const path = useRouterState({ select: (state) => state.location.pathname });
  // Queues are shown beside the workers.
  const isHere = (to: string) => to === "/workers" && path.startsWith("/queues/");
  const running = data?.running_jobs ?? 0;
  return (
    <ul className={classes.places}>
      {places.map(({ to, label, icon: Icon }) => (
        <li key={to}>
          <Tooltip label={label} position="right" disabled={!collapsed}>
            <Link to={to} className={classes.place} {...(isHere(to) && { "data-status": "active" })} activeOptions={{ exact: to === "/", includeSearch: false }} aria-label={collapsed ? label : undefined}>
              <Icon size={18} stroke={1.6} />
              {!collapsed && <span>{label}</span>}
              {!collapsed && to === "/jobs" && data && <span className={classes.count}>{number(data.total_jobs)}</span>}
              {!collapsed && to === "/runs" && running > 0 && <span className={classes.count} data-running>▶ {number(running)}</span>}
            </Link>
          </Tooltip>
        </li>
      ))}
    </ul>
  );
}

function Logo() {
  return (
    <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#3860bd" />
      <circle cx="16" cy="16" r="9" fill="none" stroke="#fff" strokeWidth="2.5" />
      <path d="M16 10.5V16l3.8 2.6" fill="none" stroke="#fff" strokeWidth="2.5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
