import { expect, test } from "vitest";
import { words } from "./words";

// views_test.cpp says the same of the API's `status_display`.
test("a status shows as its own word, as in the API", () => {
  const statuses = ["pending", "queued", "running", "retrying", "success", "failed", "timed_out", "cancelled", "lost", "skipped", "missed"] as const;
  for (const status of statuses) {
    expect(words.status[status]).toBe(status.charAt(0).toUpperCase() + status.slice(1).replaceAll("_", " "));
  }
  expect(words.status.cancelling).toBe("Cancelling");
});
