"""Runs of kind `celery` reach real workers, each once, and wait where there is no broker."""

import json
import sqlite3

from harness.client import Client
from harness.people import PASSWORD, first_admin
from harness.redis import Redis, judge
from harness.server import Server
from harness.wait import until


def test_an_unmodified_worker_runs_the_task_with_its_arguments_digit_for_digit(celery, name):
    job = celery.admin.celery(name, "fleet.look", [2**70, "zażółć", {"a": [1.5, None]}], {"flag": True})

    run = celery.admin.run_now(job)

    push = celery.fleet.tap.wait_for(lambda push: push.id == run)
    assert json.loads(push.body)[:2] == [[2**70, "zażółć", {"a": [1.5, None]}], {"flag": True}]
    assert str(2**70) in push.body
    until(lambda: celery.fleet.client.result(run)["state"] == "SUCCESS", "the worker has run it", 15)


def test_a_message_that_would_hurt_a_worker_is_not_sent_and_the_run_says_why(tmp_path):
    """Also where the job was saved before the server knew better."""
    with Redis(tmp_path / "redis") as broker:
        tap = broker.tap()
        server = Server(tmp_path, "--broker", broker.url()).start()
        try:
            job = first_admin(server).celery("old", "fleet.nothing")
            server.stop()
            with sqlite3.connect(server.data / "cron-job-viewer.db") as database:
                target = json.dumps({"task": "fleet.nothing", "headers": {"id": "another"}})
                database.execute("UPDATE jobs SET target = ? WHERE name = 'old'", [target])
            server.start()
            admin = Client(server).login("admin", PASSWORD)

            run = admin.run_now(job)

            ended = admin.finished(run)
            assert (ended["status"], ended["reason"]) == ("failed", "undeliverable")
            assert "target.headers.id" in ended["error"]
            assert not tap.pushes()
        finally:
            server.kill()


def test_runs_wait_while_no_broker_is_configured_and_leave_when_one_is(tmp_path):
    with Redis(tmp_path / "redis") as broker:
        tap = broker.tap()
        server = Server(tmp_path, "--broker", broker.url()).start()
        try:
            admin = first_admin(server)
            job = admin.celery("waits", "fleet.nothing", target={"queue": "q"})
            broker.kill()
            runs = [admin.run_now(job) for _ in range(3)]
            server.stop()

            server.flags = ()
            server.start()
            admin = Client(server).login("admin", PASSWORD)
            until(lambda: admin.run(runs[2])["reason"] == "broker_away", "the last says what it waits for")
            health = admin.get("api/health/").json()["components"]["broker"]
            assert "3 runs wait" in health["detail"], health
            assert health["status"] == "degraded"
            assert admin.post(f"api/cron-job-logs/{runs[0]}/cancel/").status_code in (200, 202)
            until(
                lambda: "2 runs wait" in admin.get("api/health/").json()["components"]["broker"]["detail"],
                "one is cancelled",
            )
            server.stop()

            broker.start()
            tap = broker.tap()
            server.flags = ("--broker", broker.url())
            server.start()
            admin = Client(server).login("admin", PASSWORD)
            until(lambda: admin.run(runs[2])["status"] == "queued", "it is sent", 15)
            assert [push.id for push in tap.pushes()] == runs[1:]
        finally:
            server.kill()


def test_runs_wait_for_a_broker_that_is_away_and_each_is_sent_once(tmp_path):
    with Redis(tmp_path / "redis") as broker:
        tap = broker.tap()
        server = Server(tmp_path, "--broker", broker.url()).start()
        try:
            admin = first_admin(server)
            job = admin.celery("waits", "fleet.nothing", target={"queue": "q"})
            runs = [admin.run_now(job)]
            until(lambda: admin.run(runs[0])["status"] == "queued", "the first is sent")
            broker.kill()
            runs += [admin.run_now(job) for _ in range(3)]
            until(lambda: admin.run(runs[3])["reason"] == "broker_away", "the last says what it waits for", 15)
            assert admin.get("livez").status_code == admin.get("readyz").status_code == 200
            told = admin.get("api/health/").json()["components"]["broker"]
            assert told["status"] == "unavailable" and "3 messages" in told["detail"]

            broker.start()

            until(lambda: all(admin.run(run)["status"] == "queued" for run in runs), "all are sent", 30)
            assert judge(runs, tap.pushes(list="q"))
            until(lambda: admin.get("api/health/").json()["components"]["broker"]["status"] == "healthy", "health says so")
        finally:
            server.kill()
