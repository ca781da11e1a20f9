"""Jobs of several kinds of overlap and misfire that write down each start, and somebody who asks for runs all the while."""

import os
import threading

import httpx
import judge

from harness.wait import until

# One write of one line, on disk before the job goes on.
WRITE = 'printf "%s %s %s\\n" "$CJV_RUN_ID" "$CJV_SCHEDULED_FOR" "$(date +%s%N)" | dd of="$LINES" oflag=append conv=notrunc,fsync status=none'
OPEN = "pending,queued,running,retrying"


class Workload:
    def __init__(self, admin, folder):
        self.admin, self.folder = admin, folder
        self.jobs = {}  # name -> (job, period or None)
        self.promised = []  # run ids that the API answered 202 for
        self.stopping = threading.Event()
        for number in range(4):
            self.add(f"every second {number}", 1, overlap="allow", timeout=30)
        self.add("every second, all of them", 1, overlap="allow", timeout=30, misfire="all")
        self.add("every second, none of them", 1, overlap="allow", timeout=30, misfire="none")
        self.add("every other second", 2, overlap="skip")
        self.add("every third second, one waits", 3, script=f"{WRITE}; sleep 1", overlap="queue_one", timeout=30)
        self.for_ever = self.add(
            "for ever", 5, script=f'{WRITE}; echo $$ >> "$LINES.pids"; exec sleep 1000', overlap="allow", timeout=2000
        )
        self.asked = self.add("by hand", None, overlap="allow", timeout=30)

    def add(self, name, period, script=WRITE, **fields):
        target = {"argv": ["/bin/sh", "-c", script], "env": {"LINES": str(self.lines_of(name))}}
        job = self.admin.create(name, f"every {period} seconds" if period else "", target=target, **fields)
        self.jobs[name] = (job, period)
        return job

    def lines_of(self, name):
        return self.folder / (name.replace(" ", "-").replace(",", "") + ".lines")

    def ask(self):
        """Asks for runs until told to stop, through crashes: only an answer of 202 is a promise."""
        while not self.stopping.is_set():
            try:
                self.promised.append(self.admin.run_now(self.asked))
            except (httpx.HTTPError, AssertionError):
                pass  # it is dead or being born, and promised nothing
            self.stopping.wait(0.05)

    def settle(self):
        """No more slots; whatever still sleeps is cancelled; all runs become final."""
        for job, _ in self.jobs.values():
            self.admin.post(f"api/cron-jobs/{job['id']}/update_status/", {"is_active": False})
        for row in self.admin.runs_of(self.for_ever, status=OPEN):
            self.admin.post(f"api/cron-job-logs/{row['id']}/cancel/")
        until(lambda: not list(self.admin.pages("api/cron-job-logs/", status=OPEN)), "all runs are final", 60)

    def judge(self):
        for name, (job, period) in self.jobs.items():
            logs = list(self.admin.pages("api/cron-job-logs/", job=job["id"], page_size=100, cursor=""))
            stopped = judge.instant(self.admin.job(job)["updated_at"])
            expected = judge.due(period, judge.instant(job["created_at"]), stopped) if period else set()
            path = self.lines_of(name)
            lines = [judge.Line.of(line) for line in path.read_text().splitlines()] if path.exists() else []
            if not lines:
                yield f"{name}: nothing ran, so nothing is proven"
            yield from judge.judge_slots(name, expected, logs)
            yield from judge.judge_lines(name, logs, lines)
            yield from judge.judge_ends(name, logs)
            if job is self.asked:
                known = {log["id"] for log in logs}
                yield from (
                    f"{name}: run {run} was promised and is not in the ledger"
                    for run in self.promised
                    if run not in known
                )

    def sleepers(self):
        """Processes of the job that never ends by itself."""
        path = self.lines_of("for ever").with_suffix(".lines.pids")
        pids = path.read_text().split() if path.exists() else []
        return [pid for pid in pids if command_of(pid) == "sleep\0" + "1000\0"]


def command_of(pid):
    try:
        with open(f"/proc/{pid}/cmdline") as file:
            return file.read()
    except OSError:
        return ""


def exists(pid):
    return os.path.exists(f"/proc/{pid}")
