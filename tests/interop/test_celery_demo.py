"""`make demo`, as a newcomer meets it: an address, jobs that have run, and nothing left behind."""

import os
import pathlib
import re
import signal
import subprocess
import tempfile
import types

import pytest

from harness.celery import NEWEST, python_of
from harness.client import Client
from harness.server import REPOSITORY, binary
from harness.wait import until

WANTED = {
    "Close the day, Berlin": ("success", 1),
    "Send mails": ("success", 1),
    "Import prices": ("failed", 1),
    "Fetch bank statements": ("success", 3),
}


def descendants(pid):
    children = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        children.setdefault(parent, []).append(int(path.parent.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


@pytest.fixture
def folder():
    """A short path: the demo's control.sock is in it."""
    with tempfile.TemporaryDirectory(prefix="cjv") as path:
        yield pathlib.Path(path)


@pytest.fixture
def demo(folder):
    log = folder / "demo.log"
    with open(log, "wb") as out:
        process = subprocess.Popen(
            [python_of(NEWEST), REPOSITORY / "examples/demo/demo.py", binary(), "--listen", "127.0.0.1:0"],
            stdout=out, stderr=out, cwd=folder, env={**os.environ, "TMPDIR": str(folder)},
        )  # fmt: skip
    yield process, log
    if process.poll() is None:
        process.terminate()
        process.wait(timeout=60)


def said(demo, pattern):
    process, log = demo

    def look():
        assert process.poll() is None, log.read_text()
        return re.search(pattern, log.read_text())

    return until(look, f"the demo says {pattern}", 60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_runs_its_jobs_and_takes_everything_with_it(demo, folder, number):
    process, _ = demo
    origin = said(demo, r"open (http://127\.0\.0\.1:\d+)/")[1]
    user, password = said(demo, r"sign in as (\S+) with (\S+)").groups()

    client = Client(types.SimpleNamespace(origin=origin)).login(user, password)
    for name, (status, attempt) in WANTED.items():
        (job,) = [row for row in client.pages("api/cron-jobs/") if row["name"] == name]
        run = client.finished(client.runs_of(job)[-1], deadline=30)
        assert (run["status"], run["attempt"]) == (status, attempt), name
    (slow,) = [row for row in client.pages("api/cron-jobs/") if row["name"] == "Monthly report"]
    client.reaches(client.runs_of(slow)[-1], "running")
    started = descendants(process.pid)
    assert len(started) >= 8  # itself, Redis, two workers with two children each, the server

    process.send_signal(number)

    assert process.wait(timeout=60) == 0
    until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in started), "nothing of it runs")
    assert not list(folder.glob("cjv-demo-*"))
