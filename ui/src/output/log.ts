// The output of a run as lines, from the chunks that the server sends. Each stream has a terminal of its own, so that
// a half line of one is never glued to the other; lines stand in the order in which they began. Holds a window: the
// oldest lines leave when there are too many, and are counted.
import type { Chunk } from "../api/schema";
import { Terminal, type Span } from "./terminal";

export interface Line {
  // Counted from 1 over the whole output, so that a line keeps its number when older ones leave.
  number: number;
  stream: "stdout" | "stderr" | "note";
  // When its last piece was printed; ISO 8601.
  at: string;
  spans: Span[];
}

export const mostLines = 200_000;
export const mostCharacters = 10_000_000;
// Leaving in blocks keeps the cost of each new line constant.
const block = 2_000;

interface Side {
  terminal: Terminal;
  decoder: TextDecoder;
  // The line that has begun and not ended.
  open: Line | null;
  at: string;
}

export class OutputLog {
  lines: Line[] = [];
  // How many lines left at the top.
  dropped = 0;
  private characters = 0;
  private count = 0;
  private readonly sides: Record<"stdout" | "stderr", Side>;

  constructor() {
    const side = (stream: "stdout" | "stderr"): Side => ({
      terminal: new Terminal((spans) => this.finish(stream, spans)),
      decoder: new TextDecoder(),
      open: null,
      at: "",
    });
    this.sides = { stdout: side("stdout"), stderr: side("stderr") };
  }

  add({ stream, at, text, base64 }: Chunk): void {
    const side = this.sides[stream];
    side.at = at;
    const bytes = base64 === undefined ? null : Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    // A text chunk ends whatever half character was waiting.
    side.terminal.write(bytes ? side.decoder.decode(bytes, { stream: true }) : side.decoder.decode() + (text ?? ""));
    this.showOpen(stream);
    this.trim();
  }

  // A line of our own, between those of the run.
  note(words: string, at: string): void {
    this.push({ number: 0, stream: "note", at, spans: [{ text: words, style: null }] });
  }

  // Nothing more will come.
  end(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const side = this.sides[stream];
      side.terminal.write(side.decoder.decode());
      side.terminal.end();
    }
  }

  private push(line: Line): Line {
    if (line.stream !== "note") line.number = ++this.count;
    this.lines.push(line);
    return line;
  }

  private finish(stream: "stdout" | "stderr", spans: Span[]): void {
    const side = this.sides[stream];
    if (side.open) {
      side.open.spans = spans;
      side.open.at = side.at;
      side.open = null;
    } else {
      this.push({ number: 0, stream, at: side.at, spans });
    }
    for (const span of spans) this.characters += span.text.length;
  }

  private showOpen(stream: "stdout" | "stderr"): void {
    const side = this.sides[stream];
    if (!side.terminal.hasOpenLine && !side.open) return;
    const spans = side.terminal.open();
    if (side.open) Object.assign(side.open, { spans, at: side.at });
    else side.open = this.push({ number: 0, stream, at: side.at, spans });
  }

  private trim(): void {
    if (this.lines.length <= mostLines && this.characters <= mostCharacters) return;
    const leaving = this.lines.splice(0, Math.min(block, this.lines.length - 1));
    for (const line of leaving) {
      if (line.stream !== "note") this.dropped += 1;
      for (const span of line.spans) this.characters -= span.text.length;
    }
    this.trim();
  }
}

export const textOf = (line: Line): string => line.spans.map((span) => span.text).join("");
