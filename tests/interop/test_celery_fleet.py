"""Workers, queues, remote control and health of a real installation (C5, C6, C7, A10, R8), and that others see nothing odd."""

import pytest

from harness.celery import Worker
from harness.people import first_admin
from harness.redis import Redis
from harness.server import Server
from harness.wait import until


def worker(celery, node):
    return celery.admin.get(f"api/workers/{node}/").json()


def workers(celery):
    return {row["name"]: row for row in celery.admin.pages("api/workers/")}


@pytest.fixture
def extra(celery, tmp_path):
    """Starts one more worker of the same version; ended after the test."""
    started = []

    def start(name, **options):
        started.append(Worker(tmp_path, celery.version, celery.fleet.broker.url(), name=name, **options).start())
        return started[-1]

    yield start
    for each in started:
        each.kill()


# -- workers ----------------------------------------------------------------------------------------------------


def test_a_worker_is_shown_with_what_it_is(celery):
    node = celery.fleet.worker.node
    row = until(lambda: workers(celery).get(node), "the worker is listed")

    assert row["state"] == "online"
    # The one by its answer, the other by its heartbeat.
    seen = until(lambda: (told := worker(celery, node))["pool"] and told["software"] and told, "it is known")
    assert (seen["pool"], seen["concurrency"]) == ("prefork", 2)
    assert "celery" in seen["queues"]
    assert celery.version in seen["software"]
    assert abs(seen["clock_offset"]) < 1
    assert len(seen["load"]) == 3
    assert seen["processed"] >= 0
    until(lambda: worker(celery, node)["task_events"], "it was told to tell of its tasks")
    assert {"fleet.echo", "fleet.fail"} <= set(seen["registered"])
    assert seen["stats"]["pid"] == celery.fleet.worker.pid
    assert "alternates" not in seen["stats"]["broker"]


def test_what_a_worker_runs_is_shown_while_it_runs(celery, name):
    run = celery.admin.run_now(celery.admin.celery(name, "fleet.sleep", [3]))
    celery.admin.reaches(run, "running")
    node = celery.fleet.worker.node

    active = until(lambda: worker(celery, node)["active"], "it is shown as active")

    assert (run, "fleet.sleep") in {(task["id"], task["task"]) for task in active}
    assert worker(celery, node)["active_count"] >= 1
    celery.admin.finished(run)


@pytest.mark.parametrize("pool, concurrency", [("threads", 3), ("solo", 1)])
def test_other_pools_are_recognised(celery, extra, pool, concurrency):
    node = extra(pool, pool=pool, concurrency=concurrency, queues=["unused"]).node

    seen = until(
        lambda: node in workers(celery) and worker(celery, node)["pool"] and worker(celery, node), "it is known", 20
    )

    assert (seen["pool"], seen["concurrency"]) == (pool, concurrency)


def test_a_worker_that_nobody_can_tell_to_send_events_is_known_as_one(celery, extra):
    node = extra("deaf", queues=["unused"], configuration={"worker_enable_remote_control": False}).node

    seen = until(lambda: (row := workers(celery).get(node)) and row["task_events"] is False and row, "it is known", 20)

    assert (seen["state"], seen["pool"]) == ("online", None)
    until(lambda: node in (component(celery.admin, "workers")["detail"] or ""), "health names it")


def test_a_worker_that_stops_is_offline_at_once(celery, extra):
    gone = extra("stops", queues=["unused"])
    until(lambda: workers(celery).get(gone.node, {}).get("state") == "online", "it is online")

    gone.stop()

    until(lambda: workers(celery)[gone.node]["state"] == "offline", "it is offline", 5)


@pytest.mark.timeout(90)
def test_a_worker_that_falls_silent_is_late_and_then_offline(celery, extra):
    silent = extra("silent", queues=["unused"])
    until(lambda: workers(celery).get(silent.node, {}).get("state") == "online", "it is online")

    silent.kill()

    until(lambda: workers(celery)[silent.node]["state"] == "late", "it is late", 12)
    until(lambda: workers(celery)[silent.node]["state"] == "offline", "it is offline", 25)
    assert workers(celery)[celery.fleet.worker.node]["state"] == "online"


