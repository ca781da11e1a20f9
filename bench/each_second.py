#!/usr/bin/env python3
"""Tasks that are due every second: how late they are pushed, by Redis' own clock, and what each costs; beside `celery beat` with as
many entries of one second, one after the other in one run.

usage: bench/each_second.py [TASKS] [SECONDS]      (100, 30)

Beat knows no wall-clock second: an entry's grid begins with its own first push there.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict

from redis_server import Redis, cpu_of
from server import BENCH, ROOT, Server, quantile

CELERY = pathlib.Path(os.environ.get("CJV_CELERY", ROOT / ".toolchain/celery-peers/bin/celery"))
NUMBER = re.compile(rb'task_number_(\d+)')


class Tap:
    """What MONITOR shows of pushes: Redis' clock, and the numbers of the tasks."""

    def __init__(self, redis):
        self.pushes = []
        self.stream = redis.connect()
        self.stream.sendall(b"MONITOR\r\n")
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.stream.makefile("rb"):
            if b'"LPUSH"' in line.upper()[:80]:
                at = float(line[1:line.index(b" ")])
                # A task's name stands in its message once, in the headers.
                self.pushes += [(at, int(n)) for n in NUMBER.findall(line)]


def watch(redis, pid, seconds):
    tap = Tap(redis)
    time.sleep(3)
    before, first = cpu_of(pid), len(tap.pushes)
    time.sleep(seconds)
    return tap.pushes[first:], cpu_of(pid) - before


def ours(tasks, seconds):
    redis = Redis()
    server = Server(None, "--broker", redis.url)
    server.create([{"name": f"task {n}", "kind": "celery", "target": {"task": f"task_number_{n}"},
                    "schedule": "every 1 second"} for n in range(tasks)])
    pushes, cpu = watch(redis, server.process.pid, seconds)
    server.remove()
    redis.remove()
    return [1e3 * (at % 1) for at, _ in pushes], len(pushes), cpu


def beat(tasks, seconds):
    redis = Redis()
    with tempfile.TemporaryDirectory(prefix="cjv-bench-beat-") as folder:
        pathlib.Path(folder, "peer.py").write_text(f"""
from celery import Celery
app = Celery("peer", broker="{redis.url}")
app.conf.beat_schedule = {{f"task {{n}}": {{"task": f"task_number_{{n}}", "schedule": 1.0}} for n in range({tasks})}}
""")
        process = subprocess.Popen([CELERY, "-A", "peer", "beat", "-l", "error", "-s", f"{folder}/schedule"], cwd=folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(3)
        pushes, cpu = watch(redis, process.pid, seconds)
        process.kill()
        process.wait()
    redis.remove()
    by_task = defaultdict(list)
    for at, number in pushes:
        by_task[number].append(at)
    late = [1e3 * (at - times[0] - n) for times in by_task.values() for n, at in enumerate(times)]
    return late, len(pushes), cpu


def main():
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    floor = subprocess.Popen([BENCH / "timer_floor", str(seconds)], stdout=subprocess.PIPE, text=True) \
        if (BENCH / "timer_floor").exists() else None
    rows = [("ours", *ours(tasks, seconds))]
    if floor:
        timer = json.loads(floor.communicate()[0])
        print(f"a bare timer meanwhile: p50 {quantile(timer, .5):.1f} ms, p99 {quantile(timer, .99):.1f}")
    if CELERY.exists():
        rows.append(("celery beat", *beat(tasks, seconds)))
    print(f"{tasks} tasks every second for {seconds} s")
    print(f"{'':>12} {'pushed':>7} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8} {'CPU us each':>12}")
    for name, late, count, cpu in rows:
        print(f"{name:>12} {count:7} {quantile(late, .5):8.1f} {quantile(late, .99):8.1f} {max(late):8.1f} "
              f"{1e6 * cpu / max(1, count):12.1f}")


main()
