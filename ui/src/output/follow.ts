// The output of one run, while it is printed and after: a stream that resumes where it broke.
import { useEffect, useRef, useState } from "react";
import { asProblem, Problem } from "../api/problem";
import type { Chunk } from "../api/schema";
import { outputAddress } from "../api/runs";
import { read, StreamRefused, type ServerEvent } from "../api/events/sse";
import { text } from "../text/en";
import { serverNow } from "../time/clock";
import { OutputLog } from "./log";

export type FollowState = "opening" | "reading" | "broken" | "ended" | "failed";

export interface Followed {
  log: OutputLog;
  // Goes up whenever the log changed.
  revision: number;
  state: FollowState;
  problem: Problem | null;
}

const again = 1500;

export const bytes = (n: number): string =>
  n < 1000 ? `${n} B` : n < 1_000_000 ? `${(n / 1000).toFixed(1)} kB` : n < 1_000_000_000 ? `${(n / 1_000_000).toFixed(1)} MB` : `${(n / 1_000_000_000).toFixed(2)} GB`;

// Reads until the server says "end". Changes are told at most once a frame, however fast they come.
export function useOutput(id: string, onEnd: () => void): Followed {
  const [, setRevision] = useState(0);
  const held = useRef<Followed>({ log: new OutputLog(), revision: 0, state: "opening", problem: null });
  const ended = useRef(onEnd);
  ended.current = onEnd;

  useEffect(() => {
    const current: Followed = { log: new OutputLog(), revision: 0, state: "opening", problem: null };
    held.current = current;
    const stop = new AbortController();
    let frame = 0;
    let lastId = "";
    let done = false;

    const tell = () => {
      current.revision += 1;
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        setRevision((n) => n + 1);
      });
    };
    const become = (state: FollowState) => {
      if (current.state === state) return;
      current.state = state;
      tell();
    };
    const take = ({ id: eventId, event, data }: ServerEvent) => {
      if (eventId) lastId = eventId;
      const value = JSON.parse(data);
      if (event === "chunk") current.log.add(value as Chunk);
      else if (event === "cut") current.log.note(text.output.cut(bytes((value as { bytes: number }).bytes)), new Date(serverNow()).toISOString());
      else if (event === "end") {
        done = true;
        current.log.end();
        become("ended");
        ended.current();
      }
      tell();
    };

    void (async () => {
      while (!stop.signal.aborted && !done) {
        try {
          // One connection after the other is the point.
          // oxlint-disable-next-line no-await-in-loop
          await read(outputAddress(id, { follow: 1 }), { onEvent: take }, { lastId, signal: stop.signal, onOpen: () => become("reading") });
        } catch (error) {
          if (stop.signal.aborted) return;
          if (error instanceof StreamRefused && error.status >= 400 && error.status < 500) {
            current.problem = new Problem(error.message, { status: error.status });
            become("failed");
            return;
          }
          current.problem = asProblem(error);
        }
        if (done || stop.signal.aborted) return;
        become("broken");
        // oxlint-disable-next-line no-await-in-loop
        await new Promise((resolve) => setTimeout(resolve, again));
      }
    })();
    return () => {
      stop.abort();
      cancelAnimationFrame(frame);
    };
  }, [id]);

  return held.current;
}
