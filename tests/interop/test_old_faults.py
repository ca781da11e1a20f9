"""What the Django app before us did wrong, each once, by the numbers of the product's list. Where a row speaks of Celery, its local twin."""

import pytest

from harness.client import FINAL
from harness.wait import until


def test_r1_run_now_really_runs_and_says_how_it_went(admin, name, tmp_path):
    done = tmp_path / "done"
    good = admin.create(f"{name} good", argv=["/bin/sh", "-c", f"echo $CJV_RUN_ID > {done}"])
    bad = admin.create(f"{name} bad", argv=["/bin/sh", "-c", "exit 4"])

    run, failed = admin.finished(admin.run_now(good)), admin.finished(admin.run_now(bad))

    assert run["status"] == "success"
    assert done.read_text().strip() == run["id"]
    assert (failed["status"], failed["exit_code"]) == ("failed", 4)


def test_r2_every_start_and_every_finish_is_recorded(admin, name, tmp_path):
    starts = tmp_path / "starts"
    job = admin.shell(
        name, f"echo $CJV_RUN_ID >> {starts}; exit $(( $(wc -l < {starts}) % 2 ))", overlap="allow", timeout=60
    )
    runs = {admin.run_now(job) for _ in range(20)}

    seen = {run: admin.finished(run) for run in runs}

    assert set(starts.read_text().split()) == runs
    assert all(run["run_started_at"] and run["run_ended_at"] for run in seen.values())
    assert {run["status"] for run in seen.values()} == {"success", "failed"}
    assert admin.job(job)["total_run_count"] == 20


def test_r3_two_jobs_of_one_task_keep_their_runs_apart(admin, name):
    one, two = (
        admin.shell(f"{name} {which}", "exit $N", target={"argv": ["/bin/sh", "-c", "exit $N"], "env": {"N": which}})
        for which in "01"
    )
    ran = {job["id"]: [admin.run_now(job, force=True) for _ in range(3)] for job in (one, two)}
    for runs in ran.values():
        for run in runs:
            admin.finished(run)

    for job, status in ((one, "success"), (two, "failed")):
        logs = admin.runs_of(job)
        assert {log["id"] for log in logs} == set(ran[job["id"]])
        assert {log["status"] for log in logs} == {status}
        assert admin.job(job)["last_status"] == status
    assert one["task"] == two["task"]


@pytest.mark.parametrize("schedule, fields", [("every 5 minutes", {}), ("5 minutes", {"schedule_type": "interval"})])
def test_r4_every_five_minutes_gets_its_next_run(admin, name, schedule, fields):
    job = admin.create(name, schedule, **fields)

    slots = [slot["at"] for slot in admin.get(f"api/cron-jobs/{job['id']}/next_runs/", params={"count": 3}).json()]

    assert job["schedule_type"] == "interval"
    assert job["next_run_at"] == slots[0]
    assert all(int(at[14:16]) % 5 == 0 and at[17:19] == "00" for at in slots)
    assert len(set(slots)) == 3


def test_r4_and_it_runs_then(admin, name):
    job = admin.create(name, "every 1 second")

    until(
        lambda: len([run for run in admin.runs_of(job) if run["status"] == "success"]) >= 2,
        "two slots have run",
        deadline=20,
    )
    admin.delete(f"api/cron-jobs/{job['id']}/")


def test_r6_running_is_a_status_and_is_counted(fresh):
    admin = fresh.admin
    job = admin.shell("r6", "sleep 300")
    run = admin.run_now(job)
    admin.reaches(run, "running")

    figures = admin.get("api/cron-jobs/statistics/").json()
    assert figures["running_jobs"] == 1
    assert figures["jobs_by_status"]["running"] == 1
    assert admin.job(job)["running_count"] == 1
    assert [row["id"] for row in admin.pages("api/cron-job-logs/", status="running")] == [run]
    admin.post(f"api/cron-job-logs/{run}/cancel/")
    admin.finished(run)


def test_r7_a_long_run_within_its_own_limit_is_left_alone(fresh):
    """The health check goes by evidence and by the job's own limit, whatever the job's last run and its age."""
    admin = fresh.admin
    check = next(
        job for job in admin.pages("api/cron-jobs/", kind="internal") if job["target"]["action"] == "health_check"
    )
    short = admin.shell("r7 over its limit", "sleep 300", timeout=1)
    long = admin.shell("r7 within its limit", "sleep 300", timeout=600)
    admin.finished(admin.run_now(admin.create("r7 another", argv=["/bin/true"])))
    over, within = admin.run_now(short), admin.run_now(long)
    admin.reaches(within, "running")

    assert admin.finished(over, deadline=20)["status"] == "timed_out"
    assert admin.finished(admin.run_now(check))["status"] == "success"
    assert admin.run(within)["status"] == "running"
    admin.post(f"api/cron-job-logs/{within}/cancel/")
    assert admin.finished(within)["status"] == "cancelled"


def test_r9_output_and_errors_are_kept_whole(admin, name):
    traceback = (
        'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\nZeroDivisionError: division by zero'
    )
    job = admin.create(name, argv=["/bin/sh", "-c", f"seq 1 5000; printf '%s\\n' '{traceback}' >&2; exit 1"])

    run = admin.finished(admin.run_now(job))

    assert admin.output(run, params={"stream": "stdout"}).text == "".join(f"{number}\n" for number in range(1, 5001))
    assert admin.output(run, params={"stream": "stderr"}).text == traceback + "\n"
    assert run["output_cut"] == 0
    in_list = admin.runs_of(job)[0]["output_message"]
    assert in_list.startswith("1\n2\n") and in_list.endswith("ZeroDivisionError: division by zero\n")
    assert len(in_list.encode()) <= 4096


@pytest.mark.parametrize(
    "schedule, words",
    [
        ("0 9 * * 1-5", ["09:00"]),
        ("*/15 * * * *", ["15 minutes"]),
        ("every 5 minutes", ["5 minutes"]),
        ("0 0 1 * *", ["1"]),
        ("@hourly", ["hour"]),
        ("", []),
    ],
)
def test_r10_a_schedule_is_described_in_words(admin, name, schedule, words):
    display = admin.create(name, schedule, is_active=False)["schedule_display"]

    assert display
    assert display != schedule
    assert "*" not in display
    for word in words:
        assert word in display


def test_a_final_status_is_one_of_those_that_are_written_down(admin):
    assert {
        row["status"] for row in admin.pages("api/cron-job-logs/", page_size=100, status=",".join(sorted(FINAL)))
    } <= FINAL
