"""What becomes of tasks on real workers, as the log tells it: ours and those of others (C3, C4, C8, R2, R3, R9)."""

import itertools
from datetime import datetime

import pytest

from harness.celery import NEWEST, Worker
from harness.wait import until

STAGES = ("queued_at", "received_at", "run_started_at", "run_ended_at")

# task, arguments, status, reason, attempts
ENDS = {
    "success": ("echo", [1], "success", None, 1),
    "nothing returned": ("nothing", [], "success", None, 1),
    "ignore_result": ("silent", [], "success", None, 1),
    "no events": ("mute", [], "success", None, 1),
    "a state of its own": ("progress", [0.3], "success", None, 1),
    "prints": ("prints", [], "success", None, 1),
    "exception": ("fail", ["grüß Gott"], "failed", "exception", 1),
    "result that JSON cannot hold": ("not_json", [], "failed", "exception", 1),
    "child killed": ("die", [], "failed", "exception", 1),
    "not registered": ("unknown", [], "failed", "not_registered", 1),
    "hard limit": ("hard_limit", [], "timed_out", None, 1),
    "soft limit": ("soft_limit", [], "timed_out", None, 1),
    "soft limit, caught": ("soft_limit_caught", [], "success", None, 1),
    "retries": ("retry", [2], "success", None, 3),
    "retries in vain": ("retry_in_vain", [], "failed", "exception", 2),
    "rejected late": ("reject_late", [], "failed", "rejected", 1),
    "ignored": ("ignore", [], "cancelled", "ignored", 1),
    "rejected": ("reject", [], None, None, 1),  # by version, below
}


def instant(text):
    return datetime.fromisoformat(text)


def stages_of(run):
    return [instant(run[stage]) for stage in STAGES if run[stage]]


@pytest.fixture(scope="module")
def runs(celery):
    """All of them at once: a worker takes its time, and the tests wait for their own only."""
    jobs = {end: celery.admin.celery(f"ends: {end}", f"fleet.{task}", args) for end, (task, args, *_) in ENDS.items()}
    return {end: celery.admin.run_now(job) for end, job in jobs.items()}


@pytest.mark.parametrize("end", ENDS)
def test_each_way_to_end_is_told_as_it_was(celery, runs, end):
    task, _, status, reason, attempts = ENDS[end]
    if end == "rejected":  # 5.7 tells; before, an early reject leaves nothing but silence
        status, reason = ("failed", "rejected") if celery.version == NEWEST else ("cancelled", "ignored")

    run = celery.admin.finished(runs[end], deadline=60)

    assert (run["status"], run["reason"]) == (status, reason), run
    assert (run["task"], run["celery_task_id"], run["trigger"]) == (f"fleet.{task}", run["id"], "manual")
    assert run["attempt"] == attempts
    if end not in ("not registered", "no events"):
        assert run["worker_name"] == celery.fleet.worker.node
        assert len(stages_of(run)) == 4, [(stage, run[stage]) for stage in STAGES]
        assert stages_of(run) == sorted(stages_of(run))
        assert run["execution_time"] >= 0
    assert celery.fleet.executions(run["id"]) == (0 if end == "not registered" else attempts)


def test_a_result_is_kept_as_the_task_gave_it(celery, name):
    job = celery.admin.celery(name, "fleet.echo", ["ü", 2**70], {"deep": [[1]]})
    run = celery.admin.finished(celery.admin.run_now(job))

    for text in ("'ü'", "1180591620717411303424", "[[1]]"):
        assert text in run["result"]


def test_a_long_result_is_whole_and_short_in_lists(celery, name):
    run = celery.admin.finished(celery.admin.run_now(celery.admin.celery(name, "fleet.long_text", [100_000])))

    assert run["result"].count("x") == 100_000
    (row,) = celery.admin.runs_of(run["job"])
    assert len(row["output_message"]) <= 4096


