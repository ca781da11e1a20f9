#!/usr/bin/env python3
"""Events of workers, as they are published on Redis: what 100,000 cost, whether any is lost at a steady rate under Redis' default
limits, and how memory grows; beside Flower on the same messages, in one run.

usage: bench/events.py [RATE] [SECONDS] [FLOWER_SECONDS]      (50000 events a second, 60, 10)
"""

import base64
import json
import os
import pathlib
import subprocess
import sys
import time

from redis_server import Redis, command, cpu_of, free_port, resident
from server import ROOT, Server

FLOWER = pathlib.Path(os.environ.get("CJV_FLOWER", ROOT / ".toolchain/celery-peers/bin/celery"))
CHANNEL = "/0.celeryev/task.multi"
EACH = 24  # events in a message, as workers under load send them


def event(task, kind, at, **more):
    return {"hostname": "celery@worker-1", "utcoffset": 0, "pid": 24795, "clock": 3, "uuid": task, "timestamp": at,
            "type": kind, **more}


def messages(tasks, at):
    """PUBLISH commands: each task is received, started and succeeds."""
    events = []
    for n in range(tasks):
        task = f"{n * 2654435761 % (1 << 32):08x}-0000-4000-8000-{n:012x}"
        events.append(event(task, "task-received", at, name="erp.billing.close_the_day", args="(2, 3)", kwargs="{}",
                            root_id=task, parent_id=None, retries=0, eta=None, expires=None))
        events.append(event(task, "task-started", at + 0.001))
        events.append(event(task, "task-succeeded", at + 0.002, result="5", runtime=0.001))
    for first in range(0, len(events), EACH):
        some = events[first:first + EACH]
        body = base64.b64encode(json.dumps(some).encode()).decode()
        yield len(some), command("PUBLISH", CHANNEL, json.dumps({
            "body": body, "content-encoding": "utf-8", "content-type": "application/json",
            "headers": {"hostname": "celery@worker-1"},
            "properties": {"delivery_mode": 1, "delivery_info": {"exchange": "celeryev", "routing_key": "task.multi"},
                           "priority": 0, "body_encoding": "base64",
                           "delivery_tag": "08122550-049c-48a8-a796-3ee8d547e982"}}))


def publish(redis, rate, seconds):
    """At that rate, in portions of 20 ms; returns how many events and tasks, and in how many seconds."""
    ready = list(messages(rate * seconds // 3, time.time()))
    connection = redis.connect()
    connection.setblocking(False)
    began, sent, at = time.monotonic(), 0, 0
    while at < len(ready):
        due = min(rate * seconds, int((time.monotonic() - began) * rate))
        portion = []
        while at < len(ready) and sent < due:
            sent += ready[at][0]
            portion.append(ready[at][1])
            at += 1
        write_all(connection, b"".join(portion))
        time.sleep(0.02)
    took = time.monotonic() - began
    connection.close()
    return sent, rate * seconds // 3, took


def write_all(connection, bytes):
    """Replies are read and thrown away, so that Redis does not wait for us."""
    view = memoryview(bytes)
    while True:
        try:
            while connection.recv(1 << 20):
                pass
        except BlockingIOError:
            pass
        if not view:
            return
        try:
            view = view[connection.send(view):]
        except BlockingIOError:
            time.sleep(0.001)


def subscribers(redis):
    size = redis.send("PUBLISH", CHANNEL, "")
    return int(size[1:])


def settle(pid, limit=60):
    """Until the process rests."""
    before = cpu_of(pid)
    for _ in range(limit):
        time.sleep(1)
        now = cpu_of(pid)
        if now - before < 0.05:
            return
        before = now


def ours(rate, seconds):
    redis = Redis()
    server = Server(None, "--broker", redis.url)
    time.sleep(2)
    pid = server.process.pid

    def count():
        server.local.connection = None  # the server closes those that are silent for long
        return server.ask("GET", "/api/cron-job-logs/?page_size=1&trigger=external")["count"]

    publish(redis, rate, 1)  # its memory is warm
    settle(pid)
    known, memory, before = count(), resident(pid), cpu_of(pid)
    sent, tasks, took = publish(redis, rate, seconds)
    settle(pid)
    used, grown, logged = cpu_of(pid) - before, resident(pid) - memory, count()
    # The same ids come again: of those of the first second nothing new is logged.
    cut = int(redis.info("stats").get("client_output_buffer_limit_disconnections", 0))
    server.remove()
    redis.remove()
    return sent, tasks, took, used, grown, logged, known, cut


def flower(rate, seconds):
    redis = Redis()
    process = subprocess.Popen(
        [FLOWER, "-b", redis.url, "flower", f"--port={free_port()}", "--address=127.0.0.1", "--logging=error"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=redis.folder)
    time.sleep(8)
    pid = process.pid
    publish(redis, 5000, 1)
    settle(pid)
    memory, before = resident(pid), cpu_of(pid)
    sent, tasks, took = publish(redis, rate, seconds)
    settle(pid, 120)
    used, grown = cpu_of(pid) - before, resident(pid) - memory
    cut = int(redis.info("stats").get("client_output_buffer_limit_disconnections", 0))
    process.kill()
    process.wait()
    redis.remove()
    return sent, tasks, took, used, grown, cut


def main():
    rate = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    theirs_for = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    sent, tasks, took, used, grown, logged, known, cut = ours(rate, seconds)
    print(f"ours: {sent} events in {took:.1f} s, {sent / took:.0f} a second; of {tasks} tasks {logged} are logged, "
          f"{max(0, tasks - logged)} lost; Redis cut us off {cut} times")
    print(f"  CPU for 100,000 events      {1e5 * used / sent:8.2f} s   (bar: 0.6, 0.32 is the goal)")
    print(f"  memory for 100,000 tasks    {1e5 * grown / max(1, tasks - known):8.1f} MB  (bar: 32)")
    if not FLOWER.exists():
        return print(f"no {FLOWER}: tools/bootstrap bench brings it")
    theirs, their_tasks, their_took, spent, theirs_grown, their_cut = flower(5000, theirs_for)
    print(f"Flower: {theirs} events in {their_took:.1f} s; Redis cut it off {their_cut} times")
    print(f"  CPU for 100,000 events      {1e5 * spent / theirs:8.2f} s   {spent / theirs / (used / sent):.0f} times ours")
    print(f"  memory for 100,000 tasks    {1e5 * theirs_grown / their_tasks:8.1f} MB")


main()
