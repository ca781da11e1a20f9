"""Zone data that change under a running server, in a folder of zone files of the test's own."""

import pathlib
import shutil


from harness.client import Client
from harness.people import PASSWORD, first_admin
from harness.wait import spend, until

SYSTEM = pathlib.Path("/usr/share/zoneinfo")
LOOKED = 25  # the server looks every ten seconds


class Zones:
    def __init__(self, folder):
        self.folder = folder
        self.folder.mkdir()

    def put(self, name, data):
        """The zone `name` has the rules of `data` from now on; the file is replaced as a package does it."""
        target = self.folder / name
        target.parent.mkdir(exist_ok=True)
        fresh = target.with_name(target.name + ".new")
        shutil.copyfile(SYSTEM / data, fresh)
        fresh.replace(target)

    def remove(self, name):
        (self.folder / name).unlink()


def started(server_in, tmp_path):
    zones = Zones(tmp_path / "zoneinfo")
    zones.put("Europe/Berlin", "Europe/Berlin")
    zones.put("Asia/Tokyo", "Asia/Tokyo")
    config = tmp_path / "config.toml"
    config.write_text(f'schedule.zoneinfo = "{zones.folder}"\n')
    server = server_in("--config", str(config))
    return zones, server, first_admin(server)


def test_new_zone_data_move_the_next_run_and_the_log_says_so(server_in, tmp_path):
    zones, server, admin = started(server_in, tmp_path)
    job = admin.create("moved", "0 0 1 1 *", timezone="Europe/Berlin")
    other = admin.create("stays", "0 0 1 1 *", timezone="Asia/Tokyo")
    assert job["next_run_at"].endswith("-12-31T23:00:00Z")

    zones.put("Europe/Berlin", "Asia/Kolkata")

    until(lambda: admin.job(job)["next_run_at"] != job["next_run_at"], "the next run has moved", LOOKED)
    moved = admin.job(job)
    assert moved["next_run_at"].endswith("-12-31T18:30:00Z")
    assert moved["version"] == job["version"]
    assert admin.get(f"api/cron-jobs/{job['id']}/next_runs/", params={"count": 1}).json()[0]["offset"] == "+05:30"
    assert admin.job(other)["next_run_at"] == other["next_run_at"]
    said = until(lambda: "store.slot_moved" in (text := server.complaints()) and text, "the log says so")
    assert job["next_run_at"] in said and moved["next_run_at"] in said


def test_a_job_whose_zone_is_gone_waits_with_a_reason_and_goes_on_when_it_is_back(server_in, tmp_path):
    zones, server, admin = started(server_in, tmp_path)
    job = admin.create("every second", "* * * * * *", timezone="Europe/Berlin")
    other = admin.create("other", "0 0 * * *", timezone="Asia/Tokyo")
    until(lambda: admin.runs_of(job), "it runs")

    zones.remove("Europe/Berlin")

    until(lambda: admin.job(job)["trouble"] == "zone_missing", "the job says why it waits", LOOKED)
    waiting = admin.job(job)
    assert (waiting["next_run_at"], waiting["is_active"]) == (None, True)
    assert admin.get(f"api/cron-jobs/{job['id']}/next_runs/").json() == []
    assert admin.get("api/health/").json()["components"]["scheduler"]["status"] == "degraded"
    assert admin.job(other)["trouble"] is None
    refused = admin.patch(f"api/cron-jobs/{job['id']}/", {"schedule": "@daily"})
    assert refused.json() == {"timezone": ['"Europe/Berlin" is not a known time zone.']}
    slots = {run["scheduled_for"] for run in admin.runs_of(job)}
    spend(2.5)  # what should not happen cannot be waited for
    assert {run["scheduled_for"] for run in admin.runs_of(job)} == slots

    # A start finds it missing, too.
    server.stop()
    server.start()
    admin = Client(server).login("admin", PASSWORD)
    assert admin.job(job)["trouble"] == "zone_missing"
    assert admin.job(job)["schedule_display"] == "* * * * * *"

    zones.put("Europe/Berlin", "Europe/Berlin")

    until(lambda: admin.job(job)["trouble"] is None, "the job is served again", LOOKED)
    until(lambda: {run["scheduled_for"] for run in admin.runs_of(job, trigger="schedule")} - slots, "it runs again")
    gap = admin.runs_of(job, status="missed")
    assert gap and {row["reason"] for row in gap} <= {"stalled", "server_down"}
    assert admin.get("api/health/").json()["status"] == "healthy"