def test_a_failure_keeps_its_whole_traceback(celery, runs):
    run = celery.admin.finished(runs["exception"])

    assert "LedgerError" in run["error"] and "grüß Gott" in run["error"]
    assert run["traceback"].startswith("Traceback (most recent call last):")
    assert "KeyError: 'no such account'" in run["traceback"]
    assert run["traceback"].rstrip().endswith("LedgerError: grüß Gott")


def test_a_killed_child_and_a_limit_are_named_in_the_error(celery, runs):
    assert "signal 9" in celery.admin.finished(runs["child killed"])["error"]
    assert "TimeLimitExceeded" in celery.admin.finished(runs["hard limit"])["error"]
    assert "SoftTimeLimitExceeded" in celery.admin.finished(runs["soft limit"])["error"]
    assert "fleet.unknown" in celery.admin.finished(runs["not registered"])["error"]


def test_every_retry_is_an_attempt_with_its_own_error(celery, runs):
    run = celery.admin.finished(runs["retries"])["id"]
    # The next process may be done before the last one has told, so the end may be known before all of the errors.
    said = ["LedgerError('try 0')", "LedgerError('try 1')", None]
    until(lambda: [attempt["error"] for attempt in celery.admin.run(run)["attempts"]] == said, "each has its error")
    attempts = celery.admin.run(run)["attempts"]

    assert [attempt["n"] for attempt in attempts] == [1, 2, 3]
    # By the clocks of the processes that tried, for the same reason.
    ends = [instant(attempt["ended_at"]).timestamp() for attempt in attempts]
    assert ends == pytest.approx(sorted(ends), abs=0.1)


def test_what_ended_without_a_word_names_its_evidence(celery, runs):
    run = celery.admin.finished(runs["ignored"], deadline=60)

    assert run["evidence"] or run["notes"]


def test_a_run_is_seen_running_before_it_ends(celery, name):
    run = celery.admin.run_now(celery.admin.celery(name, "fleet.sleep", [2]))

    running = celery.admin.reaches(run, "running")
    assert running["worker_name"] == celery.fleet.worker.node
    assert running["run_ended_at"] is None
    assert celery.admin.finished(run)["execution_time"] == pytest.approx(2, abs=0.5)


# -- two jobs, one task (R3) ------------------------------------------------------------------------------------


def test_two_jobs_on_one_task_stay_apart(celery, name):
    jobs = [celery.admin.celery(f"{name} {end}", "fleet.add", args) for end, args in (("a", [1, 1]), ("b", ["x", "y"]))]
    asked = [(job, celery.admin.run_now(job)) for _ in range(5) for job in jobs]

    for job, run in asked:
        seen = celery.admin.finished(run)
        assert (seen["job"], seen["status"]) == (job["id"], "success")
        assert ("xy" in seen["result"]) == (job is jobs[1])
    for job in jobs:
        assert {row["id"] for row in celery.admin.runs_of(job)} == {run for owner, run in asked if owner is job}


# -- tasks of others --------------------------------------------------------------------------------------------


def external(celery, id, deadline=15.0):
    """The row of a task that we did not send, once it is final."""

    def look():
        rows = [row for row in celery.admin.pages("api/cron-job-logs/", search=id) if row["celery_task_id"] == id]
        assert len(rows) <= 1, rows
        return next((row for row in rows if row["run_ended_at"]), None)

    row = until(look, f"task {id} is logged to its end", deadline)
    return celery.admin.run(row["id"])


def test_a_task_that_a_web_request_sent_is_logged(celery):
    id = celery.fleet.client.send("fleet.add", [20, 22])

    run = external(celery, id)

    assert (run["trigger"], run["job"], run["task"], run["status"]) == ("external", None, "fleet.add", "success")
    assert "42" in run["result"]
    assert run["id"] != id
    assert run["worker_name"] == celery.fleet.worker.node


def test_a_foreign_failure_keeps_its_traceback(celery):
    run = external(celery, celery.fleet.client.send("fleet.fail"))

    assert (run["status"], run["reason"]) == ("failed", "exception")
    assert "KeyError" in run["traceback"]


