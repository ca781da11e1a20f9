"""Server and broker die while messages flow. The judge is a tap that saw every push to every list, not our own word."""

import os
import random
import shutil
from datetime import datetime

import pytest

from harness.people import PASSWORD, first_admin
from harness.client import Client
from harness.redis import Redis, judge
from harness.server import Server
from harness.wait import spend, until

ROUNDS = int(os.environ.get("CJV_CRASH_ROUNDS", "10"))
SEED = int(os.environ.get("CJV_CRASH_SEED") or random.SystemRandom().randrange(1 << 32))
PAUSES = [int(seconds) for seconds in os.environ.get("CJV_BROKER_PAUSE", "5").split()]
RATE = 200  # tasks a second
NOT_SENT = {"pending", "skipped", "missed"}


@pytest.fixture
def broker(tmp_path):
    with Redis(tmp_path / "redis") as redis:
        redis.watch = redis.tap()
        yield redis


class Flow:
    """Jobs that are due each second. Nobody consumes their queue, so every message stays where the tap saw it go."""

    def __init__(self, folder, broker, size=RATE, prefix="job"):
        self.broker = broker
        self.server = Server(folder, "--broker", broker.url()).start()
        self.admin = first_admin(self.server)
        self.jobs = [
            self.admin.celery(f"{prefix} {n}", "fleet.nothing", [n], target={"queue": "flow"}, schedule="every 1 seconds",
                              misfire="all", misfire_limit=100)["id"]
            for n in range(size)
        ]  # fmt: skip

    def restart(self):
        self.server.kill()
        self.server.start(listen=f"127.0.0.1:{self.server.port}")

    def settle(self, seconds=30):
        """No more slots; what is decided is sent."""
        for job in self.jobs:
            self.admin.post(f"api/cron-jobs/{job}/update_status/", {"is_active": False})
        until(lambda: not list(self.rows(status="pending")), "nothing waits to be sent", seconds)

    def rows(self, **filters):
        """Logs of the flow's own jobs: the server has jobs of its own, too."""
        for row in self.admin.pages("api/cron-job-logs/", cursor="", page_size=100, **filters):
            if row["job"] in self.jobs:
                yield row

    def sent(self):
        return [row["id"] for row in self.rows() if row["status"] not in NOT_SENT]

    def gaps(self):
        """Slots of a job that no row accounts for."""
        slots = {job: [] for job in self.jobs}
        for row in self.rows():
            if row["scheduled_for"]:
                first = instant(row["scheduled_for"])
                last = instant(row["scheduled_until"]) if row.get("slot_count") else first
                slots[row["job"]].append((first, last))
        for job, known in slots.items():
            known.sort()
            yield from ((job, a, b) for (_, a), (b, _) in zip(known, known[1:]) if b - a != 1)


def instant(text):
    return datetime.fromisoformat(text).timestamp()


def verdict(broker, *flows):
    return judge([id for flow in flows for id in flow.sent()], broker.watch.pushes(list="flow"))


@pytest.mark.timeout(240 + 20 * ROUNDS)
def test_kill_9_of_the_server_at_random_loses_and_doubles_no_message(tmp_path, broker):
    print(f"CJV_CRASH_SEED={SEED}")
    chance = random.Random(SEED)
    flow = Flow(tmp_path, broker)
    try:
        for _ in range(ROUNDS):
            spend(chance.uniform(0.05, 2.5))
            flow.restart()
        spend(2)
        flow.settle()

        assert verdict(broker, flow)
        assert list(flow.gaps()) == []
        assert len(flow.sent()) > RATE * ROUNDS / 2
    finally:
        flow.server.kill()


@pytest.mark.timeout(180 + 2 * max(PAUSES))
@pytest.mark.parametrize("pause", PAUSES)
def test_a_broker_that_freezes_loses_and_doubles_nothing(tmp_path, broker, pause):
    flow = Flow(tmp_path, broker, size=50)
    try:
        spend(1)
        broker.pause()
        spend(pause)
        broker.resume()
        spend(2)
        flow.settle(seconds=60)

        assert verdict(broker, flow)
        assert list(flow.gaps()) == []
    finally:
        flow.server.kill()


def test_two_servers_on_one_broker_do_not_take_each_others_numbers(tmp_path, broker):
    flows = [Flow(tmp_path / name, broker, size=20, prefix=name) for name in ("one", "two")]
    try:
        for _ in range(3):
            spend(0.7)
            flows[0].restart()
            spend(0.7)
            flows[1].restart()
        for flow in flows:
            flow.settle()

        assert verdict(broker, *flows)
    finally:
        for flow in flows:
            flow.server.kill()


def test_a_restored_copy_loses_and_doubles_nothing(tmp_path, broker):
    flow = Flow(tmp_path / "first", broker, size=20)
    copy = None
    try:
        spend(2)
        flow.server.stop()
        shutil.copytree(flow.server.data, tmp_path / "second/data", ignore=shutil.ignore_patterns("*.sock", "lock"))
        copy = Server(tmp_path / "second", "--broker", broker.url()).start()
        flow.server, flow.admin = copy, Client(copy).login("admin", PASSWORD)
        spend(2)
        flow.settle()

        assert verdict(broker, flow)
        assert list(flow.gaps()) == []
    finally:
        flow.server.kill()


