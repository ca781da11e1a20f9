import { describe, expect, test } from "vitest";
import { readExact, writeExact } from "./exact";

describe("exact JSON", () => {
  test.each([
    '{"id":9007199254740993}',
    "[1.0,-0.10,1e400,0,12,-7.25]",
    '["9007199254740993","a \\"1.0\\" b","\\\\",1.0]',
    '{"1.0":{"deep":[18446744073709551615]}}',
  ])("%s comes back digit for digit", (json) => {
    expect(writeExact(readExact(json))).toBe(json);
  });

  test("plain numbers stay numbers", () => {
    expect(readExact('{"n":12,"list":[0,-1.5]}')).toEqual({ n: 12, list: [0, -1.5] });
  });

  test("what is not JSON is refused where it is wrong", () => {
    expect(() => readExact('{"id": 9007199254740993,}')).toThrow(SyntaxError);
  });
});
