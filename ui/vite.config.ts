// How the browser side is built: one relative build that works below any prefix, nothing inlined, because the
// content security policy allows no inline script and the server serves hashed files as immutable.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// The theme must be known before the first paint, and a module script runs after it. So this one small file
// stays a classic script: hashed like the rest, named in index.html in place of its marker.
function themeScript(): Plugin {
  const source = readFileSync(new URL("src/app/first-paint.js", import.meta.url), "utf8");
  const digest = createHash("sha256").update(source).digest("base64url").slice(0, 8);
  const fileName = `assets/first-paint-${digest}.js`;
  return {
    name: "theme-script",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName, source });
    },
    transformIndexHtml: {
      order: "post",
      handler: (html) => html.replace("__CJV_THEME_SCRIPT__", `./${fileName}`),
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [react(), themeScript()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
  },
});
