"""The real binary, killed at random moments under load, judged by what its jobs wrote themselves."""

import os
import random
import sqlite3
import threading

import pytest
from workload import Workload, exists

from harness.people import first_admin
from harness.server import Server
from harness.wait import spend, until

ROUNDS = int(os.environ.get("CJV_CRASH_ROUNDS", "10"))
SEED = int(os.environ.get("CJV_CRASH_SEED") or random.SystemRandom().randrange(1 << 32))


@pytest.mark.timeout(180 + 20 * ROUNDS)
def test_kill_9_at_random_moments_loses_and_doubles_nothing(tmp_path):
    print(f"CJV_CRASH_SEED={SEED}")
    chance = random.Random(SEED)
    server = Server(tmp_path).start()
    workload = Workload(first_admin(server), tmp_path)
    asker = threading.Thread(target=workload.ask, daemon=True)
    asker.start()
    slowest = 0.0
    try:
        for _ in range(ROUNDS):
            spend(chance.uniform(0.05, 2.5))
            restart(server)
            slowest = max(slowest, server.ready_after)
        spend(2.0)
        workload.stopping.set()
        asker.join()
        workload.settle()

        assert list(workload.judge()) == []
        assert slowest <= 5.0, f"ready after {slowest:.2f} s"
        assert len(workload.promised) > ROUNDS
        until(lambda: not workload.sleepers(), "no process outlived its run")
        server.stop()
        assert integrity(server) == "ok"
    finally:
        workload.stopping.set()
        server.kill()
        for pid in workload.sleepers():
            os.kill(int(pid), 9)


@pytest.fixture
def served(server_in):
    server = server_in()
    return server, first_admin(server)


def restart(server):
    """kill -9, and a start on the same port: sessions go on."""
    server.kill()
    server.start(listen=f"127.0.0.1:{server.port}")


def test_a_crash_takes_the_running_jobs_with_it(served):
    server, admin = served
    job = admin.shell("sleeper", "trap '' TERM; sleep 1000 & echo $$ $!; wait; wait")
    run = admin.run_now(job)
    pids = until(lambda: admin.output(run).text.split(), "it has printed its pids")

    server.kill()
    assert all(exists(pid) for pid in pids)
    restart(server)

    seen = admin.finished(run, deadline=30)
    assert (seen["status"], seen["reason"]) == ("lost", "server_crashed")
    assert seen["evidence"]
    until(lambda: not any(exists(pid) for pid in pids), "its processes are gone")
    assert admin.job(job)["running_count"] == 0


def test_what_was_printed_before_a_crash_is_kept(served):
    server, admin = served
    run = admin.run_now(admin.shell("speaker", "echo before the crash; sleep 1000"))
    until(lambda: "before" in admin.output(run).text, "it has printed")

    restart(server)

    admin.finished(run, deadline=30)
    assert admin.output(run).text == "before the crash\n"


def test_slots_of_the_time_away_are_missed_with_the_reason(served):
    server, admin = served
    job = admin.create("missing", "every 1 second", misfire="none")
    until(lambda: admin.runs_of(job, status="success"), "a slot has run")

    server.kill()
    spend(3.5)
    restart(server)

    missed = until(lambda: admin.runs_of(job, status="missed"), "the time away is in the ledger")
    assert {row["reason"] for row in missed} == {"server_down"}
    assert sum(row["slot_count"] for row in missed) >= 2


def test_the_newest_slot_of_the_time_away_is_caught_up_by_default(served):
    server, admin = served
    job = admin.create("catching up", "every 1 second")
    until(lambda: admin.runs_of(job, status="success"), "a slot has run")

    server.kill()
    spend(3.5)
    restart(server)

    assert len(until(lambda: admin.runs_of(job, trigger="catch_up", status="success"), "one is caught up")) == 1
    assert {row["reason"] for row in admin.runs_of(job, status="missed")} == {"server_down"}


def integrity(server):
    for path in server.data.iterdir():
        if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3":
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as ledger:
                return ledger.execute("PRAGMA integrity_check").fetchone()[0]
    raise AssertionError("there is no ledger")
