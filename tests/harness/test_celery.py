"""Real Celery does what the design says it does, in both versions: what the program is tested against, and with what."""

import base64
import json
import os
import re
import uuid

import pytest

from harness.celery import NEWEST, OLDEST, Client, Events, Fleet, Worker, decoded_body
from harness.redis import SEP, Redis, judge
from harness.wait import until

HEADERS_OF_ALL = [
    "lang", "task", "id", "shadow", "eta", "expires", "group", "group_index", "retries", "timelimit", "root_id",
    "parent_id", "argsrepr", "kwargsrepr", "origin", "ignore_result",
]  # fmt: skip
HEADERS_SINCE_5_3 = ["replaced_task_nesting", "stamped_headers", "stamps"]


@pytest.fixture(scope="module")
def events(fleet):
    """Switched on by remote control, as for workers that started without -E."""
    ear = Events(fleet.broker)
    answer = fleet.client.control("enable_events", destination=[fleet.worker.node])
    assert answer[fleet.worker.node]["ok"] in ("task events enabled", "task events already enabled")
    yield ear
    ear.close()


def since_5_3(fleet):
    return fleet.version != OLDEST


def test_the_worker_has_the_version_that_it_claims(fleet):
    report = fleet.client.inspect("report", destination=[fleet.worker.node])[fleet.worker.node]["ok"]

    assert f"celery:{fleet.version}." in report


def test_a_message_of_a_plain_client_has_the_documented_form(fleet):
    id = fleet.client.send("fleet.look", [1, "ü"], {"a": None}, expires=60, headers={"x_own": "1"})
    fleet.client.result(id)

    (push,) = [push for push in fleet.tap.pushes() if push.id == id]
    message = push.message
    assert (push.command, push.list) == ("LPUSH", "celery")
    assert list(message) == ["body", "content-encoding", "content-type", "headers", "properties"]
    assert (message["content-encoding"], message["content-type"]) == ("utf-8", "application/json")
    named = [header for header in HEADERS_OF_ALL + HEADERS_SINCE_5_3 if header in message["headers"]]
    assert named == HEADERS_OF_ALL + (HEADERS_SINCE_5_3 if since_5_3(fleet) else [])
    assert set(message["headers"]) - set(named) == {"x_own"}
    assert push.body == (
        '[[1, "\\u00fc"], {"a": null}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]'
    )
    properties = message["properties"]
    assert properties["delivery_info"] == {"exchange": "", "routing_key": "celery"}
    assert (properties["correlation_id"], properties["delivery_mode"], properties["priority"]) == (id, 2, 0)
    assert properties["body_encoding"] == "base64"
    assert 59_000 < int(properties["expiration"]) <= 60_000
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", properties["delivery_tag"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", message["headers"]["expires"])


@pytest.mark.parametrize("priority, step", [(0, 0), (2, 0), (3, 3), (5, 3), (9, 9), (200, 9)])
def test_a_priority_chooses_the_list(fleet, priority, step):
    id = fleet.client.send("fleet.nothing", priority=priority)
    fleet.client.result(id)

    (push,) = [push for push in fleet.tap.pushes() if push.id == id]
    assert push.list == (f"celery{SEP}{step}" if step else "celery")
    assert push.message["properties"]["priority"] == priority


@pytest.mark.parametrize(
    "task, args, state, text",
    [
        ("echo", [2**70, 1.5, None, "ü☃", [[], {}]], "SUCCESS", None),
        ("fail", ["grüß Gott"], "FAILURE", "LedgerError('grüß Gott')"),
        ("not_json", [], "FAILURE", "not JSON serializable"),
        ("retry", [2], "SUCCESS", "2"),
        ("retry_in_vain", [], "FAILURE", "LedgerError('still closed')"),
        ("soft_limit", [], "FAILURE", "SoftTimeLimitExceeded()"),
        ("soft_limit_caught", [], "SUCCESS", "'tidied up'"),
        ("hard_limit", [], "FAILURE", "TimeLimitExceeded(1)"),
        ("die", [], "FAILURE", "signal 9 (SIGKILL)"),
        ("unknown", [], "FAILURE", "fleet.unknown"),
    ],
)
def test_each_way_to_end_leaves_its_result(fleet, task, args, state, text):
    id = fleet.client.send(f"fleet.{task}", args)

    seen = fleet.client.result(id)

    assert seen["state"] == state
    assert text is None or text in seen["text"]


