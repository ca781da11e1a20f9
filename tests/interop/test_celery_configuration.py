"""What the configuration says of the Celery installation: routes, and the options of its transport (C1, C2)."""

import subprocess

import pytest

from harness.celery import NEWEST, Fleet
from harness.people import first_admin
from harness.redis import Redis
from harness.server import Server, binary
from harness.wait import until


@pytest.fixture
def configured(tmp_path):
    """Starts a server with a configuration file in front of a broker; `admin` of it is signed in."""
    servers = []

    def start(broker, text):
        file = tmp_path / "config.toml"
        file.write_text(text, encoding="utf-8")
        servers.append(Server(tmp_path / "server", "--config", str(file), "--broker", broker.url()).start())
        return first_admin(servers[-1])

    yield start
    for server in servers:
        server.kill()


def test_routes_choose_the_queue_in_the_order_of_the_file_and_a_job_overrules_them(fleet, configured):
    admin = configured(
        fleet.broker,
        '[celery.routes]\n"fleet.look" = "looks"\n"fleet.*" = "celery"\n"fleet.nothing" = "never"\n"*" = "rest"\n',
    )
    jobs = {
        "looks": admin.celery("a", "fleet.look"),
        "celery": admin.celery("b", "fleet.nothing"),
        "rest": admin.celery("c", "mail.send"),
        "own": admin.celery("d", "fleet.look", target={"queue": "own"}),
    }

    runs = {queue: admin.run_now(job) for queue, job in jobs.items()}

    for queue, run in runs.items():
        push = fleet.tap.wait_for(lambda push, run=run: push.id == run)
        assert push.list == queue
        assert push.message["properties"]["delivery_info"] == {"exchange": "", "routing_key": queue}
    assert fleet.client.result(runs["celery"])["state"] == "SUCCESS"
    # Health asks for workers where the routes lead, not at the default queue.
    deserted = until(
        lambda: (part := admin.get("api/health/").json()["components"]["queues"])["status"] == "degraded" and part,
        "health tells of queues without a worker",
        20,
    )
    assert "looks, own, rest" in deserted["detail"]
    assert {"looks", "rest", "own"} <= {queue["name"] for queue in admin.get("api/queues/").json()["results"]}


TRANSPORT = """
[celery.transport_options]
global_keyprefix = "erp:"
sep = ":"
priority_steps = [0, 5]
fanout_prefix = false
visibility_timeout = 43200
"""


def test_a_worker_with_options_of_the_transport_gets_tells_and_obeys(fleet, configured, tmp_path):
    options = {
        "global_keyprefix": "erp:",
        "sep": ":",
        "priority_steps": [0, 5],
        "fanout_prefix": False,
        "visibility_timeout": 43200,
    }
    own = Fleet.of(tmp_path / "fleet", fleet.version, configuration={"broker_transport_options": options}, name="opt")
    try:
        admin = configured(own.broker, TRANSPORT)
        job = admin.celery("prefixed", "fleet.look", target={"priority": 7})

        run = admin.finished(admin.run_now(job), 30)

        push = own.tap.wait_for(lambda push: push.id == run["id"])
        assert push.list == "erp:celery:5"
        assert (run["status"], run["worker_name"]) == ("success", "opt@localhost"), "its events were heard"
        pinged = admin.post("api/workers/opt@localhost/ping/")
        assert pinged.status_code == 200 and "pong" in pinged.text
        queues = {queue["name"]: queue for queue in admin.get("api/queues/").json()["results"]}
        assert queues["celery"]["consumers"] == 1
        assert own.broker.client().hlen("erp:cjv:pushed") == 1
        keys = {key.decode() for key in own.broker.client().keys("*")}
        assert {key for key in keys if not key.startswith("erp:")} <= {"fleet:started", f"celery-task-meta-{run['id']}"}
    finally:
        own.remove()


def test_results_under_a_prefix_are_found(configured, tmp_path):
    """5.2 knows no such option."""
    options = {"result_backend_transport_options": {"global_keyprefix": "res"}}
    own = Fleet.of(tmp_path / "fleet", NEWEST, configuration=options)
    try:
        admin = configured(own.broker, '[celery.result_transport_options]\nglobal_keyprefix = "res"\n')

        # It sends no event: its result is all that tells of it.
        run = admin.finished(admin.run_now(admin.celery("mute", "fleet.mute")), 60)

        assert run["status"] == "success"
        assert own.broker.client().exists(f"res_celery-task-meta-{run['id']}")
    finally:
        own.remove()


@pytest.mark.parametrize(
    "text, line, words",
    [
        ("[celery.transport_options]\nsocket_timeout = 5\n", 2, "celery.transport_options.socket_timeout: It is about"),
        ("[celery.transport_options]\nmaster_name = 'm'\n", 2, "Redis Sentinel is not supported yet."),
        ("[celery.transport_options]\n\nglobal_prefix = 'x'\n", 3, "Not an option of Celery's Redis transport."),
        ("[celery.transport_options]\npriority_steps = [3, 6]\n", 2, "ascending, the first one 0"),
        ("[celery.result_transport_options]\nsep = ':'\n", 2, "Not an option of Celery's Redis result backend."),
        ("[celery.routes]\n'a.*' = 'unacked'\n", 2, 'celery.routes: "a.*": "unacked" is no queue.'),
        ("[celery.routes]\nmail.send = 'mails'\n", 2, "A task with dots is written in quotes"),
    ],
)
def test_what_is_not_followed_is_refused_by_name_at_the_start(tmp_path, text, line, words):
    file = tmp_path / "cjv.toml"
    file.write_text(text, encoding="utf-8")

    done = subprocess.run(
        [binary(), "serve", "--config", file, "--data-dir", tmp_path / "data", "--listen", "127.0.0.1:0"],
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == 2
    assert f"{file}:{line}: " in done.stderr
    assert words in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_broker_is_not_needed_to_notice_a_wrong_route(tmp_path):
    with Redis(tmp_path / "redis") as broker:
        file = tmp_path / "cjv.toml"
        file.write_text("[celery.routes]\n'a' = 5\n", encoding="utf-8")
        for flags in ([], ["--broker", broker.url()]):
            done = subprocess.run(
                [binary(), "serve", "--config", file, "--data-dir", tmp_path / "data", "--listen", "127.0.0.1:0", *flags],
                capture_output=True,
                text=True,
                timeout=30,
            )
            assert done.returncode == 2
