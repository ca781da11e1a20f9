"""Our own job that removes what is older than retention, in the real program."""

import sqlite3
import uuid

from harness.people import first_admin

DAY = 24 * 3600


def age(database, run, days):
    """Makes a run, its output and its part of the totals as old as if it had been decided `days` ago."""
    old = uuid.UUID(run).bytes
    moved = int.from_bytes(old[:6], "big") - days * DAY * 1000  # an id begins with its milliseconds
    new = moved.to_bytes(6, "big") + old[6:]
    back = days * DAY * 10**6
    database.execute(
        "UPDATE runs SET id = ?, decided_at = decided_at - ?, queued_at = queued_at - ?, started_at = started_at - ?, "
        "ended_at = ended_at - ? WHERE id = ?",
        (new, back, back, back, back, old),
    )
    database.execute("UPDATE outputs SET run = ?, at = at - ? WHERE run = ?", (new, back, old))
    database.execute("DELETE FROM hourly")
    for job in ("0", "job"):
        database.execute(
            f"INSERT INTO hourly SELECT {job}, ended_at / 3600000000, count(*), 0, 0, "
            "sum(ended_at - started_at), count(started_at) FROM runs WHERE status = 'success' GROUP BY 1, 2"
        )
    return new


def test_clean_up_run_by_hand_removes_what_is_too_old_and_nothing_else(server_in):
    server = server_in()
    admin = first_admin(server)
    old, young = (admin.shell(name, f"echo {name}") for name in ("old", "young"))
    gone, stays, recent = (admin.finished(admin.run_now(job))["id"] for job in (old, old, young))
    server.stop()
    with sqlite3.connect(server.data / "cron-job-viewer.db") as database:
        gone = age(database, gone, days=31)
        stays = str(uuid.UUID(bytes=age(database, stays, days=29)))
    database.close()
    server.start(listen=f"127.0.0.1:{server.port}")
    assert len(admin.runs_of(old)) == 2
    (chore,) = (
        job for job in admin.pages("api/cron-jobs/", page_size=100) if job.get("target", {}).get("action") == "clean_up"
    )

    run = admin.finished(admin.run_now(chore))

    assert run["status"] == "success"
    assert admin.output(run).text == "Removed 1 run older than 30 days.\n"
    assert [left["id"] for left in admin.runs_of(old)] == [stays]
    assert [left["id"] for left in admin.runs_of(young)] == [recent]
    assert admin.output(recent).text == "young\n"
    database = sqlite3.connect(server.data / "cron-job-viewer.db")
    assert database.execute("SELECT count(*) FROM runs WHERE id = ?", (gone,)).fetchone() == (0,)
    assert database.execute("SELECT count(*) FROM outputs WHERE run = ?", (gone,)).fetchone() == (0,)
    totals, counted = database.execute(
        "SELECT (SELECT sum(success) FROM hourly WHERE job = 0), "
        "(SELECT count(*) FROM runs WHERE status = 'success')"
    ).fetchone()
    database.close()
    assert totals == counted

    # Of its days, which the job itself may say, follows how much goes.
    assert admin.patch(f"api/cron-jobs/{chore['id']}/", {"target": {"action": "clean_up", "days": 7}}).status_code == 200
    run = admin.finished(admin.run_now(chore))
    assert admin.output(run).text == "Removed 1 run older than 7 days.\n"
    assert admin.runs_of(old) == []
    assert [left["id"] for left in admin.runs_of(young)] == [recent]