def test_chains_groups_and_what_tasks_send_are_logged_each(celery):
    chain = celery.fleet.client.chain(["fleet.add", 1, 2], ["fleet.add", 3])
    group = celery.fleet.client.group(["fleet.add", 1, 1], ["fleet.add", 2, 2])
    chord = celery.fleet.client.chord([["fleet.add", 1, 1], ["fleet.add", 2, 2]], ["fleet.total"])

    for id in [*chain, *group["ids"], *chord["ids"], chord["id"]]:
        assert external(celery, id)["status"] == "success"


def test_a_job_whose_task_starts_a_chain_ends_by_itself(celery, name):
    run = celery.admin.finished(celery.admin.run_now(celery.admin.celery(name, "fleet.start_group", [2])))

    assert (run["status"], run["trigger"]) == ("success", "manual")


def test_a_foreign_task_that_expired_is_logged_without_a_name(celery):
    id = celery.fleet.client.send("fleet.nothing", expires=-10)

    run = external(celery, id)

    assert (run["status"], run["reason"]) == ("missed", "expired")
    assert run["task"] in (None, "fleet.nothing")


# -- expired, revoked, cancelled --------------------------------------------------------------------------------

_numbers = itertools.count(1)


@pytest.fixture
def parked(celery):
    """A queue that nobody serves until `serve()`."""
    queue = f"parked-{next(_numbers)}"
    node = celery.fleet.worker.node

    class Parked:
        name = queue

        @staticmethod
        def serve():
            celery.fleet.client.control("add_consumer", queue=queue, destination=[node])

    yield Parked
    celery.fleet.client.control("cancel_consumer", queue=queue, destination=[node])


def test_a_run_that_waited_too_long_is_missed(celery, name, parked):
    job = celery.admin.celery(name, "fleet.nothing", target={"queue": parked.name, "expires": 1})
    run = celery.admin.run_now(job)
    expires = instant(celery.fleet.tap.wait_for(lambda push: push.id == run).headers["expires"])
    until(lambda: datetime.now(expires.tzinfo) > expires, "it has expired")

    parked.serve()

    seen = celery.admin.finished(run)
    assert (seen["status"], seen["reason"]) == ("missed", "expired")
    assert celery.fleet.executions(run) == 0


def test_a_cancelled_run_that_waits_is_revoked(celery, name, parked):
    run = celery.admin.run_now(celery.admin.celery(name, "fleet.nothing", target={"queue": parked.name}))
    celery.admin.reaches(run, "queued")

    answer = celery.admin.post(f"api/cron-job-logs/{run}/cancel/")
    assert answer.status_code == 202, answer.text
    parked.serve()

    seen = celery.admin.finished(run)
    assert (seen["status"], seen["reason"]) == ("cancelled", "by_user")
    assert celery.fleet.executions(run) == 0


def test_a_cancel_is_told_to_a_worker_that_comes_later(celery, name, parked, tmp_path):
    run = celery.admin.run_now(celery.admin.celery(name, "fleet.nothing", target={"queue": parked.name}))
    celery.admin.reaches(run, "queued")
    celery.admin.post(f"api/cron-job-logs/{run}/cancel/")

    # Without mingle it learns nothing from the others; it gets its queue once it can have been told.
    with Worker(
        tmp_path, celery.version, celery.fleet.broker.url(), name="late", queues=["unused"], alone=True
    ) as late:
        # One question may go without an answer while the machine is busy.
        until(
            lambda: run in celery.fleet.client.inspect("revoked", destination=[late.node]).get(late.node, ()),
            "it was told",
        )
        celery.fleet.client.control("add_consumer", queue=parked.name, destination=[late.node])

        seen = celery.admin.finished(run)
        assert (seen["status"], seen["reason"], seen["worker_name"]) == ("cancelled", "by_user", late.node)
    assert celery.fleet.executions(run) == 0