def test_arguments_arrive_as_they_were_sent(fleet):
    id = fleet.client.send("fleet.echo", [2**70, 1.0, 1, "ü☃", [[], {"a": [None]}]], {"flag": True})

    assert fleet.client.result(id)["value"] == {
        "args": ["1180591620717411303424", "1.0", "1", "'ü☃'", "[[], {'a': [None]}]"],
        "kwargs": {"flag": "True"},
    }


def test_a_failure_brings_the_traceback_with_its_cause(fleet):
    traceback = fleet.client.result(fleet.client.send("fleet.fail"))["traceback"]

    assert "KeyError: 'no such account'" in traceback
    assert "The above exception was the direct cause" in traceback
    assert traceback.rstrip().endswith("LedgerError: boom")


@pytest.mark.parametrize(
    "task, args, last",
    [
        ("nothing", [], "task-succeeded"),
        ("silent", [], "task-succeeded"),
        ("fail", [], "task-failed"),
        ("reject_late", [], "task-rejected"),
    ],
)
def test_events_tell_what_became_of_a_task(fleet, events, task, args, last):
    id = fleet.client.send(f"fleet.{task}", args)

    end = events.wait_for(last, id)

    assert [event["type"] for event in events.all(id=id)][:2] == ["task-received", "task-started"]
    assert events.all("task-received", id)[0]["name"] == f"fleet.{task}"
    assert end["hostname"] == fleet.worker.node


@pytest.mark.parametrize("task, tells_since_5_7", [("reject", True), ("ignore", False)])
def test_a_task_that_gives_up_quietly_has_no_end(fleet, events, task, tells_since_5_7):
    id = fleet.client.send(f"fleet.{task}")
    events.wait_for("task-started", id)
    node = fleet.worker.node
    until(lambda: fleet.client.control("query_task", ids=[id], destination=[node])[node] == {}, "its worker forgot it")

    if tells_since_5_7 and fleet.version == NEWEST:
        assert "reject requeue=False" in events.wait_for("task-failed", id)["exception"]
    else:
        assert [event["type"] for event in events.all(id=id)] == ["task-received", "task-started"]
        assert fleet.client.result(id, timeout=0)["state"] == "PENDING"


def test_an_expired_task_is_revoked_and_never_received(fleet, events):
    id = fleet.client.send("fleet.nothing", expires=-10)

    assert events.wait_for("task-revoked", id)["expired"] is True
    assert events.all("task-received", id) == []
    assert fleet.executions(id) == 0


def test_a_terminated_task_is_revoked_while_it_runs(fleet, events):
    id = fleet.client.send("fleet.sleep", [60])
    events.wait_for("task-started", id)

    fleet.client.control("revoke", task_id=id, terminate=True, signal="SIGTERM", destination=[fleet.worker.node])

    assert events.wait_for("task-revoked", id)["terminated"] is True
    assert fleet.client.result(id)["state"] == "REVOKED"


def test_a_retry_keeps_its_id_and_counts(fleet, events):
    id = fleet.client.send("fleet.retry", [2])
    assert fleet.client.result(id)["state"] == "SUCCESS"

    events.wait_for("task-succeeded", id)
    assert sorted(event["retries"] for event in events.all("task-received", id)) == [0, 1, 2]
    assert fleet.executions(id) == 3
    pushes = [push for push in fleet.tap.pushes() if push.id == id]
    assert [push.headers["retries"] for push in pushes] == [0, 1, 2]
    assert judge([id], pushes)


def test_chains_groups_and_chords_are_one_family(fleet):
    chain = fleet.client.chain(["fleet.add", 1, 2], ["fleet.add", 3])
    group = fleet.client.group(["fleet.add", 1, 1], ["fleet.add", 2, 2])
    chord = fleet.client.chord([["fleet.add", 1, 1], ["fleet.add", 2, 2]], ["fleet.total"])

    assert fleet.client.result(chain[-1])["value"] == 6
    assert [fleet.client.result(id)["value"] for id in group["ids"]] == [2, 4]
    assert fleet.client.result(chord["id"])["value"] == 6
    second = next(push for push in fleet.tap.pushes() if push.id == chain[1])
    assert (second.headers["root_id"], second.headers["parent_id"]) == (chain[0], chain[0])


