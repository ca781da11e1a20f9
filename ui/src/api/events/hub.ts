// The event stream of this browser, whichever tab holds it: what came, and how well the line is.
import { boot } from "../../app/boot";
import { address } from "../client";
import { electByLease, electByLock, type Election } from "./leader";
import { read, StreamRefused, type ServerEvent } from "./sse";

export type LineState = "connecting" | "live" | "reconnecting" | "polling" | "paused" | "offline";

// Beside the server's own events there is "resync": something may have been missed, ask again.
export interface LiveEvent {
  event: string;
  data: unknown;
}

type Message = { kind: "event"; event: LiveEvent } | { kind: "state"; state: LineState } | { kind: "ask" };

const backoff = [500, 1000, 2000, 5000, 10_000];
const pollEvery = 5000;

export class Hub {
  state: LineState = "connecting";
  // When the state last changed, or when data last came while live; milliseconds.
  since = Date.now();

  private readonly listeners = new Set<(event: LiveEvent) => void>();
  private readonly watchers = new Set<() => void>();
  private channel: BroadcastChannel | undefined;
  private election: Election | undefined;
  private stream: AbortController | undefined;
  private poll: ReturnType<typeof setInterval> | undefined;
  private lastId = "";
  private leading = false;

  start(): void {
    if (this.election || this.poll) return;
    const name = `cjv-events ${boot.prefix}`;
    try {
      this.channel = new BroadcastChannel(name);
      this.channel.addEventListener("message", ({ data }: MessageEvent<Message>) => this.hear(data));
      const lead = () => this.lead();
      this.election = "locks" in navigator ? electByLock(name, lead) : electByLease(name, lead, () => this.follow());
      this.tell({ kind: "ask" });
    } catch {
      // No channel or no storage: this tab can neither share nor know of others.
      this.startPolling();
    }
  }

  stop(): void {
    this.election?.stop();
    this.election = undefined;
    this.follow();
    this.channel?.close();
    this.channel = undefined;
    clearInterval(this.poll);
    this.poll = undefined;
  }

  pause(): void {
    this.stop();
    this.setState("paused");
  }

  resume(): void {
    this.setState("connecting");
    this.start();
    this.emit({ event: "resync", data: null });
  }

  subscribe(listener: (event: LiveEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  private tell(message: Message): void {
    this.channel?.postMessage(message);
  }

  private hear(message: Message): void {
    if (message.kind === "event") this.emit(message.event);
    else if (message.kind === "state" && !this.leading) this.setState(message.state);
    else if (message.kind === "ask" && this.leading) this.tell({ kind: "state", state: this.state });
  }

  private lead(): void {
    this.leading = true;
    const stream = new AbortController();
    this.stream = stream;
    void this.hold(stream.signal);
  }

  private follow(): void {
    this.leading = false;
    this.stream?.abort();
    this.stream = undefined;
  }

  // Keeps a stream open until `signal` is aborted.
  private async hold(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await read(
          address("/api/events/"),
          { onEvent: (event) => this.take(event) },
          {
            lastId: this.lastId,
            signal,
            onOpen: () => {
              failures = 0;
              this.share("live");
            },
          },
        );
      } catch (error) {
        // Nobody is signed in, or the session ended: whoever asks for data meets the same refusal and tells.
        if (error instanceof StreamRefused && error.status !== 401) failures = Math.max(failures, 2);
      }
      if (signal.aborted) return;
      this.share(navigator.onLine ? "reconnecting" : "offline");
      await pause(backoff[Math.min(failures, backoff.length - 1)] ?? 10_000, signal);
      failures += 1;
    }
  }

  private take({ id, event, data }: ServerEvent): void {
    if (id) this.lastId = id;
    let value: unknown = null;
    try {
      value = JSON.parse(data);
    } catch {
      // An event without a JSON body says all by its name.
    }
    const told: LiveEvent = event === "reset" || event === "dropped" ? { event: "resync", data: value } : { event, data: value };
    this.emit(told);
    this.tell({ kind: "event", event: told });
  }

  private share(state: LineState): void {
    this.setState(state);
    this.tell({ kind: "state", state });
  }

  private startPolling(): void {
    this.setState("polling");
    this.poll = setInterval(() => {
      if (document.visibilityState === "visible") this.emit({ event: "resync", data: null });
    }, pollEvery);
  }

  private emit(event: LiveEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  private setState(state: LineState): void {
    if (state === this.state) return;
    this.state = state;
    this.since = Date.now();
    for (const watcher of this.watchers) watcher();
  }
}

const pause = (milliseconds: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

export const hub = new Hub();
