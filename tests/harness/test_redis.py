"""The judge of the broker's promises is held to its own: a tap that missed a push would let the program pass."""

import json

import pytest
import redis

from harness.redis import Push, Redis, judge, pushes_of
from harness.wait import until


@pytest.fixture
def broker(tmp_path):
    with Redis(tmp_path / "redis") as server:
        yield server


def message(id, **headers):
    return json.dumps({"body": "", "headers": {"id": id, "task": "t", **headers}})


def test_a_killed_redis_comes_back_on_its_port_and_empty(broker):
    broker.client().set("key", "value")

    broker.kill()
    broker.start()

    assert redis.Redis(port=broker.port).get("key") is None
    assert broker.life == 2


def test_a_redis_that_keeps_its_data_loses_it_only_when_told(tmp_path):
    with Redis(tmp_path / "redis", "--appendonly", "yes", "--appendfsync", "always") as broker:
        broker.client().set("key", "value")

        broker.kill()
        broker.start()
        assert (broker.client().get("key"), broker.life) == (b"value", 1)

        broker.restart_empty()
        assert (broker.client().get("key"), broker.life) == (None, 2)


def test_a_paused_redis_keeps_its_connections_and_answers_later(broker):
    client = redis.Redis(port=broker.port, socket_timeout=0.2, retry=None)
    client.ping()

    broker.pause()
    with pytest.raises(redis.TimeoutError):
        client.ping()
    broker.resume()

    until(client.ping, "it answers again")


def test_writes_beyond_the_limit_are_refused(broker):
    broker.limit_memory(1)
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        broker.client().lpush("list", "x")
    broker.limit_memory(0)

    assert broker.client().lpush("list", "x") == 1


def test_a_tap_sees_single_pushes_many_at_once_and_those_of_scripts(broker):
    tap = broker.tap()
    client = redis.Redis(port=broker.port, db=3)

    client.lpush("a", message("1"))
    client.lpush("a", message("2"), message("3"))
    with client.pipeline(transaction=True) as pipe:
        pipe.lpush("b", message("4")).execute()
    client.eval("redis.call('LPUSH', KEYS[1], ARGV[1], ARGV[2])", 1, "a", message("5"), message("6"))
    client.rpush("a", message("7"))

    pushes = tap.pushes()
    assert [push.id for push in pushes] == ["1", "2", "3", "4", "5", "6", "7"]
    assert {push.database for push in pushes if push.command == "LPUSH"} == {3}
    assert pushes[-1].command == "RPUSH"
    assert [push.id for push in tap.pushes(list="b")] == ["4"]


def test_a_tap_gives_a_message_back_byte_for_byte(broker):
    tap = broker.tap()
    text = message("1", odd='"\\ \u0006\u0016 \n ü')[:-1] + ',"raw": "ünï\x7f" }\r\n\t'

    broker.client().lpush("a\x06\x163", text)

    (push,) = tap.pushes()
    assert (push.list, push.text) == ("a\x06\x163", text)


def test_a_tap_is_not_troubled_by_what_is_no_message(broker):
    tap = broker.tap()

    broker.client().lpush("a", "no JSON", "[]", b"\xff\x00", message("1"))

    assert [push.id for push in tap.pushes()] == ["1"]


def test_a_tap_listens_where_a_password_is_asked_for(tmp_path):
    with Redis(tmp_path / "redis", "--requirepass", "secret") as broker:
        tap = broker.tap()
        redis.Redis(port=broker.port, password="secret").lpush("a", message("1"))

        assert [push.id for push in tap.pushes()] == ["1"]


def test_a_tap_misses_nothing_across_a_kill(broker):
    tap = broker.tap()
    broker.client().lpush("a", message("1"))
    tap.pushes()

    broker.kill()
    broker.start()
    redis.Redis(port=broker.port).lpush("a", message("1"))

    assert [(push.life, push.id) for push in tap.pushes()] == [(1, "1"), (2, "1")]


def test_a_tap_keeps_up_with_ten_thousand_messages(broker):
    tap = broker.tap()
    with broker.client().pipeline(transaction=False) as pipe:
        for first in range(0, 10_000, 500):
            pipe.lpush("a", *(message(str(n), pad="x" * 900) for n in range(first, first + 500)))
        pipe.execute()

    assert judge([str(n) for n in range(10_000)], tap.pushes())


def pushed(*ids, life=1, command="LPUSH", retries=0):
    return [Push(life, 0.0, command, 0, "celery", message(id, retries=retries)) for id in ids]


def test_the_judge_names_what_was_lost_doubled_and_never_due():
    verdict = judge(["1", "2", "3"], pushed("1", "2", "2", "4"))

    assert (verdict.lost, verdict.doubled, verdict.unknown) == (["3"], ["2"], ["4"])
    assert not verdict


def test_the_judge_lets_a_message_be_sent_again_when_the_broker_lost_it():
    assert judge(["1"], pushed("1") + pushed("1", life=2))


def test_the_judge_does_not_blame_the_sender_for_what_workers_do():
    assert judge(["1"], pushed("1") + pushed("1", command="RPUSH") + pushed("1", retries=1))


def test_lines_of_monitor_that_are_no_push_say_nothing():
    assert pushes_of(b'+1.5 [0 127.0.0.1:1] "SET" "LPUSH" "x"\r\n', 1) == []
    assert pushes_of(b"+OK\r\n", 1) == []