def test_tasks_are_suggested_from_what_workers_registered(celery):
    def found():
        rows = celery.admin.get("api/tasks/", params={"search": "fleet.ech"}).json()["results"]
        return next((row for row in rows if row["name"] == "fleet.echo"), None)

    assert celery.fleet.worker.node in until(found, "the task is known")["workers"]


# -- remote control ---------------------------------------------------------------------------------------------


def control(client, node, action, **arguments):
    return client.post(f"api/workers/{node}/{action}/", arguments)


def told(client, node, action, **arguments):
    answer = control(client, node, action, **arguments)
    assert answer.status_code == 200, answer.text
    return answer.json()


def until_it_answers(celery, node):
    """It is known a moment before it listens, and what is said then is lost."""
    until(lambda: node in workers(celery), "it is known")
    until(lambda: told(celery.admin, node, "ping")["replies"], "it answers")


def test_staff_may_ping_and_nothing_more(celery):
    node = celery.fleet.worker.node

    assert told(celery.staff, node, "ping")["replies"] == {node: {"ok": "pong"}}
    for action, arguments in {
        "pool_grow": {"n": 1}, "pool_shrink": {"n": 1}, "autoscale": {"max": 3, "min": 1},
        "rate_limit": {"task_name": "fleet.echo", "rate_limit": "10/s"},
        "time_limit": {"task_name": "fleet.echo", "hard": 10, "soft": 5},
        "add_consumer": {"queue": "x"}, "cancel_consumer": {"queue": "x"}, "shutdown": {},
    }.items():  # fmt: skip
        assert control(celery.staff, node, action, **arguments).status_code == 403, action
    assert celery.staff.post("api/workers/revoke/", {"task_id": "x"}).status_code == 403


def test_a_pool_grows_and_shrinks(celery, extra):
    node = extra("pool", concurrency=1, queues=["unused"]).node
    until_it_answers(celery, node)

    grown = told(celery.admin, node, "pool_grow", n=2)
    assert grown["replies"] == {node: {"ok": "pool will grow"}}
    until(lambda: worker(celery, node)["concurrency"] == 3, "it has grown", 20)
    assert told(celery.admin, node, "pool_shrink", n=1)["replies"] == {node: {"ok": "pool will shrink"}}


def test_consumers_are_added_and_taken_away(celery):
    node = celery.fleet.worker.node

    assert told(celery.admin, node, "add_consumer", queue="for a while")["replies"][node]["ok"]
    until(lambda: "for a while" in worker(celery, node)["queues"], "it listens there")
    assert told(celery.admin, node, "cancel_consumer", queue="for a while")["replies"][node]["ok"]
    until(lambda: "for a while" not in worker(celery, node)["queues"], "it listens there no more")


def test_limits_are_set_and_a_workers_refusal_is_shown(celery):
    node = celery.fleet.worker.node

    done = told(celery.admin, node, "rate_limit", task_name="fleet.total", rate_limit="100/s")
    refused = told(celery.admin, node, "rate_limit", task_name="fleet.no_such_task", rate_limit="1/s")
    limited = told(celery.admin, node, "time_limit", task_name="fleet.total", hard=60, soft=50)

    assert done["replies"] == {node: {"ok": "new rate limit set successfully"}}
    assert refused["replies"] == {node: {"error": "unknown task"}}
    assert limited["replies"] == {node: {"ok": "time limits set successfully"}}


def test_a_silent_worker_is_named(celery, extra):
    frozen = extra("frozen", queues=["unused"])
    until(lambda: frozen.node in workers(celery), "it is known")
    frozen.pause()
    try:
        answer = control(celery.admin, frozen.node, "ping")
    finally:
        frozen.resume()

    assert answer.status_code == 200
    assert answer.json()["replies"] == {}
    assert answer.json()["silent"] == [frozen.node]


