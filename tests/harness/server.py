"""One server process of the real binary: started on a free port, read until it is ready, ended as a test likes."""

import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import threading
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
READY = re.compile(r"^ready (http://(\S+?):(\d+)(/\S*))$")
FIRST_SIGN_IN = re.compile(r"^first sign-in: (\S+) (\S+) ")


def binary():
    path = pathlib.Path(os.environ.get("CJV_BINARY", REPOSITORY / "build/release/cron-job-viewer"))
    return path if path.is_absolute() else REPOSITORY / path


class Server:
    """`folder` holds the data and what the server said; it outlives the process, so a second Server may go on with it."""

    def __init__(self, folder, *flags, **settings):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.flags = flags
        self.environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            **{name: str(value) for name, value in settings.items()},
        }
        self.process = None
        self.said = []  # lines of stdout

    def start(self, deadline=10.0, listen="127.0.0.1:0"):
        self.folder.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        with open(self.folder / "stderr", "ab") as stderr:
            self.process = subprocess.Popen(
                [str(binary()), "serve", "--data-dir", str(self.data), "--listen", listen, *self.flags],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=self.environment,
                cwd=self.folder,
            )
        lines = queue.Queue()
        threading.Thread(target=_pump, args=(self.process.stdout, lines), daemon=True).start()
        self.said = []
        while True:
            try:
                line = lines.get(timeout=max(0.0, began + deadline - time.monotonic()))
            except queue.Empty:
                self.kill()
                raise AssertionError(f"not ready within {deadline} s; it said:\n{self.complaints()}") from None
            if line is None:
                code = self.process.wait()
                raise AssertionError(f"ended with {code} before it was ready; it said:\n{self.complaints()}")
            self.said.append(line)
            ready = READY.match(line)
            if ready:
                self.url, self.host, self.port, self.prefix = ready[1], ready[2], int(ready[3]), ready[4]
                self.origin = f"http://{self.host}:{self.port}"
                self.ready_after = time.monotonic() - began
                return self

    @property
    def first_sign_in(self):
        """(name, one-time password) as the first start printed them, or None."""
        found = [FIRST_SIGN_IN.match(line) for line in self.said]
        return next(((match[1], match[2]) for match in found if match), None)

    @property
    def pid(self):
        return self.process.pid

    def complaints(self):
        path = self.folder / "stderr"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, deadline=60.0):
        return self.process.wait(timeout=deadline)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self, deadline=60.0):
        """Ends it as systemd would; the exit code."""
        if self.process is None or self.process.poll() is not None:
            return None
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGTERM)  # the second one skips the drain
        return self.wait(deadline)

    def run(self, *arguments, stdin="", deadline=30.0):
        """Another command of the binary, on the same data folder."""
        return subprocess.run(
            [str(binary()), "--data-dir", str(self.data), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environment,
            cwd=self.folder,
            timeout=deadline,
        )

    def add_user(self, name, password, *flags):
        done = self.run("user", "add", name, "--password-stdin", *flags, stdin=password + "\n")
        assert done.returncode == 0, done.stderr
        return name

    def list_users(self):
        done = self.run("user", "list", "--json")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def _pump(stream, lines):
    for raw in stream:
        lines.put(raw.decode(errors="replace").rstrip("\n"))
    lines.put(None)
