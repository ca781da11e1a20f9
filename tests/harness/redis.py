"""One Redis of a test's own: killed, paused, restarted and starved as the test likes; and a tap on what is pushed there."""

import ast
import base64
import json
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

import redis

from harness.wait import until

SEP = "\x06\x16"  # stands between a queue's name and its priority step


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def outlived_by_nobody(command):
    """The same command, ended by the kernel when the test run that started it dies."""
    return ["setpriv", "--pdeathsig", "KILL", *map(str, command)]


class Redis:
    """`folder` holds its data and its log. The port stays the same from one start to the next.

    `settings` are redis-server's own flags. Without `--appendonly yes` nothing is kept: a killed Redis comes back empty.
    """

    def __init__(self, folder, *settings):
        self.folder = pathlib.Path(folder)
        self.settings = settings
        self.port = free_port()
        self.process = None
        self.life = 0  # of its data: grows when it comes back empty
        self.taps = []
        self._keeps = "--appendonly" in settings
        # A socket's path may have 107 bytes, and pytest's folders are longer.
        self._room = tempfile.mkdtemp(prefix="cjv-redis-")
        self.socket = f"{self._room}/redis.sock"

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.remove()

    # -- addresses --------------------------------------------------------------------------------------------

    def url(self, database=0):
        return f"redis://127.0.0.1:{self.port}/{database}"

    def client(self, database=0):
        """A client over the unix socket: it works whatever a test did to the port."""
        return redis.Redis(unix_socket_path=self.socket, db=database, password=self._password())

    def _password(self):
        words = list(self.settings)
        return words[words.index("--requirepass") + 1] if "--requirepass" in words else None

    # -- life -------------------------------------------------------------------------------------------------

    def start(self, deadline=10.0):
        """Its taps listen before the port opens, so that they miss no push."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "redis.log", "ab") as log:
            self.process = subprocess.Popen(
                outlived_by_nobody(
                    ["redis-server", "--port", 0, "--bind", "127.0.0.1", "--unixsocket", self.socket,
                     "--dir", self.folder, "--save", "", *self.settings]
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )  # fmt: skip
        if not self._keeps or self.life == 0:
            self.life += 1
        until(self._answers, f"Redis answers; it said:\n{self.log()}", deadline)
        for tap in self.taps:
            tap.listen()
        self.client().config_set("port", self.port)
        return self

    def _answers(self):
        assert self.process.poll() is None, f"Redis ended:\n{self.log()}"
        try:
            return self.client().ping()
        except (redis.ConnectionError, redis.exceptions.BusyLoadingError):
            return False

    def log(self):
        path = self.folder / "redis.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def kill(self):
        """kill -9, as when the machine takes its memory."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)

    def restart_empty(self):
        self.kill()
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)
        if self._keeps:
            self.life += 1
        return self.start()

    def pause(self):
        """Connections stay open and nobody answers: what a frozen machine or a half-open connection looks like."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def limit_memory(self, limit, policy="noeviction"):
        """`limit` in bytes; 0 for none, 1 for no room at all. Writes beyond it are refused with OOM, or evict."""
        self.client().config_set("maxmemory-policy", policy)
        self.client().config_set("maxmemory", limit)

    def remove(self):
        if self.process and self.process.poll() is None:
            self.resume()
        self.kill()
        for tap in self.taps:
            tap.close()
        shutil.rmtree(self._room, ignore_errors=True)

    # -- what lies there --------------------------------------------------------------------------------------

    def messages(self, queue, database=0):
        """The decoded messages of a list, next to be served first."""
        return [json.loads(text) for text in reversed(self.client(database).lrange(queue, 0, -1))]

    def tap(self):
        tap = Tap(self)
        self.taps.append(tap)
        if self.process and self.process.poll() is None:
            tap.listen()
        return tap


@dataclass(frozen=True)
class Push:
    """One message that reached the end of a list, whoever pushed it."""

    life: int
    at: float  # Redis' clock, Unix seconds
    command: str  # LPUSH: sent; RPUSH: given back by a worker
    database: int
    list: str
    text: str  # the message, byte for byte (bytes that are no UTF-8 as surrogates)

    @property
    def message(self):
        """Decoded; empty when it is no JSON object, as some tests push."""
        try:
            message = json.loads(self.text)
        except ValueError:
            message = None
        return message if isinstance(message, dict) else {}

    @property
    def headers(self):
        return self.message.get("headers") or {}

    @property
    def body(self):
        """The text of the task's [args, kwargs, embed], digit for digit."""
        return base64.b64decode(self.message["body"]).decode()

    @property
    def id(self):
        return self.headers.get("id")