def test_terminate_ends_a_run_that_has_started(celery, name):
    run = celery.admin.run_now(celery.admin.celery(name, "fleet.sleep", [60]))
    celery.admin.reaches(run, "running")

    answer = celery.admin.post(f"api/cron-job-logs/{run}/cancel/", {"terminate": True})

    assert answer.status_code == 202, answer.text
    seen = celery.admin.finished(run)
    assert (seen["status"], seen["reason"]) == ("cancelled", "by_user")


def test_a_plain_cancel_lets_a_started_run_finish(celery, name):
    run = celery.admin.run_now(celery.admin.celery(name, "fleet.sleep", [2]))
    celery.admin.reaches(run, "running")

    celery.admin.post(f"api/cron-job-logs/{run}/cancel/")

    assert celery.admin.finished(run)["status"] == "success"


def test_a_revoke_of_somebody_else_is_told_apart_from_ours(celery, name, parked):
    run = celery.admin.run_now(celery.admin.celery(name, "fleet.nothing", target={"queue": parked.name}))
    celery.admin.reaches(run, "queued")

    celery.fleet.client.control("revoke", task_id=run, destination=[celery.fleet.worker.node])
    parked.serve()

    seen = celery.admin.finished(run)
    assert (seen["status"], seen["reason"]) == ("cancelled", "revoked")


# -- lost -------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(120)
def test_a_worker_killed_in_mid_task_takes_its_run_with_it(celery, name, tmp_path):
    queue = "doomed"
    with Worker(tmp_path, celery.version, celery.fleet.broker.url(), name="doomed", queues=[queue]) as worker:
        run = celery.admin.run_now(celery.admin.celery(name, "fleet.sleep", [60], target={"queue": queue}))
        celery.admin.reaches(run, "running")

        worker.kill()

        seen = celery.admin.finished(run, deadline=60)
        assert (seen["status"], seen["reason"]) == ("lost", "worker_gone")
        assert worker.node in seen["evidence"]


def test_a_run_that_nobody_takes_is_lost_after_its_timeout(celery, name, parked):
    run = celery.admin.run_now(celery.admin.celery(name, "fleet.nothing", target={"queue": parked.name}, timeout=2))

    seen = celery.admin.finished(run, deadline=30)

    assert (seen["status"], seen["reason"]) == ("lost", "no_end_seen")
    assert seen["evidence"]


def test_late_news_is_a_note_and_not_a_new_status(celery, name, parked):
    run = celery.admin.run_now(celery.admin.celery(name, "fleet.nothing", target={"queue": parked.name}, timeout=1))
    assert celery.admin.finished(run, deadline=30)["status"] == "lost"

    parked.serve()

    until(lambda: celery.fleet.executions(run) == 1, "it ran after all")
    noted = until(lambda: celery.admin.run(run)["notes"], "that is noted")
    assert any("succe" in note["text"].lower() or "start" in note["text"].lower() for note in noted)
    assert celery.admin.run(run)["status"] == "lost"


def test_events_are_switched_on_for_a_worker_that_starts_without_them_and_again_after_its_restart(
    celery, name, tmp_path
):
    job = celery.admin.celery(name, "fleet.silent", target={"queue": "quiet"})  # no result: only events can tell
    with Worker(tmp_path, celery.version, celery.fleet.broker.url(), name="quiet", queues=["quiet"]) as worker:
        for _ in range(2):
            # A task that began before the switch is not heard; the switch comes within seconds of worker-online.
            def heard():
                run = celery.admin.run_now(job)
                until(lambda: celery.fleet.executions(run), "it ran")
                return celery.admin.run(run)["status"] == "success" or celery.admin.reaches(run, "success", deadline=3)

            until(lambda: succeeds(heard), "its events are heard", 30)
            worker.stop()
            worker.start()


def succeeds(look):
    try:
        return look()
    except AssertionError:
        return False
