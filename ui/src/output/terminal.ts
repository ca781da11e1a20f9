// One line of a terminal's output as people would have seen it: colours kept, progress bars folded into their last
// state, everything else that moves the cursor dropped. Pure; text comes in pieces of any size.

export interface Style {
  // Index 0-15 of our palette, "#rrggbb", or nothing for the default.
  color?: number | string;
  background?: number | string;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
  strike?: boolean;
  inverse?: boolean;
}

export interface Span {
  text: string;
  style: Style | null;
}

const plain: Style | null = null;
// A longer sequence without an end is no sequence: it is dropped and reading goes on.
const longestSequence = 4096;
// Wider lines are cut into several: a line is drawn as a whole.
const widestLine = 8192;

// Takes text and calls `onLine` for each line that ended; `open()` is the line that has not ended yet.
export class Terminal {
  private cells: string[] = [];
  private styles: (Style | null)[] = [];
  private column = 0;
  private style: Style | null = plain;
  private sequence = "";
  private readonly onLine: (spans: Span[]) => void;

  constructor(onLine: (spans: Span[]) => void) {
    this.onLine = onLine;
  }

  write(text: string): void {
    let from = 0;
    // Plain text at the end of a line is most of what there is: take it in one step, up to the next control.
    // oxlint-disable-next-line no-control-regex
    const control = /[\u0000-\u001f\u007f-\u009f]/g;
    if (this.sequence) from = this.continueSequence(text, 0);
    while (from < text.length) {
      control.lastIndex = from;
      const found = control.exec(text);
      const until = found ? found.index : text.length;
      if (until > from) this.put(text.slice(from, until));
      if (!found) return;
      from = this.control(text, until);
    }
  }

  // Whether a line has begun and not ended.
  get hasOpenLine(): boolean {
    return this.cells.length > 0;
  }

  open(): Span[] {
    return spansOf(this.cells, this.styles);
  }

  // Ends the line that is open, if one is: nothing more will come.
  end(): void {
    this.sequence = "";
    if (this.hasOpenLine) this.endLine();
  }

  private put(text: string): void {
    for (const cell of text) {
      if (this.column >= widestLine) this.endLine();
      while (this.cells.length < this.column) {
        this.cells.push(" ");
        this.styles.push(plain);
      }
      this.cells[this.column] = cell;
      this.styles[this.column] = this.style;
      this.column += 1;
    }
  }

  private control(text: string, at: number): number {
    switch (text[at]) {
      case "\n":
        this.endLine();
        break;
      case "\r":
        this.column = 0;
        break;
      case "\b":
        this.column = Math.max(0, this.column - 1);
        break;
      case "\t":
        this.put(" ".repeat(8 - (this.column % 8)));
        break;
      case "\u001b":
      case "\u009b":
        this.sequence = text[at] === "\u009b" ? "\u001b[" : "\u001b";
        return this.continueSequence(text, at + 1);
      default:
      // Bells and the like have nothing to show.
    }
    return at + 1;
  }

  private endLine(): void {
    this.onLine(spansOf(this.cells, this.styles));
    this.cells = [];
    this.styles = [];
    this.column = 0;
  }

  // Reads on in an escape sequence; it may have begun in an earlier piece. Returns where plain text goes on.
  private continueSequence(text: string, from: number): number {
    let at = from;
    while (at < text.length) {
      const char = text[at] ?? "";
      // A line that ends within a sequence ends it too; so does a sequence that never ends.
      if ((char === "\n" && this.sequence[1] !== "]") || this.sequence.length > longestSequence) {
        this.sequence = "";
        return at;
      }
      this.sequence += char;
      at += 1;
      if (isWhole(this.sequence)) {
        const done = this.sequence;
        this.sequence = "";
        this.obey(done);
        return at;
      }
    }
    return at;
  }

