"""A Redis that answers and takes no message: runs wait, say so, and go out once when it is well again."""

import random

import pytest

from harness.client import Client
from harness.people import PASSWORD, first_admin
from harness.redis import Redis, judge
from harness.server import Server
from harness.wait import spend, until


@pytest.fixture
def served(tmp_path):
    """Starts a server in front of a broker; (server, its signed-in admin)."""
    servers = []

    def start(broker, url=None):
        server = Server(tmp_path / "server", "--broker", url or broker.url()).start()
        servers.append(server)
        return server, first_admin(server)

    yield start
    for server in servers:
        server.kill()


def part(admin, name="broker"):
    return admin.get("api/health/").json()["components"][name]


def no_memory(broker):
    broker.limit_memory(1)
    return lambda: broker.limit_memory(0)


def replica_of_nobody(broker):
    broker.client().execute_command("REPLICAOF", "127.0.0.1", "1")
    return lambda: broker.client().execute_command("REPLICAOF", "NO", "ONE")


def save_failed(broker):
    """A folder is in the way of its file: a save fails, and Redis then takes no writes."""
    client = broker.client()
    (broker.folder / "dump.rdb").mkdir()
    client.config_set("save", "3600 1")
    client.set("changed", 1)
    client.execute_command("BGSAVE")
    until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err", "the save has failed")
    return lambda: broker.client().config_set("save", "")


def a_password(broker):
    """Asked from every new connection; the server's are closed."""
    client = broker.client()
    client.config_set("requirepass", "secret")
    for one in client.client_list():
        if one["addr"].startswith("127.0.0.1:"):
            client.client_kill_filter(_id=one["id"])
    return lambda: client.config_set("requirepass", "")


@pytest.mark.parametrize(
    "trouble, words",
    [
        (no_memory, "maxmemory"),
        (replica_of_nobody, "replica"),
        (save_failed, "save to disk failed"),
        (a_password, "password"),
    ],
    ids=["OOM", "READONLY", "MISCONF", "NOAUTH"],
)
def test_runs_wait_and_say_so_and_each_is_sent_once_afterwards(tmp_path, served, trouble, words):
    with Redis(tmp_path / "redis") as broker:
        tap = broker.tap()
        server, admin = served(broker)
        job = admin.celery("waits", "fleet.nothing", target={"queue": "q"})
        runs = [admin.run_now(job)]
        admin.reaches(runs[0], "queued")

        cure = trouble(broker)
        runs += [admin.run_now(job) for _ in range(3)]

        until(lambda: all(admin.run(run)["reason"] == "broker_away" for run in runs[1:]), "they say what they wait for", 20)
        assert {admin.run(run)["status"] for run in runs[1:]} == {"pending"}
        told = until(lambda: (seen := part(admin))["status"] != "healthy" and words in seen["detail"] and seen, "health says so", 20)
        assert "3 messages wait here" in told["detail"]
        assert admin.get("readyz").status_code == 200, "jobs of other kinds run on"

        cure()

        until(lambda: all(admin.run(run)["status"] == "queued" for run in runs), "all are sent", 40)
        assert {admin.run(run)["reason"] for run in runs} <= {None, ""}
        assert judge(runs, tap.pushes(list="q"))
        until(lambda: part(admin)["status"] == "healthy", "health says so", 20)


def test_what_expires_while_the_broker_takes_nothing_is_missed_and_not_sent(tmp_path, served):
    with Redis(tmp_path / "redis") as broker:
        tap = broker.tap()
        _, admin = served(broker)
        brief = admin.celery("brief", "fleet.nothing", target={"queue": "q", "expires": 2.5})
        patient = admin.celery("patient", "fleet.nothing", target={"queue": "q", "expires": 600})
        broker.limit_memory(1)
        runs = [admin.run_now(brief), admin.run_now(patient)]

        missed = admin.reaches(runs[0], "missed", deadline=20)
        assert missed["reason"] == "expired"
        assert "before it could be sent" in missed["error"]
        broker.limit_memory(0)
        admin.reaches(runs[1], "queued", deadline=20)

        assert judge(runs[1:], tap.pushes())


def test_a_redis_that_still_reads_its_data_is_waited_for(tmp_path, served):
    with Redis(tmp_path / "redis", "--appendonly", "yes") as broker:
        tap = broker.tap()
        client = broker.client()
        for i in range(60):
            client.rpush("data", *[f"{i}-{n}" * 20 for n in range(2000)])
        server, admin = served(broker)
        job = admin.celery("waits", "fleet.nothing", target={"queue": "q"})
        broker.kill()
        runs = [admin.run_now(job) for _ in range(3)]
        until(lambda: admin.run(runs[0])["reason"] == "broker_away", "it waits", 20)

        broker.start(deadline=60)

        until(lambda: all(admin.run(run)["status"] == "queued" for run in runs), "all are sent", 40)
        assert judge(runs, tap.pushes(list="q"))