def on_the_list(broker):
    return sorted(message["headers"]["id"] for message in broker.messages("flow"))


@pytest.mark.timeout(240)
def test_a_broker_that_was_killed_and_is_empty_gets_everything_once_more(tmp_path, broker):
    """Nobody consumes: so what the broker has at the end, in a life of its data that began late, is all that was ever sent."""
    print(f"CJV_CRASH_SEED={SEED}")
    chance = random.Random(SEED)
    flow = Flow(tmp_path, broker, size=100)
    try:
        for with_server in (False, True, False, True):
            spend(chance.uniform(0.2, 2))
            if with_server:
                broker.kill()
                flow.restart()
                spend(chance.uniform(0, 1))
            broker.restart_empty()
        spend(chance.uniform(0.2, 1))
        flow.restart()
        flow.settle(seconds=60)
        sent = flow.sent()
        until(lambda: len(on_the_list(broker)) >= len(sent), "the broker has everything", 30)

        assert verdict(broker, flow)
        assert list(flow.gaps()) == []
        assert on_the_list(broker) == sorted(sent)
        again = [row for row in flow.rows(status="queued") if "sent once more" in str(flow.admin.run(row)["notes"])]
        assert len(again) > 100
    finally:
        flow.server.kill()


def test_a_flushed_broker_is_noticed_with_the_next_push(tmp_path, broker):
    """The connection stays, so that nothing but a number tells."""
    flow = Flow(tmp_path, broker, size=20)
    try:
        until(lambda: len(list(flow.rows(status="queued"))) >= 20, "runs are queued")
        broker.client().flushall()
        broker.life += 1
        spend(3)
        flow.settle()

        until(lambda: on_the_list(broker) == sorted(flow.sent()), "the broker has everything", 30)
        assert list(flow.gaps()) == []
    finally:
        flow.server.kill()


def test_an_older_copy_of_the_data_loses_nothing(tmp_path, broker):
    """Its next numbers are ones that the broker has seen; what it decides for the time between is sent a second time."""
    flow = Flow(tmp_path / "first", broker, size=20)
    try:
        spend(2)
        flow.server.stop()
        shutil.copytree(flow.server.data, tmp_path / "copy", ignore=shutil.ignore_patterns("*.sock", "lock"))
        flow.server.start()
        spend(3)
        flow.server.stop()
        (tmp_path / "second").mkdir()
        shutil.move(tmp_path / "copy", tmp_path / "second/data")
        flow.server = Server(tmp_path / "second", "--broker", broker.url()).start()
        flow.admin = Client(flow.server).login("admin", PASSWORD)
        spend(2)
        flow.settle()

        assert verdict(broker, flow).lost == []
        assert list(flow.gaps()) == []
    finally:
        flow.server.kill()


def test_two_servers_that_live_on_the_same_data_lose_nothing(tmp_path, broker):
    """Both number their batches alike; what people ask each of them for has ids of its own, of which none may be missing."""
    servers = [Server(tmp_path / "first", "--broker", broker.url()).start()]
    try:
        admin = first_admin(servers[0])
        job = admin.celery("asked", "fleet.nothing", target={"queue": "flow"}, overlap="allow")["id"]
        asked = [admin.run_now(job)]
        admin.reaches(asked[0], "queued")
        servers[0].stop()
        shutil.copytree(servers[0].data, tmp_path / "second/data", ignore=shutil.ignore_patterns("*.sock", "lock"))
        servers[0].start()
        servers.append(Server(tmp_path / "second", "--broker", broker.url()).start())
        people = [Client(server).login("admin", PASSWORD) for server in servers]
        for _ in range(20):
            for person in people:
                asked.append(person.run_now(job))
                person.reaches(asked[-1], "queued")

        assert judge(asked, broker.watch.pushes(list="flow"))
        assert len(set(asked)) == 41
    finally:
        for server in servers:
            server.kill()


def test_a_broker_without_memory_makes_runs_wait(tmp_path, broker):
    flow = Flow(tmp_path, broker, size=20)
    try:
        spend(1)
        broker.limit_memory(1)
        until(lambda: list(flow.rows(status="pending")), "runs wait")
        spend(2)
        broker.limit_memory(0)
        flow.settle()

        assert verdict(broker, flow)
        assert list(flow.gaps()) == []
    finally:
        flow.server.kill()


def test_a_broker_that_became_read_only_makes_runs_wait(tmp_path, broker):
    flow = Flow(tmp_path, broker, size=20)
    try:
        spend(1)
        broker.client().execute_command("REPLICAOF", "127.0.0.1", "1")  # of a master that is not there
        until(lambda: list(flow.rows(status="pending")), "runs wait")
        broker.client().execute_command("REPLICAOF", "NO", "ONE")
        flow.settle()

        assert verdict(broker, flow)
    finally:
        flow.server.kill()