def test_shutdown_ends_a_worker_warmly(celery, extra):
    ending = extra("ending", queues=["unused"])
    until_it_answers(celery, ending.node)

    assert control(celery.admin, ending.node, "shutdown").status_code == 200

    until(lambda: not ending.alive(), "it has ended", 20)
    assert ending.process.returncode == 0
    until(lambda: workers(celery)[ending.node]["state"] == "offline", "and is offline", 5)


def test_a_foreign_task_can_be_terminated(celery):
    id = celery.fleet.client.send("fleet.sleep", [60])
    until(lambda: celery.fleet.executions(id), "it runs")

    answer = celery.admin.post("api/workers/revoke/", {"task_id": id, "terminate": True, "signal": "SIGTERM"})

    assert answer.status_code == 200, answer.text
    assert celery.fleet.client.result(id)["state"] == "REVOKED"


@pytest.mark.parametrize(
    "action, arguments, field",
    [
        ("pool_grow", {"n": "many"}, "n"),
        ("pool_grow", {"m": 1}, "m"),
        ("rate_limit", {"task_name": "fleet.echo", "rate_limit": "often"}, "rate_limit"),
        ("add_consumer", {}, "queue"),
    ],
)
def test_wrong_arguments_are_refused_before_a_worker_sees_them(celery, action, arguments, field):
    answer = control(celery.admin, celery.fleet.worker.node, action, **arguments)

    assert answer.status_code == 400
    assert field in answer.json()


def test_unknown_workers_and_actions_do_not_exist(celery):
    assert celery.admin.get("api/workers/nobody@nowhere/").status_code == 404
    assert control(celery.admin, "nobody@nowhere", "ping").status_code == 404
    assert control(celery.admin, celery.fleet.worker.node, "explode").status_code == 404


# -- queues -----------------------------------------------------------------------------------------------------


def queue(celery, name):
    return next((row for row in celery.admin.pages("api/queues/") if row["name"] == name), None)


def test_a_queue_is_as_deep_as_all_its_priorities(celery):
    ids = [celery.fleet.client.send("fleet.nothing", queue="deep", priority=p) for p in (9, 0, 3, 3)]

    row = until(lambda: (found := queue(celery, "deep")) and found["depth"] == 4 and found, "all four are counted")

    assert row["consumers"] == 0
    messages = celery.admin.get("api/queues/deep/messages/", params={"limit": 3}).json()["results"]
    assert [message["id"] for message in messages] == [ids[1], ids[2], ids[3]]
    assert {message["task"] for message in messages} == {"fleet.nothing"}


def test_what_lies_in_a_queue_and_cannot_be_read_is_shown_with_null(celery):
    celery.fleet.client.send("fleet.nothing", queue="odd")
    celery.fleet.broker.client().lpush("odd", "no JSON")

    until(lambda: (found := queue(celery, "odd")) and found["depth"] == 2, "both are counted")
    messages = celery.admin.get("api/queues/odd/messages/").json()["results"]
    assert [message["task"] for message in messages] == ["fleet.nothing", None]


def test_consumers_and_the_unacknowledged_are_counted(celery):
    assert queue(celery, "celery")["consumers"] >= 1
    id = celery.fleet.client.send("fleet.sleep_late", [3])
    until(lambda: celery.fleet.executions(id), "it runs")

    until(lambda: queue(celery, "celery")["unacked"] >= 1, "it is unacknowledged", 3)
    celery.fleet.client.result(id)
    until(lambda: queue(celery, "celery")["unacked"] == 0, "it is acknowledged")


def test_a_queue_of_a_job_is_listed_before_anybody_used_it(celery, name):
    celery.admin.celery(name, "fleet.nothing", target={"queue": "not yet used"})

    row = until(lambda: queue(celery, "not yet used"), "it is listed")
    assert (row["depth"], row["consumers"]) == (0, 0)


# -- health (R8) ------------------------------------------------------------------------------------------------


def component(client, name):
    return client.get("api/health/").json()["components"][name]


