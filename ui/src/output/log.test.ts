import { expect, it } from "vitest";
import { OutputLog, textOf } from "./log";

const at = "2026-11-25T04:00:00Z";
const chunk = (stream: "stdout" | "stderr", text: string) => ({ stream, offset: 0, at, text });

it("a half line of one stream is never glued to the other's", () => {
  const log = new OutputLog();
  log.add(chunk("stdout", "out begins"));
  log.add(chunk("stderr", "err\n"));
  log.add(chunk("stdout", ", out ends\n"));
  expect(log.lines.map((line) => `${line.stream}: ${textOf(line)}`)).toEqual(["stdout: out begins, out ends", "stderr: err"]);
});

it("a character that two chunks share is whole", () => {
  const log = new OutputLog();
  const [first, second] = [btoa("\xc3"), btoa("\xa4\n")];
  log.add({ stream: "stdout", offset: 0, at, base64: first });
  log.add({ stream: "stdout", offset: 1, at, base64: second });
  expect(textOf(log.lines[0]!)).toBe("ä");
});

it("a note of ours has no number and moves none", () => {
  const log = new OutputLog();
  log.add(chunk("stdout", "one\n"));
  log.note("1,000 bytes were cut", at);
  log.add(chunk("stdout", "two\n"));
  expect(log.lines.map((line) => [line.stream, line.number])).toEqual([["stdout", 1], ["note", 0], ["stdout", 2]]);
});

it("the oldest lines leave when there are too many, and are counted", () => {
  const log = new OutputLog();
  for (let i = 0; i < 21; i++) log.add(chunk("stdout", "x\n".repeat(10_000)));
  expect(log.lines.length).toBeLessThanOrEqual(200_000);
  expect(log.dropped + log.lines.length).toBe(210_000);
  expect(log.lines[0]?.number).toBe(log.dropped + 1);
});
