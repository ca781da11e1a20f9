"""A whole Celery installation to try Cron Job Viewer on: Redis, two workers with a small ERP, and the server.

    demo.py BINARY [FLAG OF serve…]

Everything lives in a temporary folder and on loopback. Ctrl-C or SIGTERM ends it all and removes the folder. Runs in
the environment that `tools/bootstrap demo` makes."""

import http.cookiejar
import json
import os
import pathlib
import queue
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
WORKERS = {"office": "celery,mail", "night": "celery,reports"}
USER = "demo"


def say(text):
    print(f"demo: {text}", flush=True)


class Failed(Exception):
    """The demo cannot go on; the text says why, and where to look."""


class Stopped(Exception):
    """Somebody ended the demo."""


class Processes:
    """What the demo started, ended in the opposite order."""

    def __init__(self, folder):
        self.folder = folder
        self.started = []

    def start(self, name, command, **options):
        """Its output goes to NAME.log. It ends when the demo is killed, and does not hear the terminal's Ctrl-C."""
        with open(self.log(name), "ab") as log:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *map(str, command)],
                stdin=subprocess.DEVNULL,
                **{"stdout": log, "stderr": log, "start_new_session": True, **options},
            )
        self.started.append((name, process))
        return process

    def log(self, name):
        return self.folder / f"{name}.log"

    def check(self):
        for name, process in self.started:
            if process.poll() is not None:
                tail = self.log(name).read_text(errors="replace")[-2000:]
                raise Failed(f"{name} ended with {process.returncode}. It said:\n{tail}")

    def wait_for(self, what, condition, seconds=30):
        end = time.monotonic() + seconds
        while not (value := condition()):
            self.check()
            if time.monotonic() > end:
                raise Failed(f"{what} did not come within {seconds} s; the logs are in {self.folder}")
            time.sleep(0.05)
        return value

    def stop(self):
        for name, process in reversed(self.started):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(timeout=2 if name.startswith("worker") else 20)
                except subprocess.TimeoutExpired:  # a worker would finish its report first
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()


def port_or_free(wanted):
    """`wanted` when nobody has it, else one that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return probe.getsockname()[1]
            except OSError:
                pass
    raise Failed("there is no free port on 127.0.0.1")


def start_redis(processes):
    port = port_or_free(0)
    folder = processes.folder / "redis"
    folder.mkdir()
    processes.start("redis", ["redis-server", "--bind", "127.0.0.1", "--port", port, "--dir", folder, "--save", ""])
    processes.wait_for("Redis", lambda: "Ready to accept connections" in processes.log("redis").read_text())
    return f"redis://127.0.0.1:{port}/0"


def start_workers(processes, broker):
    environment = {**os.environ, "ERP_BROKER": broker, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1",
                   "C_FORCE_ROOT": "1"}  # fmt: skip
    for name, queues in WORKERS.items():
        processes.start(
            f"worker-{name}",
            [sys.executable, "-m", "celery", "-A", "erp", "worker", "--hostname", f"{name}@erp", "--concurrency", 2,
             "--queues", queues, "--loglevel", "INFO"],
            env=environment,
        )  # fmt: skip
    for name in WORKERS:
        processes.wait_for(
            f"worker {name}", lambda name=name: f"{name}@erp ready." in processes.log(f"worker-{name}").read_text()
        )


def start_server(processes, binary, broker, password, flags):
    """The address of its pages."""
    data = processes.folder / "data"
    added = subprocess.run(
        [binary, "--data-dir", data, "user", "add", USER, "--superuser", "--password-stdin"],
        input=password + "\n", text=True, capture_output=True,
    )  # fmt: skip
    if added.returncode != 0:
        raise Failed(f"user add: {added.stderr.strip()}")
    listen = [] if "--listen" in flags else ["--listen", f"127.0.0.1:{port_or_free(8000)}"]
    server = processes.start(
        "server",
        [binary, "serve", "--data-dir", data, "--broker", broker, *listen, *flags],
        stdout=subprocess.PIPE,
        text=True,
    )
    ready = queue.Queue()

    def read():
        for line in server.stdout:
            if found := re.match(r"ready (http://\S+)", line):
                ready.put(found[1])

    threading.Thread(target=read, daemon=True).start()
    return processes.wait_for("the server", lambda: None if ready.empty() else ready.get())


class Api:
    """Signed in, with a cookie, as the pages are."""

    def __init__(self, address, user, password):
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )
        self.post("api/auth/login/", {"username": user, "password": password})

    def post(self, path, body):
        token = next((cookie.value for cookie in self.cookies if cookie.name == "cjv_csrftoken"), "")
        request = urllib.request.Request(
            self.address + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "X-CSRFToken": token},
        )
        try:
            with self.opener.open(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Failed(f"POST {path} answered {error.code}: {error.read().decode(errors='replace')}") from error


def run(processes, binary, flags):
    password = "-".join(secrets.token_hex(3) for _ in range(3))
    broker = start_redis(processes)
    say("starting two Celery workers")
    start_workers(processes, broker)
    address = start_server(processes, binary, broker, password, flags)
    api = Api(address, USER, password)
    for job in json.loads((HERE / "jobs.json").read_text()):
        made = api.post("api/cron-jobs/", {"kind": "celery", **job})
        api.post(f"api/cron-jobs/{made['id']}/run_now/", {})  # so that the first look is not at empty pages
    say(f"broker {broker}, workers {' and '.join(f'{name}@erp' for name in WORKERS)}, logs in {processes.folder}")
    say(f"open {address}")
    say(f"sign in as {USER} with {password}")
    say("Ctrl-C ends everything and removes it")
    while True:
        processes.check()
        time.sleep(0.5)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)

    def stop(number, _):
        raise Stopped(signal.Signals(number).name)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    processes = Processes(pathlib.Path(tempfile.mkdtemp(prefix="cjv-demo-")))
    status = 0
    try:
        run(processes, str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2:])
    except Stopped:
        say("stopping")
    except Failed as error:
        say(error)
        status = 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # the second Ctrl-C must not leave half of it behind
        processes.stop()
        shutil.rmtree(processes.folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
