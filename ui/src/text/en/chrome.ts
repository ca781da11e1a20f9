// What stands around the pages: the bar, the menu, shortcuts, the palette, and what is said when a page cannot be shown.
export const nav = {
  label: "Pages",
  dashboard: "Dashboard",
  jobs: "Jobs",
  runs: "Runs",
  workers: "Workers",
  collapse: "Collapse the menu",
  expand: "Expand the menu",
  menu: "Menu",
  skip: "Skip to content",
  search: "Search or jump to…",
};

export const line = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  polling: "Polling",
  paused: "Paused",
  offline: "Offline",
  pause: "Pause live updates",
  resume: "Resume live updates",
  from: "data from",
  hint: {
    connecting: "Opening the stream of changes",
    live: "Changes show as they happen",
    reconnecting: "The connection broke; trying again. What you see may be old",
    polling: "No stream of changes here; asking every 5 seconds",
    paused: "Nothing changes until you resume",
    offline: "This browser is offline. What you see may be old",
  },
};

export const user = {
  menu: "User menu",
  theme: "Theme",
  light: "Light",
  dark: "Dark",
  auto: "As the system",
  shortcuts: "Keyboard shortcuts",
  singleKeys: "Single-key shortcuts",
  signOut: "Sign out",
  changePassword: "Change password",
  time: "Times",
  relative: "Relative times",
  browserZone: (zone: string) => `This browser (${zone})`,
};

export const shortcuts = {
  title: "Keyboard shortcuts",
  groups: {
    anywhere: "Anywhere",
    lists: "In lists",
    job: "On a job",
    output: "In output",
  },
  keys: {
    "/": "Search on this page",
    "Ctrl K": "Search or jump to",
    "?": "This help",
    Esc: "Close, clear, or leave a field",
    "g d": "Dashboard",
    "g j": "Jobs",
    "g r": "Runs",
    "g w": "Workers",
    n: "New job",
    l: "Live updates on or off",
    ".": "Next theme",
    "j k": "Next, previous row",
    Enter: "Open the row",
    r: "Run now",
    p: "Activate or deactivate",
    e: "Edit",
    f: "Follow on or off",
  } as Record<string, string>,
  off: "Single keys are switched off in the user menu; Ctrl K still works.",
};

export const palette = {
  title: "Search or jump to",
  placeholder: "Job name, page or action",
  none: "Nothing found",
};

export const problem = {
  title: "This cannot be shown",
  forbidden: "You may not do this",
  offline: "The server cannot be reached",
  stale: "The newest state cannot be fetched; this is what was known before.",
  routeTitle: "No such page",
  routeText: "The address may be old or mistyped.",
  home: "To the dashboard",
  reload: "Reload",
  crashTitle: "This page broke",
  crashText: "That is our fault, not yours. Reloading helps most often.",
};
