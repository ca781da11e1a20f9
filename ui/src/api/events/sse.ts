// Reads text/event-stream. Unlike the browser's EventSource it shows comments (the heartbeat), takes the id to
// resume from as an argument, and tells why a connection was refused.

export interface ServerEvent {
  id: string;
  event: string;
  data: string;
}

export interface Listener {
  onEvent: (event: ServerEvent) => void;
  // A comment line came: the connection lives.
  onHeartbeat?: () => void;
}

// Feed it text in any pieces; it calls back once for each whole event. Lines end with LF, CR LF or CR.
export function parser({ onEvent, onHeartbeat }: Listener): (text: string) => void {
  let rest = "";
  let id = "";
  let event = "";
  let data: string[] = [];

  function line(text: string): void {
    if (text === "") {
      if (data.length > 0) onEvent({ id, event: event || "message", data: data.join("\n") });
      event = "";
      data = [];
      return;
    }
    if (text.startsWith(":")) {
      onHeartbeat?.();
      return;
    }
    const colon = text.indexOf(":");
    const name = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (name === "data") data.push(value);
    else if (name === "event") event = value;
    else if (name === "id" && !value.includes("\0")) id = value;
  }

  return (text) => {
    rest += text;
    const ends = /\r\n|\n|\r/g;
    let from = 0;
    for (let end = ends.exec(rest); end; end = ends.exec(rest)) {
      // A CR at the very end may be the first half of CR LF: wait for what follows.
      if (end[0] === "\r" && end.index + 1 === rest.length) break;
      line(rest.slice(from, end.index));
      from = ends.lastIndex;
    }
    rest = rest.slice(from);
  };
}

// Opens the stream and reads it to its end. Resolves when the server closed it; rejects when the connection broke,
// when nothing at all came for `silence` milliseconds, or when `signal` was aborted.
export async function read(
  url: string,
  listener: Listener,
  { lastId, signal, silence = 35_000, onOpen }: { lastId?: string; signal: AbortSignal; silence?: number; onOpen?: () => void },
): Promise<void> {
  const quiet = new AbortController();
  let timer = setTimeout(() => quiet.abort(), silence);
  const headers = new Headers({ Accept: "text/event-stream" });
  if (lastId) headers.set("Last-Event-ID", lastId);
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.any([signal, quiet.signal]), cache: "no-store" });
    if (!response.ok || !response.body) throw new StreamRefused(response.status);
    onOpen?.();
    const feed = parser(listener);
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => quiet.abort(), silence);
      feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(timer);
  }
}

export class StreamRefused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`The stream was refused with ${status}`);
    this.status = status;
  }
}
