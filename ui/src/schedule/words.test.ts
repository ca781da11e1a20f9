import { describe, expect, it } from "vitest";
import { boxAt, boxNamed, boxesOf, intervalText, joinWords, readInterval, splitWords, withBox } from "./words";

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
  });

  it("change one field; an empty box is a star", () => {
    expect(withBox(["0", "9", "*", "*", "*"], 1, "10")).toBe("0 10 * * *");
    expect(withBox(["0", "9", "*", "*", "*"], 1, " ")).toBe("0 * * * *");
  });

  it("follow the caret, and the server's names", () => {
    expect([0, 1, 2, 5].map((caret) => boxAt("0 9 * * 1-5", caret))).toEqual([0, 0, 1, 2]);
    expect(["minute", "hour", "day-of-month", "month", "day-of-week", undefined].map(boxNamed)).toEqual([0, 1, 2, 3, 4, -1]);
  });
});

describe("an interval", () => {
  it("is read with and without every, and written as the engine takes it", () => {
    expect(readInterval("every 5 minutes")).toEqual({ n: 5, unit: "minutes" });
    expect(readInterval("5 minutes")).toEqual({ n: 5, unit: "minutes" });
    expect(readInterval("every 1h30m")).toBeNull();
    expect(intervalText({ n: 1, unit: "hours" })).toBe("every 1 hour");
  });
});
