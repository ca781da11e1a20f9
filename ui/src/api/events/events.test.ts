import { expect, it } from "vitest";
import { type LeaseStore, dropLease, takeLease } from "./leader";
import { type ServerEvent, parser } from "./sse";

const read = (...pieces: string[]) => {
  const events: ServerEvent[] = [];
  let heartbeats = 0;
  const feed = parser({ onEvent: (event) => events.push(event), onHeartbeat: () => heartbeats++ });
  for (const piece of pieces) feed(piece);
  return { events, heartbeats };
};

it("events are whole however the stream is cut", () => {
  const stream = 'event: run\nid: 1-7\ndata: {"a":1}\n\n: still here\n\ndata: x\r\ndata: y\r\n\r\n';
  const whole = read(stream);
  expect(whole.events).toEqual([
    { id: "1-7", event: "run", data: '{"a":1}' },
    { id: "1-7", event: "message", data: "x\ny" },
  ]);
  expect(whole.heartbeats).toBe(1);
  for (let cut = 0; cut <= stream.length; cut++) expect(read(stream.slice(0, cut), stream.slice(cut))).toEqual(whole);
});

const memory = (): LeaseStore => {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
};

it("one tab at a time holds the lease, and another takes over when it is not renewed", () => {
  const store = memory();
  expect(takeLease(store, "lead", "a", 0)).toBe(true);
  expect(takeLease(store, "lead", "b", 1_000)).toBe(false);
  expect(takeLease(store, "lead", "a", 5_000)).toBe(true);
  expect(takeLease(store, "lead", "b", 16_000)).toBe(false);
  expect(takeLease(store, "lead", "b", 17_001)).toBe(true);
  expect(takeLease(store, "lead", "a", 17_002)).toBe(false);
});

it("a tab that closes gives the lease back", () => {
  const store = memory();
  takeLease(store, "lead", "a", 0);
  dropLease(store, "lead", "b");
  expect(takeLease(store, "lead", "b", 1)).toBe(false);
  dropLease(store, "lead", "a");
  expect(takeLease(store, "lead", "b", 2)).toBe(true);
});
