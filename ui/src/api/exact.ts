// JSON whose numbers come back digit for digit. A number that JavaScript would round or respell (9007199254740993,
// 1.0, 1e400) is kept as a marked text between readExact and writeExact; to everybody else it is an opaque value.

// Not to be guessed, so that no text of a job is taken for a number.
const mark = `exact-${crypto.getRandomValues(new Uint32Array(4)).join("-")}:`;
const textOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const marked = new RegExp(`"${mark}([^"]*)"`, "g");

// Throws a SyntaxError as JSON.parse does; its position counts in `json`.
export function readExact(json: string): unknown {
  const plain: unknown = JSON.parse(json);
  const respelled = (token: string) => !token.startsWith('"') && String(Number(token)) !== token;
  if (!json.match(textOrNumber)?.some(respelled)) return plain;
  return JSON.parse(json.replace(textOrNumber, (token) => (respelled(token) ? `"${mark}${token}"` : token)));
}

export const writeExact = (value: unknown, space?: number): string => JSON.stringify(value, null, space).replaceAll(marked, "$1");
