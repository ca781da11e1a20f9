import { describe, expect, it } from "vitest";
import { type Span, Terminal, styled } from "./terminal";

const lines = (...pieces: string[]): Span[][] => {
  const found: Span[][] = [];
  const terminal = new Terminal((spans) => found.push(spans));
  for (const piece of pieces) terminal.write(piece);
  terminal.end();
  return found;
};
const texts = (...pieces: string[]) => lines(...pieces).map((spans) => spans.map((span) => span.text).join(""));

describe("a terminal's line", () => {
  it("is the same however the text is cut into pieces", () => {
    const whole = "one \u001b[31mred\u001b[0m\ntwo\n";
    for (let cut = 0; cut <= whole.length; cut++) expect(lines(whole.slice(0, cut), whole.slice(cut))).toEqual(lines(whole));
  });

  it("folds a progress bar into its last state", () => {
    expect(texts("10 %\r50 %\r100 %\n")).toEqual(["100 %"]);
    expect(texts("a long beginning\rshort\u001b[K\n")).toEqual(["short"]);
    expect(texts("first\u001b[1Gsecond\n")).toEqual(["second"]);
  });

  it("drops titles, links and moves that are none of a line's", () => {
    expect(texts("\u001b]0;a title\u0007text\n")).toEqual(["text"]);
    expect(texts("\u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\\n")).toEqual(["link"]);
    expect(texts("up\u001b[3A and on\n")).toEqual(["up and on"]);
  });

  it("keeps colours, bold and their ends", () => {
    expect(lines("\u001b[1;32mok\u001b[0m done\n")[0]).toEqual([
      { text: "ok", style: { bold: true, color: 2 } },
      { text: " done", style: null },
    ]);
  });

  it("shows markup as the text it is", () => {
    expect(texts("<img src=x onerror=alert(1)>\n")).toEqual(["<img src=x onerror=alert(1)>"]);
  });
});

describe("a style", () => {
  it("knows the 256 colours and true colour", () => {
    expect(styled(null, [38, 5, 196])).toEqual({ color: "#ff0000" });
    expect(styled(null, [48, 2, 1, 2, 3])).toEqual({ background: "#010203" });
    expect(styled({ color: 1 }, [39])).toBeNull();
  });
});
