"""A redis-server of a bench's own, asked over its unix socket without a client library; and what processes cost."""

import pathlib
import shutil
import socket
import subprocess
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Redis:
    """With Redis' own defaults, but for the snapshots that it would write to disk."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="cjv-bench-redis-")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", f"{self.folder}/s",
             "--dir", self.folder, "--save", ""], stdout=subprocess.DEVNULL)
        while True:
            try:
                self.connection = self.connect()
                break
            except OSError:
                time.sleep(0.02)

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(f"{self.folder}/s")
        return connection

    def send(self, *words):
        """One command; its reply's first line."""
        self.connection.sendall(command(*words))
        return read_line(self.connection)

    def length(self, queue):
        return int(self.send("LLEN", queue)[1:])

    def elements(self, queue):
        """All of a list, as bytes."""
        self.connection.sendall(command("LRANGE", queue, 0, -1))
        with self.connection.makefile("rb") as replies:
            count = int(replies.readline()[1:])
            return [replies.read(int(replies.readline()[1:]) + 2)[:-2] for _ in range(count)]

    def info(self, section):
        size = int(self.send("INFO", section)[1:])
        text = b""
        while len(text) < size + 2:
            text += self.connection.recv(65536)
        return dict(line.split(":", 1) for line in text.decode().splitlines() if ":" in line)

    def remove(self):
        self.connection.close()
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder)


def command(*words):
    words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def read_line(connection):
    line = b""
    while not line.endswith(b"\r\n"):
        line += connection.recv(1)
    return line[:-2].decode()


def cpu_of(pid):
    """Seconds of CPU of all threads of a process that are alive, from the scheduler."""
    return sum(int((task / "schedstat").read_text().split()[0])
               for task in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e9


def resident(pid):
    """MB of resident memory."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
