#!/usr/bin/env python3
"""Tasks that are due together: when the last of them is on the list, and what each costs; beside the floor of a plain C
client (push_floor) that sends the same bytes, built before, and beside `celery beat` with as many entries, all in one run.

usage: bench/dispatch.py [TASKS] [SECONDS]      (1000, 20: how long beat is given)
"""

import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from redis_server import Redis, command, cpu_of
from server import BENCH, ROOT, Server

CELERY = pathlib.Path(os.environ.get("CJV_CELERY", ROOT / ".toolchain/celery-peers/bin/celery"))
QUEUE = "celery"


def next_minute(seconds_ahead):
    """The first full minute that is at least so far away, as Unix time."""
    return (int(time.time() + seconds_ahead) // 60 + 1) * 60


def burst(redis, pid, due, wanted, cap):
    """Waits for `due`; seconds after it until all are on the list (or the cap), how many are, and CPU of pid until it rests."""
    while time.time() < due - 1:
        time.sleep(0.05)
    before = cpu_of(pid)
    time.sleep(max(0.0, due - time.time()))  # whoever waits busily takes one of the machine's cores from what is measured
    count, last = 0, 0.0
    while count < wanted and time.time() < due + cap:
        length = redis.length(QUEUE)
        if length > count:
            count, last = length, time.time() - due
        time.sleep(0.001)
    if count == wanted:
        time.sleep(2)  # what is written afterwards is its cost, too
    return last, count, cpu_of(pid) - before


def ours(tasks):
    redis = Redis()
    server = Server(None, "--broker", redis.url)
    due = next_minute(15 + tasks / 200)
    at = datetime.datetime.fromtimestamp(due, datetime.timezone.utc)
    server.create([{"name": f"task {n}", "kind": "celery", "timezone": "UTC",
                    "target": {"task": "erp.billing.close_the_day", "args": ["DE", n]},
                    "schedule": f"{at.minute} {at.hour} * * *"} for n in range(tasks)])
    if time.time() > due - 3:
        raise SystemExit("the jobs were not there in time; the machine is busy")
    last, count, cpu = burst(redis, server.process.pid, due, tasks, 30)
    messages = redis.elements(QUEUE)
    floors = sorted(floor(redis, messages) for _ in range(5))
    server.remove()
    redis.remove()
    return last, count, cpu, floors[len(floors) // 2], sum(map(len, messages)) / max(1, len(messages))


def floor(redis, messages):
    """The same messages from a plain C client, 500 a push: seconds from its instant until the last push was confirmed,
    and seconds of its CPU."""
    redis.send("DEL", "floor")
    pushes = [command("LPUSH", "floor", *messages[first:first + 500]) for first in range(0, len(messages), 500)]
    with tempfile.NamedTemporaryFile(prefix="cjv-bench-push-") as file:
        file.write(b"".join(pushes))
        file.flush()
        done = subprocess.run([BENCH / "push_floor", str(redis.port), file.name, str(len(pushes)), str(time.time() + 1)],
                              stdout=subprocess.PIPE, check=True)
    if redis.length("floor") != len(messages):
        raise SystemExit(f"the floor's list has {redis.length('floor')} of {len(messages)} messages")
    late_ms, cpu_us = json.loads(done.stdout)
    return late_ms / 1e3, cpu_us / 1e6


def beat(tasks, cap):
    redis = Redis()
    due = next_minute(10 + tasks / 200)
    at = datetime.datetime.fromtimestamp(due, datetime.timezone.utc)
    with tempfile.TemporaryDirectory(prefix="cjv-bench-beat-") as folder:
        pathlib.Path(folder, "peer.py").write_text(f"""
from celery import Celery
from celery.schedules import crontab
app = Celery("peer", broker="{redis.url}")
app.conf.timezone = "UTC"
app.conf.beat_schedule = {{f"task {{n}}": {{"task": "erp.billing.close_the_day", "args": ["DE", n],
                          "schedule": crontab(minute="{at.minute}", hour="{at.hour}")}} for n in range({tasks})}}
""")
        process = subprocess.Popen([CELERY, "-A", "peer", "beat", "-l", "error", "-s", f"{folder}/schedule"], cwd=folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        last, count, cpu = burst(redis, process.pid, due, tasks, cap)
        process.kill()
        process.wait()
    redis.remove()
    return last, count, cpu


def main():
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    cap = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    last, count, cpu, (bare, bare_cpu), size = ours(tasks)
    print(f"{tasks} tasks due together, messages of {size:.0f} bytes")
    print(f"{'':>14} {'on the list':>12} {'last, ms':>10} {'CPU us each':>12}")
    print(f"{'ours':>14} {count:12} {1e3 * last:10.1f} {1e6 * cpu / max(1, count):12.1f}")
    print(f"{'a C client':>14} {count:12} {1e3 * bare:10.1f} {1e6 * bare_cpu / max(1, count):12.1f}")
    if CELERY.exists():
        theirs, sent, spent = beat(tasks, cap)
        print(f"{'celery beat':>14} {sent:12} {1e3 * theirs:10.1f} {1e6 * spent / max(1, sent):12.1f}")
        if sent and count:
            print(f"celery beat takes {spent / sent / (cpu / count):.0f} times our CPU a task"
                  + ("" if sent == tasks else f", and had sent {sent} of {tasks} after {cap} s"))
    else:
        print(f"no {CELERY}: tools/bootstrap bench brings it")
    print("bars: 20 us CPU a task (10 is the goal); the last of 10,000 within 60 ms (35 is the goal)")


main()
