#!/usr/bin/env python3
"""How late ten jobs start that are due every second, beside a bare timer at the same time; and, right after it,
how late ten processes start that a bare program starts, which is what the machine itself needs. Once with a program
that ends at once and has no library, so that what is measured is how a start comes about, and once with /bin/true,
ten of which also want the processors to be linked.

usage: bench/lateness.py [SECONDS] [PROGRAM …]      (60: 600 samples of each; both)
"""

import datetime
import json
import os
import subprocess
import sys
import time

from server import BENCH, Server, quantile

TIMER = BENCH / "timer_floor"
SPAWN = BENCH / "spawn_floor"
TOUCH = BENCH / "touch_floor"
PROGRAMS = [str(BENCH / "nothing"), "/bin/true"]


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def durable_writes(folder, count=200):
    """How long this disk takes for one small write that is to last, in milliseconds each: a start needs two."""
    times = []
    file = os.open(os.path.join(folder, "floor"), os.O_CREAT | os.O_WRONLY, 0o600)
    for _ in range(count):
        os.write(file, b"x" * 4096)
        before = time.perf_counter()
        os.fdatasync(file)
        times.append(1000 * (time.perf_counter() - before))
        time.sleep(0.005)
    os.close(file)
    return times


def measure(program, seconds):
    server = Server()
    jobs = server.create([{"name": f"job {n}", "kind": "command", "target": {"argv": [program]},
                           "schedule": "every 1 second", "overlap": "allow"} for n in range(10)])
    began, cpu = time.time(), server.precise_cpu()
    timer = subprocess.run([TIMER, str(seconds)], capture_output=True, text=True, check=True)
    ended, cpu = time.time(), server.precise_cpu() - cpu
    for job in jobs:
        server.ask("POST", f"/api/cron-jobs/{job['id']}/update_status/", {"is_active": False})

    ours = {job["id"] for job in jobs}
    while any(job["running_count"] for job in server.ask("GET", "/api/cron-jobs/?page_size=100")["results"]):
        time.sleep(0.1)
    time.sleep(1)  # what was told last is written a tenth of a second later

    late, slots = [], set()
    path = "/api/cron-job-logs/?cursor=&page_size=100&trigger=schedule"
    while path:
        page = server.ask("GET", path)
        for run in page["results"]:
            if run["job"] not in ours or run["scheduled_for"] is None or "slot_count" in run:
                continue
            slot = instant(run["scheduled_for"])
            if not began <= slot <= ended:
                continue
            slots.add((run["job"], slot))
            if run["run_started_at"]:
                late.append(1000 * (instant(run["run_started_at"]) - slot))
        path = page["next"] and page["next"][page["next"].index("/api/"):]
    spawned = subprocess.run([SPAWN, str(seconds), program], capture_output=True, text=True, check=True)
    writes = durable_writes(server.folder)
    server.remove()

    expected = 10 * (int(ended) - int(began))
    floor, bare = json.loads(timer.stdout), json.loads(spawned.stdout)
    print(f"{program}: {len(late)} of {expected} slots started; lost {expected - len(slots)}")
    print(f"{'ms':>14} {'p50':>8} {'p99':>8} {'max':>8}")
    for name, values in (("start", late), ("bare timer", floor), ("bare starts", bare), ("one fdatasync", writes)):
        print(f"{name:>14} {quantile(values, .5):8.2f} {quantile(values, .99):8.2f} {max(values):8.2f}")
    print(f"p99 over the timer's: {quantile(late, .99) - quantile(floor, .99):.2f} ms (bar: 5); "
          f"over the bare starts': {quantile(late, .99) - quantile(bare, .99):.2f} ms")
    print(f"CPU of the server: {1e6 * cpu / max(1, len(late)):.0f} us a run, children left out")


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    for program in sys.argv[2:] or PROGRAMS:
        measure(program, seconds)
    touched = subprocess.run([TOUCH], capture_output=True, text=True, check=True).stdout.split()
    print(f"touching a page after a second of sleep: {touched[0]} us, at once again: {touched[1]} us")


main()
