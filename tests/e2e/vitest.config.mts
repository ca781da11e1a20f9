// How the checks in Chromium run: from ui/, whose packages they use (tools/run_tests, make test).
import { fileURLToPath } from "node:url";
import type { ViteUserConfig } from "vitest/config"; // types alone: this folder has no packages

const config: ViteUserConfig = {
  root: fileURLToPath(new URL("../../ui", import.meta.url)),
  // The specs live outside ui/: without this Node would look for their packages beside them.
  resolve: { dedupe: ["playwright-core", "axe-core", "vitest"] },
  server: { fs: { strict: false } },
  test: {
    include: [fileURLToPath(new URL("**/*.spec.ts", import.meta.url))],
    // One browser at a time: two would fight for the cores and make every time-out a guess.
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
};

export default config;
