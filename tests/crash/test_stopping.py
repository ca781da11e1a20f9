"""Stopping as one should, and a second server that finds the first."""

import signal
import time

import pytest

from harness.people import first_admin
from harness.server import Server
from harness.wait import until


@pytest.fixture
def served(server_in):
    server = server_in()
    return server, first_admin(server)


def start_again(server):
    server.start(listen=f"127.0.0.1:{server.port}")


def test_a_second_server_is_refused_with_the_pid_of_the_first(served):
    server, admin = served
    began = time.monotonic()

    second = server.run("serve", "--listen", "127.0.0.1:0")

    assert second.returncode == 1
    assert str(server.pid) in second.stderr.strip().splitlines()[-1]
    assert time.monotonic() - began < 2
    assert admin.get("api/health/").status_code == 200


def test_a_lock_that_its_owner_left_behind_stops_nobody(served):
    server, admin = served
    server.kill()

    start_again(server)

    assert admin.get("api/health/").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_stop_lets_running_jobs_finish(served, number, tmp_path):
    server, admin = served
    gate = tmp_path / "gate"
    run = admin.run_now(admin.shell("finishing", f"echo begun; until [ -e {gate} ]; do sleep 0.05; done; echo done"))
    slots = admin.create("slots", "every 1 second")
    until(lambda: "begun" in admin.output(run).text, "the job has begun")

    server.signal(number)
    gate.touch()

    assert server.wait(deadline=45) == 0
    start_again(server)
    assert admin.run(run)["status"] == "success"
    assert admin.output(run).text == "begun\ndone\n"
    assert not admin.runs_of(slots, status="lost")


def test_a_job_that_does_not_finish_is_cancelled_when_the_time_is_over(server_in, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('[server]\ndrain_timeout = "1 s"\n')
    server = server_in("--config", str(config))
    admin = first_admin(server)
    run = admin.run_now(admin.shell("not finishing", "sleep 1000"))
    admin.reaches(run, "running")
    began = time.monotonic()

    server.signal(signal.SIGTERM)

    assert server.wait(deadline=45) == 0
    assert 1 <= time.monotonic() - began < 15
    start_again(server)
    assert (admin.run(run)["status"], admin.run(run)["reason"]) == ("cancelled", "shutdown")


def test_a_second_signal_ends_the_waiting(served):
    server, admin = served
    run = admin.run_now(admin.shell("in the way", "sleep 1000"))
    admin.reaches(run, "running")
    began = time.monotonic()

    server.signal(signal.SIGTERM)
    until(lambda: not _accepts(admin), "it no longer takes orders")
    server.signal(signal.SIGTERM)

    server.wait(deadline=45)
    assert time.monotonic() - began < 15
    start_again(server)
    assert admin.run(run)["status"] in ("cancelled", "lost")


def _accepts(admin):
    try:
        return admin.http.get("/readyz").status_code == 200
    except Exception:
        return False


def test_nothing_starts_while_it_stops(served, tmp_path):
    server, admin = served
    lines, gate = tmp_path / "lines", tmp_path / "gate"
    admin.shell("every second", f"date +%s.%N >> {lines}", schedule="every 1 second")
    run = admin.run_now(admin.shell("holding it open", f"until [ -e {gate} ]; do sleep 0.05; done"))
    admin.reaches(run, "running")
    until(lines.exists, "a slot has run")

    asked = time.time()
    server.signal(signal.SIGTERM)
    until(lambda: time.time() > asked + 2.5, "two slots have passed")
    gate.touch()
    server.wait(deadline=45)

    assert max(float(line) for line in lines.read_text().split()) < asked + 0.5


def test_hang_ups_do_not_end_it(served):
    server, admin = served

    for number in (signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD):
        server.signal(number)

    assert admin.get("api/health/").status_code == 200
    assert server.process.poll() is None


def test_a_port_in_use_is_told_in_the_last_line(served, tmp_path):
    server, _ = served
    other = Server(tmp_path / "other")
    other.data.mkdir(parents=True)

    done = other.run("serve", "--listen", f"127.0.0.1:{server.port}")

    assert done.returncode == 1
    assert str(server.port) in done.stderr.strip().splitlines()[-1]
