"""Real Celery of several versions: workers to start, stop and kill, a plain client, and an ear on their events.

What runs inside Celery's own environments is in `fleet/`; tools/bootstrap makes them, one a version."""

import base64
import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import threading
from dataclasses import dataclass, field

from harness.redis import Redis, outlived_by_nobody
from harness.server import REPOSITORY
from harness.wait import until

OLDEST, NEWEST = "5.2", "5.7"
VERSIONS = tuple(os.environ.get("CJV_CELERY_VERSIONS", f"{NEWEST} {OLDEST}").split())
FLEET = pathlib.Path(__file__).parent / "fleet"


def python_of(version):
    kit = pathlib.Path(os.environ.get("CJV_TOOLCHAIN", REPOSITORY / ".toolchain"))
    python = kit / f"celery-{version}/bin/python"
    assert python.exists(), f"{python} is missing: tools/bootstrap {'test' if version in (OLDEST, NEWEST) else 'soak'}"
    return python


def _environment(broker, backend, configuration):
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(FLEET),
        "PYTHONDONTWRITEBYTECODE": "1",
        "C_FORCE_ROOT": "1",  # CI is root, and Celery would warn
        "FLEET_BROKER": broker,
        "FLEET_BACKEND": backend,
        "FLEET_CONFIGURATION": json.dumps(configuration or {}),
    }


