"""The ends that differ by pool and by who switched events on."""

from datetime import datetime

import pytest

from harness.celery import NEWEST, Worker
from harness.wait import until

POOLS = ("prefork", "threads", "solo")
ENDS = {
    "success": ("echo", [1], "success", None),
    "ignore_result": ("silent", [], "success", None),
    "failure": ("fail", [], "failed", "exception"),
    "retry": ("retry", [1], "success", None),
    "not registered": ("unknown", [], "failed", "not_registered"),
    "rejected late": ("reject_late", [], "failed", "rejected"),
    "slow": ("sleep", [3], "success", None),
}
# Before 5.7 a pool of threads drops events: what one thread appends to Celery's buffer while another sends it is cleared
# unsent (celery/events/dispatcher.py, flush). What has no result, either, is not known there, and ends lost(no_end_seen)
# by its job's timeout; of others the start may be unknown.
TOLD_BY_EVENTS_ALONE = {"ignore_result", "rejected late"}


def loses_events(version, pool):
    return pool == "threads" and version != NEWEST


@pytest.fixture(scope="module", params=[(pool, events) for pool in POOLS for events in (True, False)],
                ids=lambda param: f"{param[0]}-{'with' if param[1] else 'without'}-E")  # fmt: skip
def pooled(request, celery, tmp_path_factory):
    pool, events = request.param
    folder = tmp_path_factory.mktemp(pool)
    queue = folder.name  # each worker's own: the one of the whole session must not take its tasks
    with Worker(
        folder, celery.version, celery.fleet.broker.url(), name=folder.name, pool=pool, events=events,
        concurrency=1 if pool == "solo" else 2, queues=[queue],
    ) as worker:  # fmt: skip
        until(
            lambda: celery.admin.get(f"api/workers/{worker.node}/").json().get("pool") == pool, "its pool is known", 30
        )
        jobs = {
            end: celery.admin.celery(f"{queue} {end}", f"fleet.{task}", args, target={"queue": queue})
            for end, (task, args, *_) in ENDS.items()
            if not loses_events(celery.version, pool) or end not in TOLD_BY_EVENTS_ALONE
        }
        yield pool, worker, {end: celery.admin.run_now(job) for end, job in jobs.items()}


def test_each_pool_tells_how_its_tasks_ended(celery, pooled):
    pool, worker, runs = pooled

    ended = {end: celery.admin.finished(run, deadline=60) for end, run in runs.items()}

    assert {end: (run["status"], run["reason"]) for end, run in ended.items()} == {end: ENDS[end][2:] for end in runs}
    for run in (run for end, run in ended.items() if end != "not registered"):
        if run["run_started_at"] or not loses_events(celery.version, pool):
            assert run["worker_name"] == worker.node
            times = [datetime.fromisoformat(run[name]) for name in ("queued_at", "run_started_at", "run_ended_at")]
            assert times == sorted(times)


def test_a_solo_worker_that_is_busy_is_not_taken_for_dead(celery, tmp_path):
    with Worker(
        tmp_path, celery.version, celery.fleet.broker.url(), name="busy", pool="solo", concurrency=1, queues=["busy"]
    ) as worker:
        node = f"api/workers/{worker.node}/"
        until(lambda: celery.admin.get(node).json().get("pool") == "solo", "its pool is known", 30)
        run = celery.admin.run_now(celery.admin.celery("busy solo", "fleet.sleep", [20], target={"queue": "busy"}))
        until(lambda: celery.fleet.executions(run), "it has begun")

        # No heartbeat and no event for 20 s, where another pool would be offline after 16.
        seen = celery.admin.finished(run, deadline=40)

        assert seen["status"] == "success"
        assert celery.admin.get(node).json()["state"] in ("online", "late")
