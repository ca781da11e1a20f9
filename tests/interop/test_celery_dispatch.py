"""What we send: the message on the list, byte for byte where it matters, and what the task of a real worker gets (C1, C2, R1)."""

import ast
import json
import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from harness.celery import Worker
from harness.redis import SEP, judge
from harness.wait import until

HEADERS = [
    "lang", "task", "id", "shadow", "eta", "expires", "group", "group_index", "retries", "timelimit", "root_id",
    "parent_id", "argsrepr", "kwargsrepr", "origin", "ignore_result", "replaced_task_nesting", "stamped_headers", "stamps",
]  # fmt: skip


@pytest.fixture
def sent(celery, name):
    """Runs a job of the task `fleet.look` by hand: (run, the message that reached a list)."""

    def send(task="fleet.look", args=(), kwargs=None, run_now=None, **target):
        job = celery.admin.celery(name, task, args, kwargs, target=target)
        run = celery.admin.run_now(job, **(run_now or {}))
        return run, celery.fleet.tap.wait_for(lambda push: push.id == run)

    return send


def looked(celery, run):
    """What the task saw; asked of Celery's own client, so that our own reading of results has no say."""
    assert celery.fleet.client.result(run)["state"] == "SUCCESS"
    return celery.fleet.client.result(run)["value"]


def instant(text):
    return datetime.fromisoformat(text)


# -- the message ------------------------------------------------------------------------------------------------


def test_the_message_has_every_header_of_the_newest_celery(celery, sent):
    run, push = sent(args=[1])

    headers = push.headers
    assert [name for name in headers if name in HEADERS] == HEADERS
    assert set(headers) - set(HEADERS) == {"cjv_run_id", "cjv_job_id", "cjv_scheduled_for", "cjv_attempt"}
    assert (headers["lang"], headers["task"], headers["retries"]) == ("py", "fleet.look", 0)
    assert headers["id"] == headers["root_id"] == run
    for name in ("shadow", "eta", "expires", "group", "group_index", "parent_id", "ignore_result", "stamped_headers"):
        assert headers[name] is None, name
    assert headers["timelimit"] == [None, None]
    assert re.fullmatch(r"cjv\d+@\S+", headers["origin"])


def test_the_envelope_is_what_a_worker_needs(celery, sent):
    run, push = sent(args=[1])

    message, properties = push.message, push.message["properties"]
    assert (push.command, push.list) == ("LPUSH", "celery")
    assert set(message) == {"body", "content-encoding", "content-type", "headers", "properties"}
    assert (message["content-type"], message["content-encoding"]) == ("application/json", "utf-8")
    assert json.loads(push.body) == [[1], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]
    assert properties["delivery_info"] == {"exchange": "", "routing_key": "celery"}
    assert properties["correlation_id"] == run
    assert (properties["delivery_mode"], properties["priority"], properties["body_encoding"]) == (2, 0, "base64")
    assert "expiration" not in properties
    assert str(uuid.UUID(properties["delivery_tag"])) == properties["delivery_tag"]


def test_no_two_messages_share_a_delivery_tag(celery, name):
    job = celery.admin.celery(name, "fleet.nothing")
    runs = [celery.admin.run_now(job) for _ in range(5)]

    pushes = [celery.fleet.tap.wait_for(lambda push, run=run: push.id == run) for run in runs]
    assert len({push.message["properties"]["delivery_tag"] for push in pushes}) == 5
    assert judge(runs, pushes)


def test_the_task_is_told_which_run_it_is(celery, name):
    job = celery.admin.celery(name, "fleet.look")
    run = celery.admin.run_now(job)

    seen = looked(celery, run)
    assert (seen["id"], seen["root_id"], seen["correlation_id"], seen["parent_id"]) == (run, run, run, None)
    told = {key: value for key, value in seen["headers"].items() if key.startswith("cjv_")}
    assert told == {"cjv_run_id": run, "cjv_job_id": job["id"], "cjv_scheduled_for": "", "cjv_attempt": 1}
    assert celery.admin.run(run)["celery_task_id"] == run


