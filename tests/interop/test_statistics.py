"""The statistics, beside a count of the rows that they speak of."""

from collections import Counter
from datetime import datetime

FAILED = {"failed", "timed_out", "lost"}
ENDED = {"success", "cancelled"} | FAILED


def recount(admin):
    """The same figures, from the lists."""
    jobs = list(admin.pages("api/cron-jobs/", page_size=100))
    runs = [row for row in admin.pages("api/cron-job-logs/", page_size=100) if row["status"] in ENDED]
    times = [run["execution_time"] for run in runs if run["execution_time"] is not None]
    return {
        "total_jobs": len(jobs),
        "active_jobs": sum(job["is_active"] for job in jobs),
        "inactive_jobs": sum(not job["is_active"] for job in jobs),
        "running_jobs": sum(job["running_count"] > 0 for job in jobs),
        "failed_jobs": sum(job["is_active"] and job["last_status"] in FAILED for job in jobs),
        "jobs_by_status": dict(Counter(job["last_status"] for job in jobs)),
        "jobs_by_schedule_type": dict(Counter(job["schedule_type"] for job in jobs)),
        "recent_executions": len(runs),
        "successful_executions": sum(run["status"] == "success" for run in runs),
        "failed_executions": sum(run["status"] in FAILED for run in runs),
        "total_execution_time": round(sum(times), 3),
    }


def figures(admin, **parameters):
    answer = admin.get("api/cron-jobs/statistics/", params=parameters).json()
    for by in ("jobs_by_status", "jobs_by_schedule_type"):
        answer[by] = {key: count for key, count in answer[by].items() if count}
    answer["total_execution_time"] = round(answer["total_execution_time"], 3)
    return answer


def equal_but_for_rounding(figures, counted):
    for key, value in counted.items():
        if key == "total_execution_time":
            assert abs(figures[key] - value) < 0.01
        else:
            assert figures[key] == value, key


def test_an_empty_server_has_no_executions_and_no_nan(fresh):
    answer = figures(fresh.admin)

    assert answer["recent_executions"] == answer["successful_executions"] == answer["failed_executions"] == 0
    assert answer["average_execution_time"] == 0


def test_the_figures_equal_a_recount_after_runs_edits_and_deletes(fresh):
    admin = fresh.admin
    good = admin.create("good", "@daily")
    bad = admin.create("bad", "every 1 day", argv=["/bin/false"])
    off = admin.create("off", "@daily", is_active=False, argv=["/bin/false"])
    gone = admin.create("gone")
    for job in (good, good, bad, off, gone):
        admin.finished(admin.run_now(job))
        equal_but_for_rounding(figures(admin), recount(admin))
    late = admin.shell("times out", "sleep 60", timeout=1)
    admin.finished(admin.run_now(late), deadline=30)
    admin.delete(f"api/cron-jobs/{gone['id']}/")
    admin.post(f"api/cron-jobs/{bad['id']}/update_status/", {"is_active": False})

    equal_but_for_rounding(figures(admin), recount(admin))
    equal_but_for_rounding(figures(admin, hours=0), recount(admin))


def test_a_running_job_is_counted_while_it_runs(fresh):
    admin = fresh.admin
    job = admin.shell("runs for long", "sleep 300")
    run = admin.run_now(job)
    admin.reaches(run, "running")

    assert figures(admin)["running_jobs"] == 1
    assert figures(admin)["jobs_by_status"]["running"] == 1
    admin.post(f"api/cron-job-logs/{run}/cancel/")
    admin.finished(run)
    assert figures(admin)["running_jobs"] == 0


def test_the_figures_of_one_job_are_its_own(fresh):
    admin = fresh.admin
    job = admin.create("counted alone", argv=["/bin/false"])
    for _ in range(3):
        admin.finished(admin.run_now(job))

    answer = figures(admin, job=job["id"])

    assert (answer["recent_executions"], answer["successful_executions"], answer["failed_executions"]) == (3, 0, 3)
    assert abs(answer["average_execution_time"] * 3 - answer["total_execution_time"]) < 0.01


def test_the_series_adds_up_to_the_figures(fresh):
    answer = figures(fresh.admin, series=1, hours=6)

    assert len(answer["series"]) == 6
    hours = [datetime.fromisoformat(entry["hour"]) for entry in answer["series"]]
    assert {(later - earlier).total_seconds() for earlier, later in zip(hours, hours[1:])} == {3600}
    assert sum(entry["success"] for entry in answer["series"]) == answer["successful_executions"]
    assert sum(entry["failed"] for entry in answer["series"]) == answer["failed_executions"]
    assert (
        sum(entry["success"] + entry["failed"] + entry["other"] for entry in answer["series"])
        == answer["recent_executions"]
    )
    assert "series" not in figures(fresh.admin)


def test_figures_survive_a_restart(fresh):
    before = figures(fresh.admin)
    fresh.server.stop()
    fresh.server.start(listen=f"127.0.0.1:{fresh.server.port}")

    assert figures(fresh.admin) == before
