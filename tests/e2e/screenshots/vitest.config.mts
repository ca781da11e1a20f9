// How `make screenshots` runs: as the checks do, but only when it is asked for.
import { fileURLToPath } from "node:url";
import checks from "../vitest.config.mts";

export default {
  ...checks,
  test: {
    ...checks.test,
    include: [fileURLToPath(new URL("*.take.ts", import.meta.url))],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
};