def test_a_scheduled_run_names_its_slot_and_its_job(celery, name):
    job = celery.admin.celery(name, "fleet.look", schedule="every 1 seconds")
    run = until(lambda: celery.admin.runs_of(job, status="success"), "a slot has run")[-1]
    celery.admin.post(f"api/cron-jobs/{job['id']}/update_status/", {"is_active": False})

    push = celery.fleet.tap.wait_for(lambda push: push.id == run["id"])
    assert run["trigger"] == "schedule"
    assert instant(push.headers["cjv_scheduled_for"]) == instant(run["scheduled_for"])
    assert push.headers["periodic_task_name"] == name
    assert push.message["properties"]["periodic_task_name"] == name
    rows = celery.admin.runs_of(job)
    assert judge(
        [row["id"] for row in rows], [p for p in celery.fleet.tap.pushes() if p.headers.get("cjv_job_id") == job["id"]]
    )


# -- arguments --------------------------------------------------------------------------------------------------

DIGITS = [
    "1e400", "-1E-400", "123456789012345678901234567890", "0.1000", "1.0", "1", "-0", "-0.0", "1e22", "3.14159265358979323846",
    '"ünïcode ☃ \\u0000 \\ud83d\\ude00"', '"\\u0006\\u0016"', '"</script>"', "[]", "{}", "null", "true", '""',
]  # fmt: skip


def test_arguments_keep_every_digit_on_the_wire_and_in_our_answers(celery, name):
    args, kwargs = (
        f"[{', '.join(DIGITS)}]",
        f'{{"deep": {{"numbers": [{DIGITS[0]}, {DIGITS[2]}, {DIGITS[3]}]}}, "ü": 1.50}}',
    )
    body = f'{{"name": {json.dumps(name)}, "kind": "celery", "schedule": "", "target": {{"task": "fleet.echo", "args": {args}, "kwargs": {kwargs}}}}}'
    made = celery.admin.request(
        "POST", "api/cron-jobs/", content=body.encode(), headers={"Content-Type": "application/json"}
    )
    assert made.status_code == 201, made.text
    run = celery.admin.run_now(made.json())

    sent = celery.fleet.tap.wait_for(lambda push: push.id == run).body
    shown = celery.admin.get(f"api/cron-jobs/{made.json()['id']}/").text
    for text in (made.text, shown, sent):
        for literal in DIGITS:
            if literal[0] in "-0123456789":
                assert re.search(rf"[\[ ,:]{re.escape(literal)}[\], }}]", text), f"{literal} in {text}"
    exact = {"parse_float": str, "parse_int": str}
    assert json.loads(sent, **exact)[:2] == [json.loads(args, **exact), json.loads(kwargs, **exact)]
    # Python's float has the last word on 1e400; what it gets is what any sender would have given it.
    seen = celery.fleet.client.result(run)["value"]
    assert seen["args"] == [repr(value) for value in json.loads(args)]
    assert seen["kwargs"] == {key: repr(value) for key, value in json.loads(kwargs).items()}


def test_arguments_are_shown_to_others_as_python_writes_them(celery, sent):
    _, push = sent(args=[1, "it's", None, True, [1.5], {"a": "ü"}], kwargs={"flag": False})

    assert list(ast.literal_eval(push.headers["argsrepr"])) == [1, "it's", None, True, [1.5], {"a": "ü"}]
    assert ast.literal_eval(push.headers["kwargsrepr"]) == {"flag": False}


def test_run_now_replaces_arguments_for_one_run(celery, name):
    job = celery.admin.celery(name, "fleet.add", [1, 2])
    edited = celery.admin.run_now(job, args=[40, 2])
    plain = celery.admin.run_now(job)

    assert celery.fleet.client.result(edited)["value"] == 42
    assert celery.fleet.client.result(plain)["value"] == 3