class Client:
    """Celery's own client of one version, in a process that stays: its import costs more than its work.

    Every call is one of `fleet/client.py`."""

    def __init__(self, folder, version, broker, *, backend=None, configuration=None):
        self.version = version
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self._errors = folder / f"client-{version}.log"
        with open(self._errors, "ab") as errors:
            self.process = subprocess.Popen(
                outlived_by_nobody([python_of(version), FLEET / "client.py"]),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=_environment(broker, backend or broker, configuration),
                cwd=folder,
            )
        self._answers = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self._answers.put(line)
        self._answers.put("")

    def _call(self, call, *args, **kwargs):
        self.process.stdin.write(json.dumps({"call": call, "args": args, "kwargs": kwargs}) + "\n")
        self.process.stdin.flush()
        try:
            line = self._answers.get(timeout=60)
        except queue.Empty:
            self.process.kill()  # its next answer would be that of this call
            raise AssertionError(f"Celery's client did not answer {call}{args} within 60 s") from None
        assert line, f"Celery's client ended:\n{self._errors.read_text()[-2000:]}"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def send(self, task, args=(), kwargs=None, **options):
        """Options are those of apply_async; the task's id."""
        return self._call("send", task, args, kwargs, **options)

    def result(self, id, timeout=10.0):
        """{"state", "value", "text", "traceback"}; a state that is not final after `timeout` seconds is returned as it is."""
        return self._call("result", id, timeout)

    def inspect(self, method, **arguments):
        return self._call("inspect", method, **arguments)

    def control(self, method, **arguments):
        return self._call("control", method, **arguments)

    def chain(self, *steps):
        return self._call("chain", *steps)

    def group(self, *members):
        return self._call("group", *members)

    def chord(self, members, body):
        return self._call("chord", members, body)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Worker:
    """One Celery worker with the tasks of `fleet/tasks.py`.

    `events` is `-E`. `alone` leaves mingle and gossip out: a second less to wait, and less like production."""

    def __init__(self, folder, version, broker, *, name=None, pool="prefork", concurrency=2, queues=("celery",),
                 events=False, alone=False, backend=None, configuration=None, flags=()):  # fmt: skip
        self.version, self.pool, self.concurrency = version, pool, concurrency
        self.node = f"{name or 'w' + version}@localhost"
        self.folder = pathlib.Path(folder)
        self._log = self.folder / f"{self.node}.log"
        self._environment = _environment(broker, backend or broker, configuration)
        self._flags = [
            "--hostname", self.node, "--pool", pool, "--concurrency", concurrency, "--queues", ",".join(queues),
            *(["--task-events"] if events else []),
            *(["--without-mingle", "--without-gossip"] if alone else []),
            *flags,
        ]  # fmt: skip
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()

    def start(self, deadline=30.0):
        """Returns when it says that it is ready; `worker-online` may come a little before it listens."""
        self.launch()
        return self.wait_until_ready(deadline)

    def launch(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self._begin = self._log.stat().st_size if self._log.exists() else 0
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen(
                outlived_by_nobody(
                    [
                        python_of(self.version),
                        FLEET / "start.py",
                        "-A",
                        "tasks",
                        "worker",
                        "--loglevel",
                        "INFO",
                        *self._flags,
                    ]
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                cwd=self.folder,
                start_new_session=True,  # so that kill() reaches its children
            )
        return self

    def wait_until_ready(self, deadline=30.0):
        def ready():
            assert self.process.poll() is None, f"{self.node} ended with {self.process.returncode}:\n{self.log()}"
            return re.search(rf"{re.escape(self.node)}.* ready\.", self.log())

        until(ready, f"{self.node} is ready", deadline)
        return self

    @property
    def pid(self):
        return self.process.pid

    @property
    def children(self):
        """Pids of a prefork pool."""
        return [int(pid) for pid in pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def log(self):
        """What it said since its last start."""
        with open(self._log, "rb") as log:
            log.seek(self._begin)
            return log.read().decode(errors="replace")

    def says(self, text, deadline=10.0):
        until(lambda: text in self.log(), f"{self.node} says {text!r}", deadline)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, deadline=30.0):
        """Warm: finishes what runs and gives back what waits. The exit code."""
        self.process.terminate()
        return self.process.wait(timeout=deadline)

    def kill(self):
        """kill -9 of the worker and its children, as when the machine goes: nothing is said, nothing given back."""
        if self.alive():
            os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()

    def kill_child(self):
        """Only a child of the pool: the worker stays and tells."""
        os.kill(self.children[0], signal.SIGKILL)

    def pause(self):
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self):
        os.killpg(self.pid, signal.SIGCONT)


class Events:
    """Every event on the broker from now on, single or batched, in order of arrival."""

    def __init__(self, broker, prefix="/0."):
        self._seen = []
        self._lock = threading.Lock()
        self._subscription = broker.client().pubsub(ignore_subscribe_messages=False)
        self._subscription.psubscribe(f"{prefix}celeryev/*")
        assert self._subscription.get_message(timeout=5)["type"] == "psubscribe"
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            for message in self._subscription.listen():
                if message["type"] == "pmessage":
                    events = decoded_body(json.loads(message["data"]))
                    with self._lock:
                        self._seen += events if isinstance(events, list) else [events]
        except Exception:  # its Redis is gone, or the test is over
            pass

    def all(self, type=None, id=None):
        with self._lock:
            seen = list(self._seen)
        return [
            event
            for event in seen
            if (type is None or event["type"] == type) and (id is None or event.get("uuid") == id)
        ]

    def wait_for(self, type, id=None, deadline=10.0):
        return until(lambda: self.all(type, id), f"{type} of {id or 'anything'}", deadline)[0]

    def close(self):
        self._subscription.close()


def decoded_body(envelope):
    return json.loads(base64.b64decode(envelope["body"]))


@dataclass
class Fleet:
    """A Redis with workers of one version, a client and a tap: what a Celery installation is."""

    version: str
    broker: Redis
    client: Client
    workers: list = field(default_factory=list)

    @classmethod
    def of(cls, folder, version, *, configuration=None, **worker):
        """Ready when its worker is. `worker` are arguments of Worker."""
        folder = pathlib.Path(folder)
        broker = Redis(folder / "redis")
        broker.start()
        broker.watch = broker.tap()
        fleet = cls(version, broker, Client(folder, version, broker.url(), configuration=configuration))
        fleet.add(folder, configuration=configuration, **worker)
        return fleet

    def add(self, folder, **worker):
        """One more worker."""
        self.workers.append(Worker(folder, self.version, self.broker.url(), **worker).start())
        return self.workers[-1]

    @property
    def worker(self):
        return self.workers[0]

    @property
    def tap(self):
        return self.broker.watch

    def executions(self, id):
        """How often workers began this task, by their own word."""
        noted = self.broker.client().lrange("fleet:started", 0, -1)
        return sum(json.loads(text)["id"] == id for text in noted)

    def remove(self):
        for worker in self.workers:
            worker.kill()
        self.client.close()
        self.broker.remove()
