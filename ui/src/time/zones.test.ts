import { expect, it } from "vitest";
import { nameOfZone, zonesFrom } from "./zones";

it("zones have the names of today, each once, the nearest first", () => {
  const zones = zonesFrom("America/New_York", "Europe/Berlin");
  expect(zones.slice(0, 3)).toEqual(["America/New_York", "Europe/Berlin", "UTC"]);
  expect(new Set(zones).size).toBe(zones.length);
  for (const name of ["Asia/Kolkata", "Asia/Kathmandu", "Europe/Kyiv", "America/Argentina/Buenos_Aires"]) expect(zones).toContain(name);
  expect(zones).not.toContain("Asia/Calcutta");
  expect(nameOfZone("Asia/Calcutta")).toBe("Asia/Kolkata");
});

it("a zone that the browser does not know stays where a job has it", () => {
  expect(zonesFrom("Mars/Olympus", "UTC")[0]).toBe("Mars/Olympus");
});