# MONITOR writes each argument as a quoted text whose escapes are those of a Python bytes literal.
_LINE = re.compile(rb'\+(\d+\.\d+) \[(\d+) [^\]]*\] "(LPUSH|RPUSH)" (.*)\r\n', re.IGNORECASE | re.DOTALL)
_ARGUMENT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def pushes_of(line, life):
    """What one line of MONITOR says was pushed; commands of a script are among them."""
    match = _LINE.fullmatch(line)
    if not match:
        return []
    key, *values = (ast.literal_eval("b" + text.decode("latin-1")) for text in _ARGUMENT.findall(match[4]))
    return [
        Push(
            life,
            float(match[1]),
            match[3].decode().upper(),
            int(match[2]),
            key.decode(),
            value.decode(errors="surrogateescape"),
        )
        for value in values
    ]


class Tap:
    """Records every push to every list, across the lives of its Redis. Redis shows it a command after it was carried out."""

    def __init__(self, source):
        self.source = source
        self._pushes = []
        self._marks = set()
        self._changed = threading.Condition()
        self._connection = None

    def listen(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.source.socket)
        stream = connection.makefile("rb")
        password = self.source._password()
        for command in ([f"AUTH {password}"] if password else []) + ["MONITOR"]:
            connection.sendall(f"{command}\r\n".encode())
            answer = stream.readline()
            assert answer == b"+OK\r\n", answer
        self._connection = connection
        threading.Thread(target=self._read, args=(stream, self.source.life), daemon=True).start()

    def _read(self, stream, life):
        try:
            for line in stream:
                pushed = pushes_of(line, life)
                mark = re.search(rb'"ECHO" "tap:([0-9.]+)"', line)
                with self._changed:
                    self._pushes += pushed
                    if mark:
                        self._marks.add(mark[1].decode())
                    self._changed.notify_all()
        except (OSError, ValueError):
            pass  # its Redis was killed, or the test is over

    def close(self):
        if self._connection:
            self._connection.close()

    # -- what it saw ------------------------------------------------------------------------------------------

    def pushes(self, *, task=None, list=None):
        """Pushed tasks in order; what has no task id (replies of remote control) is left out. Complete up to this call."""
        self._catch_up()
        with self._changed:
            seen = [push for push in self._pushes if push.id]
        return [
            push
            for push in seen
            if (task is None or push.headers.get("task") == task) and (list is None or push.list == list)
        ]

    def _catch_up(self):
        if self.source.process.poll() is not None:
            return
        mark = repr(time.time())
        self.source.client().execute_command("ECHO", f"tap:{mark}")
        with self._changed:
            assert self._changed.wait_for(lambda: mark in self._marks, 10), "the tap does not hear its Redis"

    def wait_for(self, wanted, deadline=10.0, **filters):
        """The first push of which `wanted(push)` is true."""
        return until(
            lambda: next((push for push in self.pushes(**filters) if wanted(push)), None), "such a push", deadline
        )


@dataclass(frozen=True)
class Verdict:
    lost: list  # due, and never pushed
    doubled: list  # pushed more than once within one life of the broker's data
    unknown: list  # pushed, and not due

    def __bool__(self):
        return not (self.lost or self.doubled or self.unknown)


def judge(due, pushes):
    """Holds the ids that were due against what was sent. What workers sent themselves does not count: a message that
    they gave back (RPUSH) and their own retries keep the id."""
    sent = [(push.life, push.id) for push in pushes if push.command == "LPUSH" and not push.headers.get("retries")]
    ids = {id for _, id in sent}
    count = {}
    for key in sent:
        count[key] = count.get(key, 0) + 1
    return Verdict(
        lost=sorted(set(due) - ids),
        doubled=sorted({id for (_, id), times in count.items() if times > 1}),
        unknown=sorted(ids - set(due)),
    )
