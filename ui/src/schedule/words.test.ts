import { describe, expect, it } from "vitest";
import { boxAt, boxNamed, boxesOf, intervalText, isInterval, joinWords, onceText, readInterval, readOnce, restBehind, splitWords, withBox } from "./words";

describe("a command line", () => {
  it("splits at blanks, and quotes keep them", () => {
    expect(splitWords(`/bin/echo 'a b' "c \\"d\\"" e\\ f`)).toEqual({ words: ["/bin/echo", "a b", 'c "d"', "e f"] });
    expect(splitWords("''")).toEqual({ words: [""] });
  });

  it("knows no shell", () => {
    expect(splitWords("echo $HOME | cat > x")).toEqual({ words: ["echo", "$HOME", "|", "cat", ">", "x"] });
  });

  it("with an open quote is not done", () => {
    expect(splitWords("echo 'half")).toEqual({ openQuote: "'" });
  });

  it("that is joined splits into the same words again", () => {
    for (const words of [["a", "b c", "it's", "", '"', "--x=1", "ü"], ["\\", "$(id)"]])
      expect(splitWords(joinWords(words))).toEqual({ words });
  });
});

describe("the five boxes", () => {
  it("hold the fields of a cron text and nothing else", () => {
    expect(boxesOf(" 0  9 * * 1-5 ")).toEqual(["0", "9", "*", "*", "1-5"]);
    expect(boxesOf("@daily")).toBeNull();
    expect(boxesOf("every 5 minutes")).toBeNull();
    expect(boxesOf("every weekday at 9:30 and 17:00")).toBeNull();
    expect(boxesOf("H H(0-7) * * *")).toEqual(["H", "H(0-7)", "*", "*", "*"]);
  });

  it("are six where seconds stand in front", () => {
    expect(boxesOf("*/10 0 9 * * 1-5")).toEqual(["*/10", "0", "9", "*", "*", "1-5"]);
    expect(boxAt("*/10 0 9 * * 1-5", 5)).toBe(1);
    expect(["second", "minute", "day-of-week"].map((name) => boxNamed(name, 6))).toEqual([0, 1, 5]);
  });

  it("change one field; an empty box is a star", () => {
    expect(withBox(["0", "9", "*", "*", "*"], 1, "10")).toBe("0 10 * * *");
    expect(withBox(["0", "9", "*", "*", "*"], 1, " ")).toBe("0 * * * *");
  });

  it("follow the caret, and the server's names", () => {
    expect([0, 1, 2, 5].map((caret) => boxAt("0 9 * * 1-5", caret))).toEqual([0, 0, 1, 2]);
    expect(["minute", "hour", "day-of-month", "month", "day-of-week", undefined].map((name) => boxNamed(name))).toEqual([0, 1, 2, 3, 4, -1]);
  });
});

describe("an interval", () => {
  it("is read with and without every, and written as the engine takes it", () => {
    expect(readInterval("every 5 minutes")).toEqual({ n: 5, unit: "minutes" });
    expect(readInterval("5 minutes")).toEqual({ n: 5, unit: "minutes" });
    expect(readInterval("every 1h30m")).toBeNull();
    expect(intervalText({ n: 1, unit: "hours" })).toBe("every 1 hour");
    expect(["every 1h30m", "@every 90m", "5 minutes", "every day at 9", "0 9 * * *"].map(isInterval)).toEqual([true, true, true, false, false]);
  });
});

it("one instant is written by the wall clock, and one with an offset is left as it is", () => {
  expect(readOnce(onceText("2027-01-31T09:00"))).toBe("2027-01-31T09:00");
  expect(readOnce("at 2027-01-31T09:00+02:00")).toBeNull();
  expect(onceText("")).toBe("");
});

it("what stands behind the schedule in a line of a crontab is kept as it was typed", () => {
  expect(restBehind("15 3 * * 1-5", "15  3 * * 1-5   /usr/bin/x  --a 'b  c'\n")).toBe("/usr/bin/x  --a 'b  c'");
  expect(restBehind("@daily", "@daily /usr/bin/x")).toBe("/usr/bin/x");
  expect(restBehind("0 9 * * *", "TZ=UTC 0 9 * * *")).toBe("");
  expect(restBehind("0 9 * * *", "0 9 * * *")).toBe("");
});
