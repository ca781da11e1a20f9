#!/usr/bin/env python3
"""What a server with many jobs costs while nothing is due: start, CPU, memory.

usage: bench/at_rest.py [JOBS] [SECONDS]      (10000, 60)
"""

import pathlib
import statistics
import subprocess
import sys
import time

from server import BENCH, Server

THREADS = 4  # that wake once a second: the beat, the watchdog, the sockets', the runner's


def cpu_of(pid):
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    server = Server()
    # Due once a year: nothing of what is measured is a job's work.
    server.create([{"name": f"job {n}", "kind": "command", "target": {"argv": ["/bin/true"]},
                    "schedule": f"{n % 60} {n // 60 % 24} 1 {1 + n % 12} *",
                    "timezone": "Europe/Berlin" if n % 2 else "UTC"} for n in range(count)])
    for internal in server.ask("GET", "/api/cron-jobs/?kind=internal")["results"]:
        server.ask("POST", f"/api/cron-jobs/{internal['id']}/update_status/", {"is_active": False})
    server.stop()

    starts = []
    for _ in range(5):
        server.start()
        starts.append(server.ready_after)
        server.stop()
    server.start()
    time.sleep(5)  # what follows a start (checks, sign-in) is over
    # What a wake-up costs at all on this machine, at this time: one thread that wakes once a second.
    timer = subprocess.Popen([BENCH / "timer_floor", str(seconds + 10)], stdout=subprocess.DEVNULL)
    time.sleep(1)
    wakes = -cpu_of(timer.pid)
    cpu = server.precise_cpu()
    time.sleep(seconds)
    cpu = server.precise_cpu() - cpu
    wakes += cpu_of(timer.pid)
    timer.kill()
    timer.wait()
    resident = server.resident()
    server.remove()
    print(f"with {count} jobs:")
    print(f"start to ready      {1000 * statistics.median(starts):8.0f} ms   median of 5 (bar: 200)")
    print(f"idle CPU            {100 * cpu / seconds:8.4f} %    of a core over {seconds} s (bar: 0.05)")
    print(f"  {THREADS} bare threads   {100 * THREADS * wakes / seconds:8.4f} %    that wake once a second and do nothing")
    print(f"resident memory     {resident:8.1f} MB   (bar: 32)")


main()