def test_a_rerun_sends_the_exact_arguments_again(celery, name):
    job = celery.admin.celery(name, "fleet.add", [1, 2])
    first = celery.admin.run_now(job, args=[40, 2])
    celery.admin.finished(first)
    celery.admin.patch(f"api/cron-jobs/{job['id']}/", {"target": {"task": "fleet.add", "args": [0, 0]}})

    answer = celery.admin.post(f"api/cron-job-logs/{first}/rerun/")

    assert answer.status_code == 202, answer.text
    again = celery.admin.finished(answer.json()["log_id"])
    assert (again["status"], again["rerun_of"], again["trigger"]) == ("success", first, "rerun")
    assert celery.admin.run(first)["reruns"] == [again["id"]]
    assert again["reruns"] == []
    bodies = [celery.fleet.tap.wait_for(lambda push, id=id: push.id == id).body for id in (first, again["id"])]
    assert bodies[0] == bodies[1]


def test_an_old_clients_job_is_sent(celery, name):
    made = celery.admin.post("api/cron-jobs/", {"name": name, "task": "fleet.nothing", "schedule": ""}).json()

    run = celery.admin.finished(celery.admin.run_now(made))

    assert (made["kind"], made["target"]["task"]) == ("celery", "fleet.nothing")
    assert run["status"] == "success"
    assert celery.fleet.executions(run["id"]) == 1


# -- every other field of the target ----------------------------------------------------------------------------


def test_time_limits_arrive_hard_first(celery, sent):
    run, push = sent(time_limit=30, soft_time_limit=20)

    assert push.headers["timelimit"] == [30, 20]
    assert looked(celery, run)["timelimit"] == [30, 20]


def test_one_time_limit_leaves_the_other_to_the_task(celery, sent):
    _, push = sent(soft_time_limit=2.5)

    assert push.headers["timelimit"] == [None, 2.5]


