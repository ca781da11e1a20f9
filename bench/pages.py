#!/usr/bin/env python3
"""CPU per request of the pages that people look at most, beside a bare responder in the same run.

usage: bench/pages.py [SECONDS]      (10 per round, three rounds of each)
"""

import pathlib
import re
import statistics
import subprocess
import sys

from server import BENCH, Server

RESPONDER = BENCH / "bare_responder"


def cpu_of(pid):
    tasks = pathlib.Path(f"/proc/{pid}/task")
    return sum(int((t / "schedstat").read_text().split()[0]) for t in tasks.iterdir()) / 1e9


def load(pid, url, seconds, headers=()):
    arguments = [word for h in headers for word in ("-H", h)]
    before = cpu_of(pid)
    said = subprocess.run(["wrk", "-t1", "-c16", f"-d{seconds}s", *arguments, url],
                          capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(f"{url}: {said}")
    requests = int(re.search(r"(\d+) requests in", said)[1])
    return 1e6 * (cpu_of(pid) - before) / requests


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    server = Server()
    jobs = server.create([{"name": f"job {n}", "description": "made for a benchmark", "kind": "command",
                           "target": {"argv": ["/bin/true"]}, "schedule": f"{n % 60} 3 1 1 *"} for n in range(1000)])
    responder = subprocess.Popen([RESPONDER], stdout=subprocess.PIPE, text=True)
    floor = f"http://127.0.0.1:{int(responder.stdout.readline())}/"
    base, cookie = f"http://127.0.0.1:{server.port}", [f"Cookie: {server.cookie}"]
    rows = {"bare responder": (responder.pid, floor, ()),
            "job without logs": (server.process.pid, f"{base}/api/cron-jobs/{jobs[500]['id']}/?logs=0", cookie),
            "page of 25": (server.process.pid, f"{base}/api/cron-jobs/?page_size=25", cookie)}
    measured = {name: [] for name in rows}
    for _ in range(3):
        for name, (pid, url, headers) in rows.items():
            measured[name].append(load(pid, url, seconds, headers))
    responder.terminate()
    responder.wait()
    server.remove()
    bars = {"job without logs": 25, "page of 25": 70}
    bare = statistics.median(measured["bare responder"])
    for name, values in measured.items():
        median = statistics.median(values)
        bar = f"   (bar: {bars[name]})" if name in bars else ""
        print(f"{name:<18} {median:6.1f} us of CPU a request, {median / bare:4.1f} x the responder{bar}")


main()