  private obey(sequence: string): void {
    // oxlint-disable-next-line no-control-regex
    const found = /^\u001b\[([\d;:]*)([A-Za-z])$/.exec(sequence);
    if (!found) return;
    const numbers = (found[1] ?? "").replaceAll(":", ";").split(";").map((n) => (n === "" ? 0 : Number(n)));
    switch (found[2]) {
      case "m":
        this.style = styled(this.style, numbers);
        break;
      case "K":
        this.erase(numbers[0] ?? 0);
        break;
      case "G":
        // Only back to the first column: other moves would put text where nobody saw it.
        if ((numbers[0] || 1) === 1) this.column = 0;
        break;
      default:
    }
  }

  private erase(how: number): void {
    if (how === 0) {
      this.cells.length = Math.min(this.cells.length, this.column);
      this.styles.length = this.cells.length;
    } else if (how === 1) {
      for (let i = 0; i <= this.column && i < this.cells.length; i++) {
        this.cells[i] = " ";
        this.styles[i] = plain;
      }
    } else if (how === 2) {
      this.cells = [];
      this.styles = [];
    }
  }
}

function isWhole(sequence: string): boolean {
  const second = sequence[1];
  if (second === undefined) return false;
  const last = sequence.charCodeAt(sequence.length - 1);
  // Control sequences end with a letter or its like.
  if (second === "[") return sequence.length > 2 && last >= 0x40 && last <= 0x7e;
  // Strings (titles, links, device strings) end with BEL or ESC \.
  if ("]PX^_".includes(second)) return last === 7 || sequence.endsWith("\u001b\\");
  // Two-character sequences, with intermediate characters before the last.
  return last >= 0x30;
}

function spansOf(cells: string[], styles: (Style | null)[]): Span[] {
  const spans: Span[] = [];
  for (let from = 0; from < cells.length; ) {
    const style = styles[from] ?? plain;
    let to = from + 1;
    while (to < cells.length && (styles[to] ?? plain) === style) to += 1;
    spans.push({ text: cells.slice(from, to).join(""), style });
    from = to;
  }
  return spans;
}

const steps = [0, 95, 135, 175, 215, 255];
const hex = (n: number) => n.toString(16).padStart(2, "0");

// One of the 256 colours: ours for the first sixteen, else as text.
function indexed(n: number): number | string | undefined {
  if (!(n >= 0 && n <= 255)) return undefined;
  if (n < 16) return n;
  if (n >= 232) return `#${hex(8 + (n - 232) * 10).repeat(3)}`;
  const cube = n - 16;
  return `#${[Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((i) => hex(steps[i] ?? 0)).join("")}`;
}

// The style after the numbers of one SGR sequence; null for the default.
export function styled(before: Style | null, numbers: number[]): Style | null {
  let style: Style = { ...before };
  for (let i = 0; i < numbers.length; i++) {
    const n = numbers[i] ?? 0;
    if (n === 0) style = {};
    else if (n === 1) style.bold = true;
    else if (n === 2) style.dim = true;
    else if (n === 3) style.italic = true;
    else if (n === 4) style.underline = true;
    else if (n === 7) style.inverse = true;
    else if (n === 9) style.strike = true;
    else if (n === 22) style = { ...style, bold: undefined, dim: undefined };
    else if (n === 23) style.italic = undefined;
    else if (n === 24) style.underline = undefined;
    else if (n === 27) style.inverse = undefined;
    else if (n === 29) style.strike = undefined;
    else if (n >= 30 && n <= 37) style.color = n - 30;
    else if (n >= 40 && n <= 47) style.background = n - 40;
    else if (n >= 90 && n <= 97) style.color = n - 82;
    else if (n >= 100 && n <= 107) style.background = n - 92;
    else if (n === 39) style.color = undefined;
    else if (n === 49) style.background = undefined;
    else if (n === 38 || n === 48) {
      const key = n === 38 ? "color" : "background";
      if (numbers[i + 1] === 5) {
        style[key] = indexed(numbers[i + 2] ?? -1);
        i += 2;
      } else if (numbers[i + 1] === 2) {
        const rgb = numbers.slice(i + 2, i + 5);
        if (rgb.length === 3 && rgb.every((c) => c <= 255)) style[key] = `#${rgb.map(hex).join("")}`;
        i += 4;
      }
    }
  }
  return Object.values(style).some((value) => value !== undefined) ? style : null;
}