def test_health_asks_the_configured_parts(celery):
    for name in ("broker", "result_backend"):
        until(lambda name=name: component(celery.admin, name)["status"] == "healthy", f"{name} is healthy")
    # Workers that tests before this one have killed may be late still; ours is not.
    others = until(
        lambda: (found := component(celery.admin, "workers"))["status"] in ("healthy", "degraded") and found,
        "workers are heard",
    )
    assert celery.fleet.worker.node not in (others["detail"] or "")
    assert component(celery.admin, "broker")["latency_ms"] >= 0


def test_a_queue_without_a_consumer_is_told(celery, name):
    celery.admin.celery(name, "fleet.nothing", target={"queue": "deserted"}, schedule="every 1 hours")

    seen = until(
        lambda: (
            (found := component(celery.admin, "queues"))["status"] == "degraded"
            and "deserted" in found["detail"]
            and found
        ),
        "health names the queue",
        30,
    )
    assert seen["since"]


@pytest.fixture
def alone(tmp_path):
    """A server and a Redis without any worker."""
    with Redis(tmp_path / "redis") as broker:
        server = Server(tmp_path, "--broker", broker.url()).start()
        yield broker, first_admin(server)
        server.kill()


def test_no_worker_is_told_as_no_worker(alone):
    _, admin = alone

    seen = until(lambda: (found := component(admin, "workers"))["status"] == "unavailable" and found, "it is told", 20)
    assert "worker" in seen["detail"]


def test_a_broker_that_evicts_is_a_warning(alone):
    broker, admin = alone
    broker.client().config_set("maxmemory-policy", "allkeys-lru")

    seen = until(lambda: (found := component(admin, "broker"))["status"] == "degraded" and found, "it is told", 20)
    assert "allkeys-lru" in seen["detail"]


def test_a_broker_that_is_away_and_back_is_told(alone):
    broker, admin = alone
    until(lambda: component(admin, "broker")["status"] == "healthy", "it is there")

    broker.kill()
    seen = until(lambda: (found := component(admin, "broker"))["status"] == "unavailable" and found, "it is away", 20)
    assert seen["since"]
    broker.start()
    until(lambda: component(admin, "broker")["status"] == "healthy", "it is back", 30)


# -- what others see --------------------------------------------------------------------------------------------


def test_a_celery_client_sees_its_workers_and_nothing_else(celery):
    client, node = celery.fleet.client, celery.fleet.worker.node

    assert set(client.inspect("ping", timeout=1)) == {node}
    assert set(client.control("ping", timeout=1)) == {node}
    assert celery.fleet.worker.alive()
    complaints = [
        line for line in celery.fleet.worker.log().splitlines() if "ERROR" in line and "celery.worker.consumer" in line
    ]
    assert all("fleet.unknown" in line or "unregistered" in line for line in complaints), complaints


def test_replies_still_find_their_askers_while_we_ask_too(celery):
    for _ in range(10):
        assert set(celery.fleet.client.inspect("stats", destination=[celery.fleet.worker.node])) == {
            celery.fleet.worker.node
        }
        assert told(celery.admin, celery.fleet.worker.node, "ping")["replies"]


def test_we_leave_nothing_on_the_broker_but_what_is_documented(tmp_path):
    with Redis(tmp_path / "redis") as broker:
        server = Server(tmp_path, "--broker", broker.url()).start()
        admin = first_admin(server)
        run = admin.run_now(admin.celery("one", "fleet.nothing", target={"queue": "left"}))
        admin.reaches(run, "queued")
        until(lambda: component(admin, "broker")["status"] == "healthy", "it has looked around")
        server.stop()

        keys = {key.decode() for key in broker.client().keys("*")}
        assert {"left", "cjv:pushed"} <= keys
        assert all(key.startswith(("left", "cjv:", "_kombu.binding.")) for key in keys), keys


def test_our_reply_queue_is_marked_so_that_the_sweep_of_kombu_5_7_spares_it(celery):
    control(celery.admin, celery.fleet.worker.node, "ping")

    key = "reply.celery.pidbox"
    members = celery.fleet.broker.client().smembers
    assert members(f"_kombu.binding_permanent.{key}") & members(f"_kombu.binding.{key}")