def test_a_queue_that_is_something_else_holds_up_no_other(tmp_path, served):
    with Redis(tmp_path / "redis") as broker:
        tap = broker.tap()
        broker.client().set("taken", "a text")
        server, admin = served(broker)
        taken = admin.celery("taken", "fleet.nothing", target={"queue": "taken"})
        stuck = [admin.run_now(taken) for _ in range(30)]
        runs = [admin.run_now(admin.celery("other", "fleet.nothing", target={"queue": "q"}))]

        admin.reaches(runs[0], "queued")
        until(lambda: admin.run(stuck[-1])["reason"] == "broker_away", "it says that it waits", 20)
        assert "the list taken" in part(admin)["detail"]
        broker.client().delete("taken")
        until(lambda: all(admin.run(run)["status"] == "queued" for run in stuck), "all are sent", 40)

        # A push that a script tried in vain is seen by the tap as well: what lies there has the word.
        assert sorted(message["headers"]["id"] for message in broker.messages("taken")) == sorted(stuck)
        assert judge(runs, tap.pushes(list="q"))


# -- a broker that forbids scripts ------------------------------------------------------------------------------

NO_SCRIPTS = ["+@all", "-eval", "-evalsha", "-script", "-function", "-fcall"]


def no_scripts_for(broker, *rules):
    """A user of the broker for whom scripts are forbidden; its URL."""
    broker.client().execute_command("ACL", "SETUSER", "celery", "on", ">secret", "~*", "&*", *(rules or NO_SCRIPTS))
    return f"redis://celery:secret@127.0.0.1:{broker.port}/0"


def test_a_broker_that_forbids_scripts_is_served_and_health_says_what_that_costs(tmp_path, served):
    with Redis(tmp_path / "redis") as broker:
        tap = broker.tap()
        server, admin = served(broker, no_scripts_for(broker))
        job = admin.celery("plain", "fleet.nothing", target={"queue": "q"})

        runs = [admin.run_now(job) for _ in range(20)]

        until(lambda: all(admin.run(run)["status"] == "queued" for run in runs), "all are sent", 20)
        assert judge(runs, tap.pushes(list="q"))
        told = until(lambda: (seen := part(admin))["status"] == "degraded" and seen, "health says so", 20)
        assert "Redis forbids scripts" in told["detail"] and "may be sent twice" in told["detail"]
        assert "secret" not in server.complaints()


def test_scripts_under_another_name_are_no_scripts(tmp_path, served):
    with Redis(tmp_path / "redis", "--rename-command", "EVAL", "", "--rename-command", "EVALSHA", "") as broker:
        tap = broker.tap()
        _, admin = served(broker)
        runs = [admin.run_now(admin.celery("plain", "fleet.nothing", target={"queue": "q"}))]

        admin.reaches(runs[0], "queued")
        assert judge(runs, tap.pushes(list="q"))
        until(lambda: "forbids scripts" in part(admin)["detail"], "health says so", 20)


def test_without_scripts_a_killed_server_loses_nothing(tmp_path, served):
    """Twice is what may happen to what was on its way at that moment: the price that health names."""
    with Redis(tmp_path / "redis") as broker:
        tap = broker.tap()
        url = no_scripts_for(broker)
        server, admin = served(broker, url)
        jobs = [
            admin.celery(f"flow {n}", "fleet.nothing", target={"queue": "flow"}, schedule="every 1 seconds",
                         misfire="all", misfire_limit=100)
            for n in range(50)
        ]
        for _ in range(4):
            spend(random.uniform(0.1, 1.2))
            server.kill()
            server.start(listen=f"127.0.0.1:{server.port}")
        admin = Client(server).login("admin", PASSWORD)
        for job in jobs:
            admin.post(f"api/cron-jobs/{job['id']}/update_status/", {"is_active": False})
        until(lambda: not [run for run in admin.pages("api/cron-job-logs/", status="pending")], "nothing waits", 30)

        due = [
            run["id"]
            for run in admin.pages("api/cron-job-logs/", page_size=100)
            if run["task"] == "fleet.nothing" and run["status"] not in ("skipped", "missed")
        ]
        verdict = judge(due, tap.pushes(list="flow"))
        assert len(due) >= 100
        assert not verdict.lost and not verdict.unknown
        # At most what one write carries, for each death.
        assert len(verdict.doubled) <= 4 * 50


def test_who_may_not_keep_numbers_either_is_told_what_is_missing(tmp_path, served):
    with Redis(tmp_path / "redis") as broker:
        tap = broker.tap()
        _, admin = served(broker, no_scripts_for(broker, *NO_SCRIPTS, "-hset"))
        run = admin.run_now(admin.celery("stuck", "fleet.nothing", target={"queue": "q"}))

        until(lambda: admin.run(run)["reason"] == "broker_away", "it waits", 20)
        assert "hset" in part(admin)["detail"]
        assert not tap.pushes(list="q")
        broker.client().execute_command("ACL", "SETUSER", "celery", "+hset")
        admin.reaches(run, "queued")
        assert judge([run], tap.pushes(list="q"))
