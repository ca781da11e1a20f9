"""Compares three accounts of the same time: the slots that were due (worked out here, not by the program), the ledger that the
program shows, and the lines that the jobs themselves wrote. Each difference is a sentence."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

STARTED = {"success", "failed", "timed_out"}  # ends that only a process can give


def instant(text):
    return datetime.fromisoformat(text)


def due(period, created, ended):
    """The slots of `every <period> seconds` in (created, ended]: whole seconds counted from the midnight before its creation."""
    anchor = created.astimezone(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    steps = (created - anchor) // timedelta(seconds=period) + 1
    slot, slots = anchor + steps * timedelta(seconds=period), set()
    while slot <= ended:
        slots.add(slot)
        slot += timedelta(seconds=period)
    return slots


@dataclass(frozen=True)
class Line:
    """What a run wrote of itself when it started: fsynced, in a file opened for appending."""

    run: str
    slot: str  # empty when asked for by hand
    started: float  # seconds since the epoch

    @staticmethod
    def of(text):
        run, slot, nanoseconds = text.split(" ")
        return Line(run, slot, int(nanoseconds) / 1e9)


def judge_slots(name, expected, logs):
    """Every slot has exactly one row, and there is no row for anything else (I-01, I-02)."""
    accounted = Counter()
    for log in logs:
        if "slot_count" in log:
            first, last = instant(log["scheduled_for"]), instant(log["scheduled_until"])
            covered = [slot for slot in expected if first <= slot <= last]
            accounted.update(covered)
            if len(covered) != log["slot_count"]:
                yield f"{name}: the range {log['id']} says {log['slot_count']} slots and covers {len(covered)}"
        elif log["scheduled_for"]:
            accounted[instant(log["scheduled_for"])] += 1
    yield from (f"{name}: slot {slot} is lost" for slot in sorted(expected - set(accounted)))
    yield from (
        f"{name}: slot {slot} is in the ledger {count} times" for slot, count in sorted(accounted.items()) if count > 1
    )
    yield from (f"{name}: slot {slot} was not due" for slot in sorted(set(accounted) - expected))


def judge_lines(name, logs, lines):
    """Each run started at most once and is in the ledger; what ended by itself did start; nothing was early (I-02, I-03, I-10)."""
    runs = {log["id"]: log for log in logs if "slot_count" not in log}
    starts = Counter(line.run for line in lines)
    yield from (f"{name}: run {run} started {count} times" for run, count in starts.items() if count > 1)
    slots = Counter(line.slot for line in lines if line.slot)
    yield from (f"{name}: slot {slot} was run {count} times" for slot, count in slots.items() if count > 1)
    for line in lines:
        run = runs.get(line.run)
        if run is None:
            yield f"{name}: run {line.run} started and is not in the ledger"
        elif (run["scheduled_for"] or "") != line.slot:
            yield f"{name}: run {line.run} was told {line.slot!r} and the ledger has {run['scheduled_for']!r}"
        elif run["status"] in ("skipped", "missed", "pending"):
            yield f"{name}: run {line.run} started and is {run['status']}"
        if line.slot and line.started < instant(line.slot).timestamp():
            yield f"{name}: slot {line.slot} started early"
    for run in runs.values():
        if run["status"] in STARTED and not starts[run["id"]] and run["reason"] != "spawn_error":
            yield f"{name}: run {run['id']} is {run['status']} and never started"


def judge_ends(name, logs):
    """Once all is quiet every run is final, and what did not run or was lost names why (I-18, I-19)."""
    for log in logs:
        if log["status"] in ("pending", "queued", "running", "retrying"):
            yield f"{name}: run {log['id']} is still {log['status']}"
        if log["status"] in ("lost", "missed", "skipped") and not log["reason"]:
            yield f"{name}: {log['id']} is {log['status']} without a reason"
