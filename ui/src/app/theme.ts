// Mantine told of our palette. Colours of status live in tokens.css; nothing here is about status.
import {
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type MantineColorSchemeManager,
} from "@mantine/core";

const accent: MantineColorsTuple = [
  "#eef2fb", "#dbe4f6", "#b6c8ee", "#8faae5", "#7fa2f0",
  "#587cd2", "#4a6fc7", "#3860bd", "#2f51a1", "#264285",
];

// Index by index what Mantine takes them for: 0 text, 2 dimmed, 4 borders, 5 hover, 6 inputs, 7 surface.
const dark: MantineColorsTuple = [
  "#e6e9ed", "#c9cfd6", "#a4acb7", "#8a929d", "#333a43",
  "#2a3038", "#16191d", "#1e2228", "#14171b", "#0f1114",
];

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: 7,
  colors: { accent, dark },
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "15px", xl: "20px" },
  lineHeights: { xs: "1.34", sm: "1.39", md: "1.43", lg: "1.47", xl: "1.4" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "3px", sm: "4px", md: "4px", lg: "6px", xl: "6px" },
  defaultRadius: "sm",
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "20px", lineHeight: "28px" },
      h2: { fontSize: "15px", lineHeight: "22px" },
      h3: { fontSize: "14px", lineHeight: "20px" },
    },
  },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm" } },
    Tooltip: { defaultProps: { openDelay: 350, withinPortal: true, events: { hover: true, focus: true, touch: false } } },
    Modal: { defaultProps: { withCloseButton: false, centered: true, transitionProps: { duration: 120 } } },
    // The placeholder that Mantine gives the first focus is no child that a menu may have.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false, shadow: "md", position: "bottom-end", transitionProps: { duration: 120 } } },
  },
});

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#5b6472",
    "--mantine-color-placeholder": "#68717e",
    "--mantine-color-error": "var(--cjv-failed)",
    "--mantine-color-anchor": "#3860bd",
    "--mantine-color-text": "#1c2127",
    "--mantine-color-default-border": "#d9dde2",
  },
  dark: {
    "--mantine-color-dimmed": "#a4acb7",
    "--mantine-color-placeholder": "#8f97a2",
    "--mantine-color-error": "var(--cjv-failed)",
    "--mantine-color-anchor": "#7fa2f0",
    "--mantine-color-default-border": "#333a43",
  },
});

// The same key that first-paint.js reads before the first paint.
const key = "cjv-theme";

export const themeChoice: MantineColorSchemeManager = (() => {
  let listener: ((event: StorageEvent) => void) | undefined;
  return {
    get: (fallback) => {
      try {
        const stored = localStorage.getItem(key);
        return stored === "dark" || stored === "light" || stored === "auto" ? stored : fallback;
      } catch {
        return fallback;
      }
    },
    set: (value) => {
      try {
        localStorage.setItem(key, value);
      } catch {
        // Storage is switched off: the choice lasts as long as the page.
      }
    },
    subscribe: (update) => {
      listener = (event) => {
        const value = event.newValue;
        if (event.key === key && (value === "dark" || value === "light" || value === "auto")) update(value);
      };
      addEventListener("storage", listener);
    },
    unsubscribe: () => {
      if (listener) removeEventListener("storage", listener);
    },
    clear: () => localStorage.removeItem(key),
  };
})();
