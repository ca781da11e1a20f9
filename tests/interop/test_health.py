"""What the server says of itself."""

import glob
import os
import resource
import subprocess
import sqlite3

from harness.people import PASSWORD, first_admin
from harness.server import binary
from harness.wait import until


def test_health_names_each_part_with_its_state(admin):
    health = admin.get("api/health/").json()

    parts = {name: part["status"] for name, part in health["components"].items()}
    assert health["status"] == "healthy"
    assert parts["database"] == parts["scheduler"] == "healthy"
    assert {parts[name] for name in ("broker", "result_backend", "workers", "queues")} == {"not_configured"}


def test_the_probes_answer_without_a_session_and_say_nothing_more(people):
    for path in ("livez", "readyz"):
        answer = people.nobody.get(path)

        assert answer.status_code == 200
        assert answer.json()["status"] == "ok"


def test_me_says_who_one_is(people):
    me = people.staff.get("api/auth/me/").json()

    assert me["user"]["username"] == "staff"
    assert (me["user"]["is_staff"], me["user"]["is_superuser"]) == (True, False)
    assert me["version"]


def test_the_version_is_the_same_everywhere(server, admin):
    version = admin.get("api/auth/me/").json()["version"]

    assert version in server.run("--version").stdout


def test_it_listens_on_loopback_alone_and_on_one_port(server):
    own = {os.readlink(link) for link in glob.glob(f"/proc/{server.pid}/fd/*")}
    listening = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in open(f"/proc/{server.pid}/net/{table}").readlines()[1:]:
            _, local, _, state, *rest = line.split()
            if f"socket:[{rest[5]}]" in own and (state == "0A" or table.startswith("udp")):
                listening.append((table, local))

    assert listening == [("tcp", f"0100007F:{server.port:04X}")]


def test_files_are_for_their_owner_alone(server):
    for file in server.data.rglob("*"):
        assert file.stat().st_mode & 0o077 == 0, file
    assert server.data.stat().st_mode & 0o077 == 0


def test_a_disk_that_refuses_writes_is_told_by_health_and_readiness(server_in):
    server = server_in()
    admin = first_admin(server)
    job = {"name": "one", "kind": "command", "target": {"argv": ["/bin/true"]}, "schedule": "0 3 * * *"}
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, 0))

    refused = admin.post("api/cron-jobs/", json=job)
    health = admin.get("api/health/").json()

    assert refused.status_code == 503
    assert health["components"]["database"]["status"] == health["status"] == "unavailable"
    assert "restart" in health["components"]["database"]["detail"]
    assert admin.get("readyz").status_code == 503
    assert admin.get("livez").status_code == 200
    assert admin.get("api/cron-jobs/").status_code == 200


def test_a_job_that_the_database_refuses_spares_the_others_and_says_so(server_in):
    server = server_in()
    admin = first_admin(server)
    bad, good = (admin.create(name, "every 1 second", overlap="allow") for name in ("bad", "good"))
    until(lambda: admin.job(bad)["total_run_count"] > 0, "it runs")
    with sqlite3.connect(server.data / "cron-job-viewer.db") as database:
        ((number,),) = database.execute("SELECT number FROM jobs WHERE name = 'bad'").fetchall()
        database.execute(
            f"CREATE TRIGGER poison BEFORE INSERT ON runs WHEN NEW.job = {number} "
            "BEGIN SELECT RAISE(ABORT, 'a poisoned row'); END"
        )

    until(lambda: admin.job(bad)["trouble"] == "slots_refused", "the job says so")
    before = admin.job(good)["total_run_count"]
    until(lambda: admin.job(good)["total_run_count"] >= before + 3, "the other goes on")
    assert admin.job(good)["trouble"] is None
    scheduler = until(
        lambda: (part := admin.get("api/health/").json()["components"]["scheduler"])["status"] == "degraded" and part,
        "health says so",
    )
    assert "1 job cannot be served" in scheduler["detail"]
    assert "store.decision_refused" in server.complaints()
    assert "a poisoned row" in server.complaints()
    assert admin.get("readyz").status_code == 200

    with sqlite3.connect(server.data / "cron-job-viewer.db") as database:
        database.execute("DROP TRIGGER poison")
    # An edit tries again at once.
    admin.patch(f"api/cron-jobs/{bad['id']}/", {"description": "cured"})
    until(lambda: admin.job(bad)["trouble"] is None, "it is well again")
    assert admin.get("api/health/").json()["components"]["scheduler"]["status"] == "healthy"


def test_what_a_command_makes_before_the_first_serve_is_for_its_owner_alone(tmp_path):
    folder = tmp_path / "made by a command"
    folder.mkdir(mode=0o755)

    subprocess.run(
        ["sh", "-c", 'umask 022; exec "$@"', "sh", binary(), "--data-dir", folder, "user", "add", "first", "--password-stdin"],
        input=PASSWORD, text=True, check=True, capture_output=True,
    )  # fmt: skip

    for file in folder.rglob("*"):
        assert file.stat().st_mode & 0o077 == 0, file
