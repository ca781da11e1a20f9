"""The real binary in a folder of its own, for the benchmarks: started, signed in to, asked, stopped."""

import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = os.environ.get("CJV_BINARY", str(ROOT / "build/release/cron-job-viewer"))
BENCH = pathlib.Path(os.environ.get("CJV_BENCH", ROOT / "build/release/bench"))
PASSWORD = "a password for benchmarks"
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    def __init__(self, folder=None, *flags):
        self.folder = folder or tempfile.mkdtemp(prefix="cjv-bench-")
        self.flags = flags
        self.start()

    def start(self):
        began = time.monotonic()
        self.process = subprocess.Popen(
            [BINARY, "serve", "--data-dir", self.folder, "--listen", "127.0.0.1:0", "--log-level", "warning",
             *self.flags],
            stdout=subprocess.PIPE, text=True)
        self.first = None
        for line in self.process.stdout:
            if line.startswith("first sign-in:"):
                self.first = line.split()[3]
            if line.startswith("ready "):
                break
        else:
            raise SystemExit(f"{BINARY} did not become ready; build it with: make build")
        self.ready_after = time.monotonic() - began
        self.port = int(re.search(r":(\d+)/", line)[1])
        self.local = threading.local()
        self.sign_in()

    def sign_in(self):
        self.cookie = self.csrf = None
        answer = self.raw("POST", "/api/auth/login/",
                          {"username": "admin", "password": self.first or PASSWORD})
        self.take_cookies(answer)
        if self.first:
            self.ask("POST", "/api/auth/password/", {"old_password": self.first, "new_password": PASSWORD})
            self.first = None
            self.sign_in()

    def take_cookies(self, answer):
        found = dict(re.findall(r"(cjv_\w+)=([^;]+)", " ".join(answer.headers.get_all("Set-Cookie") or [])))
        self.cookie = "; ".join(f"{k}={v}" for k, v in found.items())
        self.csrf = found.get("cjv_csrftoken")

    def raw(self, method, path, body=None):
        connection = getattr(self.local, "connection", None)
        now = time.monotonic()
        if connection is None or now - self.local.used > 30:  # the server ends what is idle for a minute
            connection = self.local.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.local.used = now
        headers = {"Content-Type": "application/json"}
        if self.cookie:
            headers |= {"Cookie": self.cookie, "X-CSRFToken": self.csrf or ""}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        return answer

    def ask(self, method, path, body=None):
        answer = self.raw(method, path, body)
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {answer.text[:300]}")
        return json.loads(answer.text) if answer.text else None

    def create(self, jobs):
        """Creates jobs from eight threads, so that their commits share a write."""
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            return list(pool.map(lambda job: self.ask("POST", "/api/cron-jobs/", job), jobs))

    def cpu(self):
        """Seconds of CPU of the server itself, its children left out."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def precise_cpu(self):
        """The same from the scheduler, in nanoseconds summed over threads that are alive."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        return sum(int((t / "schedstat").read_text().split()[0]) for t in tasks.iterdir()) / 1e9

    def resident(self):
        """MB of resident memory."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.process.stdout.close()

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder)


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))]
