"""Jobs with the schedule @reboot: once whenever a server starts, whatever ended the one before."""

import signal

from harness.client import Client
from harness.people import PASSWORD, first_admin
from harness.wait import until


def signed_in(server):
    return Client(server).login("admin", PASSWORD)


def finished(admin, job, count):
    """The job's runs, newest first, once there are so many and each has ended."""

    def look():
        runs = admin.runs_of(job)
        return runs if len(runs) >= count and all(run["run_ended_at"] for run in runs) else None

    return until(look, f"{count} runs of {job['name']} have ended", 20)


def test_a_job_runs_once_with_each_start_and_says_so(server_in):
    server = server_in()
    admin = first_admin(server)
    job = admin.create("boot", "@reboot", argv=["/usr/bin/env"])
    inactive = admin.create("off", "@reboot", is_active=False)
    sentinel = admin.create("sentinel", "* * * * * *")

    assert (job["schedule_type"], job["next_run_at"]) == ("cron", None)
    assert job["schedule_display"] == "Once, when the server starts"
    assert admin.get(f"api/cron-jobs/{job['id']}/next_runs/").json() == []
    until(lambda: admin.runs_of(sentinel), "the beat has turned")
    assert admin.runs_of(job) == []  # made after the start

    for start in (1, 2):
        server.stop()
        server.start()
        admin = signed_in(server)
        (run, *before) = finished(admin, job, start)

        assert len(before) == start - 1
        assert (run["status"], run["trigger"], run["scheduled_for"], run["triggered_by"]) == (
            "success", "schedule", None, None
        )
        assert run["late"] is False
        assert "The server started." in [note["text"] for note in admin.run(run)["notes"]]
        assert "CJV_SCHEDULED_FOR=\n" in admin.output(run).text
        assert admin.job(job)["next_run_at"] is None
    assert admin.runs_of(inactive) == []


def test_kill_9_right_after_the_start_loses_no_start_and_doubles_none(server_in):
    server = server_in()
    admin = first_admin(server)
    job = admin.create("boot", "@reboot", overlap="allow")
    server.stop()

    starts = 6
    for before in range(starts):
        server.start()
        admin = signed_in(server)
        until(lambda: len(admin.runs_of(job)) > before, "the run of the start is recorded")
        assert len(admin.runs_of(job)) == before + 1
        server.signal(signal.SIGKILL)
        server.wait()
    server.start()
    admin = signed_in(server)
    runs = finished(admin, job, starts + 1)

    assert len(runs) == starts + 1
    assert {run["trigger"] for run in runs} == {"schedule"}
    assert {run["scheduled_for"] for run in runs} == {None}
    # What had begun when the server died is lost, and says so; the others ran.
    assert {run["status"] for run in runs} <= {"success", "lost"}


def test_it_stands_alone(admin, name):
    answer = admin.post(
        "api/cron-jobs/",
        {"name": name, "kind": "command", "target": {"argv": ["/bin/true"]}, "schedule": "@reboot ; @daily"},
    )

    assert answer.status_code == 400
    assert answer.json() == {"schedule": ["column 1: @reboot has no time, and stands alone"]}