def recommended(id, task, args, **headers):
    """The message that our own publisher writes, which is no Celery."""
    body = json.dumps([args, {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}])
    return {
        "body": base64.b64encode(body.encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {
            "lang": "py", "task": task, "id": id, "shadow": None, "eta": None, "expires": None, "group": None,
            "group_index": None, "retries": 0, "timelimit": [None, None], "root_id": id, "parent_id": None,
            "argsrepr": repr(args), "kwargsrepr": "{}", "origin": "cjv1@localhost", "ignore_result": None,
            "replaced_task_nesting": 0, "stamped_headers": None, "stamps": {}, **headers,
        },
        "properties": {
            "correlation_id": id, "reply_to": "", "delivery_mode": 2, "body_encoding": "base64", "priority": 0,
            "delivery_info": {"exchange": "", "routing_key": "celery"}, "delivery_tag": str(uuid.uuid4()),
        },
    }  # fmt: skip


def test_one_push_of_a_native_publisher_is_enough(fleet, events):
    id = str(uuid.uuid4())
    ours = {"cjv_run_id": id, "cjv_attempt": 1, "cjv_scheduled_for": "", "periodic_task_name": "Close the day"}

    fleet.broker.client().lpush("celery", json.dumps(recommended(id, "fleet.look", [2**70], **ours)))

    seen = fleet.client.result(id)
    assert seen["state"] == "SUCCESS"
    assert seen["value"]["args"] == "(1180591620717411303424,)"
    assert (seen["value"]["id"], seen["value"]["timelimit"]) == (id, [None, None])
    assert seen["value"]["headers"] == ours
    assert events.wait_for("task-received", id)["args"] == "[1180591620717411303424]"
    assert judge([id], [push for push in fleet.tap.pushes() if push.id == id])


def test_a_mute_task_tells_by_its_result_alone(fleet, events):
    id = fleet.client.send("fleet.mute")
    assert fleet.client.result(id)["value"] == "unheard"
    after = fleet.client.send("fleet.nothing")

    events.wait_for("task-succeeded", after)
    assert events.all(id=id) == []


def test_a_killed_worker_says_nothing_and_a_stopped_one_gives_back(tmp_path, fleet):
    with Redis(tmp_path / "redis") as broker:
        tap, client = broker.tap(), Client(tmp_path, fleet.version, broker.url())
        with Worker(tmp_path, fleet.version, broker.url(), concurrency=1, alone=True) as worker:
            ear = Events(broker)
            client.control("enable_events", destination=[worker.node])
            lost = client.send("fleet.sleep", [60])
            ear.wait_for("task-started", lost)
            children = worker.children

            worker.kill()

            until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in children), "its children are gone")
            assert [event["type"] for event in ear.all(id=lost)] == ["task-received", "task-started"]

            worker.start()
            until(lambda: client.control("enable_events", destination=[worker.node]), "it listens")
            short = client.send("fleet.sleep", [1])
            kept = client.send("fleet.nothing")
            ear.wait_for("task-started", short)
            ear.wait_for("task-received", kept)
            assert worker.stop() == 0
            ear.wait_for("worker-offline")
            assert [push.command for push in tap.pushes() if push.id == kept] == ["LPUSH", "RPUSH"]
            assert judge([lost, short, kept], tap.pushes())
        client.close()


@pytest.mark.parametrize("pool, flags", [("threads", {"events": True}), ("solo", {"events": True, "concurrency": 1})])
def test_other_pools_start_and_tell_with_events_from_the_start(tmp_path, fleet, pool, flags):
    with Redis(tmp_path / "redis") as broker:
        ear, client = Events(broker), Client(tmp_path, fleet.version, broker.url())
        with Worker(tmp_path, fleet.version, broker.url(), pool=pool, alone=True, **flags):
            # Threads of 5.2 lose an event now and then.
            ids = [client.send("fleet.echo", [number]) for number in range(5)]

            assert ear.wait_for("task-succeeded")["uuid"] in ids
        client.close()


def test_a_fleet_leaves_no_process_behind(tmp_path):
    fleet = Fleet.of(tmp_path, NEWEST, alone=True)
    pids = [fleet.broker.process.pid, fleet.client.process.pid, fleet.worker.pid, *fleet.worker.children]

    fleet.remove()

    until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), "all are gone")


def test_the_body_of_an_event_is_read_as_celery_writes_it():
    assert decoded_body({"body": "W3sidHlwZSI6ICJ0YXNrLXN0YXJ0ZWQifV0="}) == [{"type": "task-started"}]