def test_expires_in_seconds_counts_from_the_request_of_a_manual_run(celery, sent):
    before = datetime.now(UTC)
    run, push = sent(expires=120)

    expires = push.headers["expires"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00", expires)  # what Celery 5.2 can read
    assert abs(instant(expires) - before - timedelta(seconds=120)) < timedelta(seconds=3)
    assert abs(int(push.message["properties"]["expiration"]) - 120_000) < 3_000
    assert instant(looked(celery, run)["expires"]) == instant(expires)


def test_expires_as_an_instant_is_that_instant(celery, sent):
    run, push = sent(expires="2040-02-29T12:00:00.5+02:00")

    assert push.headers["expires"] == "2040-02-29T10:00:00.500000+00:00"
    assert instant(looked(celery, run)["expires"]) == instant("2040-02-29T10:00:00.5+00:00")


def test_what_is_expired_already_is_never_sent(celery, name):
    job = celery.admin.celery(name, "fleet.nothing", target={"expires": "2020-01-01T00:00:00Z"})

    run = celery.admin.finished(celery.admin.run_now(job))

    assert (run["status"], run["reason"]) == ("missed", "expired")
    assert run["error"].startswith("It expired at 2020-01-01T00:00:00Z")
    assert [push for push in celery.fleet.tap.pushes() if push.id == run["id"]] == []


def test_a_fraction_of_a_second_counts(celery, sent):
    before = datetime.now(UTC)
    _, push = sent(expires=90.25)

    assert abs(instant(push.headers["expires"]) - before - timedelta(seconds=90.25)) < timedelta(seconds=3)
    assert re.search(r"\.\d{6}\+00:00$", push.headers["expires"])


def test_expires_in_seconds_counts_from_the_slot(celery, name):
    job = celery.admin.celery(name, "fleet.nothing", schedule="every 1 seconds", target={"expires": 600})
    run = until(lambda: celery.admin.runs_of(job, status="success"), "a slot has run")[-1]
    celery.admin.post(f"api/cron-jobs/{job['id']}/update_status/", {"is_active": False})

    push = celery.fleet.tap.wait_for(lambda push: push.id == run["id"])
    assert instant(push.headers["expires"]) == instant(run["scheduled_for"]) + timedelta(seconds=600)


@pytest.mark.parametrize("given, sent_as", [(True, True), (None, None), (False, False)])
def test_ignore_result_is_null_unless_the_job_says(celery, sent, given, sent_as):
    _, push = sent(ignore_result=given)

    assert push.headers["ignore_result"] is sent_as


@pytest.mark.parametrize("priority, step", [(0, 0), (1, 0), (3, 3), (8, 6), (9, 9), (10, 9), (255, 9)])
def test_priority_chooses_the_list_and_keeps_its_number(celery, sent, priority, step):
    run, push = sent(priority=priority)

    assert push.list == (f"celery{SEP}{step}" if step else "celery")
    assert push.message["properties"]["priority"] == priority
    assert looked(celery, run)["delivery_info"]["priority"] == priority


def test_own_headers_reach_the_task_as_they_are(celery, sent):
    given = {"x_text": "ü☃", "x_number": 1.5, "x_list": [1, {"a": None}], "x_none": None}

    run, push = sent(headers=given)

    assert {name: push.headers[name] for name in given} == given
    assert {name: value for name, value in looked(celery, run)["headers"].items() if name.startswith("x_")} == given


def test_a_queue_is_a_list_and_a_routing_key(celery, sent):
    _, push = sent(queue="nobody-listens")

    assert push.list == "nobody-listens"
    assert push.message["properties"]["delivery_info"] == {"exchange": "", "routing_key": "nobody-listens"}


def test_a_named_exchange_reaches_every_queue_that_is_bound(celery, sent):
    key = f"key-{uuid.uuid4().hex}"
    celery.fleet.broker.client().sadd(
        "_kombu.binding.orders", f"{key}{SEP}{SEP}orders-a", f"{key}{SEP}{SEP}orders-b", f"other{SEP}{SEP}orders-c"
    )

    run, push = sent(exchange="orders", routing_key=key, priority=3)

    pushes = until(lambda: len(seen := [p for p in celery.fleet.tap.pushes() if p.id == run]) == 2 and seen, "both have it")
    assert {push.list for push in pushes} == {f"orders-a{SEP}3", f"orders-b{SEP}3"}
    assert push.message["properties"]["delivery_info"] == {"exchange": "orders", "routing_key": key}
    assert celery.admin.reaches(run, "queued")


def test_a_worker_gets_what_its_queues_exchange_is_sent(celery, sent):
    """Celery's own declaration: queue, exchange and routing key have one name."""
    run, push = sent(exchange="celery", routing_key="celery")

    assert push.list == "celery"
    info = looked(celery, run)["delivery_info"]
    assert (info["exchange"], info["routing_key"]) == ("celery", "celery")


def test_an_exchange_with_nothing_bound_cannot_deliver(celery, name):
    job = celery.admin.celery(name, "fleet.nothing", target={"exchange": "nowhere", "routing_key": "x"})

    # Workers are given 30 s after the server's connection to bind their queues.
    run = celery.admin.finished(celery.admin.run_now(job), deadline=60)

    assert (run["status"], run["reason"]) == ("failed", "undeliverable")
    assert '"nowhere"' in run["error"]
    assert [push for push in celery.fleet.tap.pushes() if push.id == run["id"]] == []


def test_every_option_at_once_arrives_in_the_task_unchanged(celery, name):
    given = {
        "queue": "celery",
        "priority": 5,
        "headers": {"x_tenant": "ünï", "x_deep": {"a": [1, None]}},
        "expires": 600.5,
        "time_limit": 30,
        "soft_time_limit": 20.5,
        "ignore_result": False,
    }
    job = celery.admin.celery(name, "fleet.look", [1, "two"], {"three": 3.0}, target=given)
    assert {key: job["target"][key] for key in given} == given
    before = datetime.now(UTC)

    run = celery.admin.run_now(job)

    seen = looked(celery, run)
    assert (seen["args"], seen["kwargs"]) == ("(1, 'two')", "{'three': 3.0}")
    assert (ast.literal_eval(seen["argsrepr"]), ast.literal_eval(seen["kwargsrepr"])) == ([1, "two"], {"three": 3.0})
    assert {key: seen["headers"][key] for key in given["headers"]} == given["headers"]
    info = seen["delivery_info"]
    assert (info["exchange"], info["routing_key"], info["priority"]) == ("", "celery", 5)
    assert seen["timelimit"] == [30, 20.5]
    assert abs(instant(seen["expires"]) - before - timedelta(seconds=600.5)) < timedelta(seconds=5)
    assert seen["ignore_result"] is False
    assert (seen["eta"], seen["retries"], seen["id"]) == (None, 0, run)
    assert re.fullmatch(r"cjv\d+@\S+", seen["origin"])


def test_a_worker_of_another_queue_gets_what_names_it(celery, name, tmp_path):
    job = celery.admin.celery(name, "fleet.look", target={"queue": "aside"})
    run = celery.admin.run_now(job)
    worker = Worker(tmp_path, celery.version, celery.fleet.broker.url(), name="aside", queues=["aside"], alone=True)
    with worker:
        seen = looked(celery, run)
        assert (seen["delivery_info"]["exchange"], seen["delivery_info"]["routing_key"]) == ("", "aside")


# -- what is refused at save ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "field, target",
    [
        ("args", {"args": {"a": 1}}),
        ("args.0", {"args": [{"__type__": "moment", "__value__": 1}]}),
        ("kwargs", {"kwargs": [1]}),
        ("queue", {"queue": ""}),
        ("queue", {"queue": "unacked"}),
        ("queue", {"queue": "w1@host.celery.pidbox"}),
        ("queue", {"queue": f"mail{SEP}3"}),
        ("queue", {"queue": "mail", "exchange": "orders", "routing_key": "new"}),
        ("routing_key", {"exchange": "orders"}),
        ("exchange", {"routing_key": "key"}),
        ("priority", {"priority": 256}),
        ("priority", {"priority": -1}),
        ("priority", {"priority": "high"}),
        ("headers", {"headers": []}),
        ("headers.id", {"headers": {"id": "mine"}}),
        ("headers.task", {"headers": {"task": "other"}}),
        ("headers.stamps", {"headers": {"stamps": {}}}),
        ("headers.get", {"headers": {"get": 1}}),
        ("headers.cjv_run_id", {"headers": {"cjv_run_id": "x"}}),
        ("expires", {"expires": 0}),
        ("expires", {"expires": -1}),
        ("expires", {"expires": 1e300}),
        ("expires", {"expires": "tomorrow"}),
        ("time_limit", {"time_limit": -1}),
        ("soft_time_limit", {"soft_time_limit": "20"}),
        ("ignore_result", {"ignore_result": "yes"}),
        ("task", {"task": ""}),
        ("quue", {"quue": "mail"}),
    ],
)
def test_what_a_worker_could_not_take_is_refused_and_named(celery, name, field, target):
    sound = celery.admin.celery(name, "fleet.nothing")
    body = {"name": f"{name} bad", "kind": "celery", "schedule": "", "target": {"task": "fleet.nothing", **target}}

    created = celery.admin.post("api/cron-jobs/", body)
    replaced = celery.admin.put(f"api/cron-jobs/{sound['id']}/", body)
    patched = celery.admin.patch(f"api/cron-jobs/{sound['id']}/", {"target": body["target"]})

    for answer in (created, replaced, patched):
        assert answer.status_code == 400
        refusal = answer.json()["target"]
        for step in field.split("."):
            assert step in refusal, answer.text
            refusal = refusal[step]
        assert refusal[0].endswith("."), "a sentence that says what would be right"
    assert celery.admin.job(sound)["target"] == sound["target"]


def test_everything_that_is_wrong_is_told_at_once(celery, name):
    target = {"task": "fleet.nothing", "priority": 256, "headers": {"id": 1}, "exchange": "orders"}

    answer = celery.admin.post("api/cron-jobs/", {"name": name, "kind": "celery", "schedule": "", "target": target})

    assert set(answer.json()["target"]) == {"priority", "headers", "routing_key"}


def test_arguments_of_one_run_are_refused_as_those_of_a_job_are(celery, name):
    job = celery.admin.celery(name, "fleet.nothing")

    answer = celery.admin.post(f"api/cron-jobs/{job['id']}/run_now/", {"kwargs": {"a": {"__type__": "x", "__value__": 1}}})

    assert answer.status_code == 400
    assert "a" in answer.json()["kwargs"]
    assert celery.admin.runs_of(job) == []
