"""The Celery application that the tests' workers run: one task for each way in which a task can end.

Nothing here knows Cron Job Viewer: workers stay as they are. The environment says where the broker is."""

import json
import os
import signal
import time

import celery
from celery import exceptions, signals
from celery.utils.log import get_task_logger

app = celery.Celery("fleet", broker=os.environ["FLEET_BROKER"], backend=os.environ["FLEET_BACKEND"])
app.conf.update(
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    **json.loads(os.environ.get("FLEET_CONFIGURATION", "{}")),
)
log = get_task_logger(__name__)


@signals.task_prerun.connect
def note_start(task_id, task, **_):
    """Which executions there were is written down by the worker itself: the witness that events cannot be."""
    redis = app.backend.client if hasattr(app.backend, "client") else None
    if redis:
        redis.rpush("fleet:started", json.dumps({"id": task_id, "task": task.name, "retries": task.request.retries}))


def task(name, **options):
    return app.task(name=f"fleet.{name}", **options)


# -- success ----------------------------------------------------------------------------------------------------


@task("echo")
def echo(*args, **kwargs):
    """What arrived, as Python writes it: JSON would lose the difference between 1 and 1.0."""
    return {"args": [repr(value) for value in args], "kwargs": {name: repr(value) for name, value in kwargs.items()}}


@task("look", bind=True)
def look(self, *args, **kwargs):
    """Everything that the message said about itself."""
    request = self.request
    return {
        "args": repr(args),
        "kwargs": repr(kwargs),
        "id": request.id,
        "root_id": request.root_id,
        "parent_id": request.parent_id,
        "correlation_id": request.correlation_id,
        "expires": request.expires,
        "eta": request.eta,
        "timelimit": request.timelimit,
        "retries": request.retries,
        "ignore_result": getattr(request, "ignore_result", None),
        "delivery_info": request.delivery_info,
        "origin": request.origin,
        "argsrepr": request.argsrepr,
        "kwargsrepr": request.kwargsrepr,
        "headers": {
            name: value
            for name, value in vars(request).items()
            if name.startswith(("cjv_", "x_", "periodic_task_name"))
        },
    }


@task("add")
def add(x, y):
    return x + y


@task("total")
def total(numbers):
    return sum(numbers)


@task("nothing")
def nothing():
    return None


@task("long_text")
def long_text(size):
    return "x" * size


@task("silent", ignore_result=True)
def silent():
    return "nobody reads this"


@task("mute", send_events=False)
def mute():
    """Sends no event: only its result tells that it ran."""
    return "unheard"


@task("prints")
def prints():
    print("printed")
    log.warning("logged")
    return "done"


@task("progress", bind=True)
def progress(self, seconds):
    self.update_state(state="PROGRESS", meta={"done": 50})
    time.sleep(seconds)
    return "done"


# -- failure ----------------------------------------------------------------------------------------------------


class LedgerError(Exception):
    """An exception class that lives in the application only."""


@task("fail")
def fail(message="boom"):
    """A traceback with a cause, from three calls down."""

    def read():
        return {}["no such account"]

    def close():
        try:
            read()
        except KeyError as error:
            raise LedgerError(message) from error

    close()


@task("not_json")
def not_json():
    return object()


@task("die")
def die():
    """What the kernel does to a child that takes too much memory."""
    os.kill(os.getpid(), signal.SIGKILL)


@task("retry", bind=True, max_retries=None)
def retry(self, times, countdown=0):
    """Succeeds at its `times`-th retry."""
    if self.request.retries < times:
        raise self.retry(exc=LedgerError(f"try {self.request.retries}"), countdown=countdown)
    return self.request.retries


@task("retry_in_vain", bind=True, max_retries=1)
def retry_in_vain(self):
    raise self.retry(exc=LedgerError("still closed"), countdown=0)


@task("reject")
def reject():
    raise exceptions.Reject("not today", requeue=False)


@task("reject_late", acks_late=True)
def reject_late():
    raise exceptions.Reject("not today", requeue=False)


@task("ignore")
def ignore():
    raise exceptions.Ignore()


# -- time -------------------------------------------------------------------------------------------------------


@task("sleep")
def sleep(seconds):
    time.sleep(seconds)
    return seconds


@task("sleep_late", acks_late=True)
def sleep_late(seconds):
    time.sleep(seconds)
    return seconds


@task("hard_limit", time_limit=1)
def hard_limit():
    time.sleep(60)


@task("soft_limit", soft_time_limit=1)
def soft_limit():
    time.sleep(60)


@task("soft_limit_caught", soft_time_limit=1)
def soft_limit_caught():
    try:
        time.sleep(60)
    except exceptions.SoftTimeLimitExceeded:
        return "tidied up"


# -- workflows --------------------------------------------------------------------------------------------------


@task("start_chain", bind=True)
def start_chain(self):
    """A task that sends others, as applications do: they are not ours, and are logged all the same."""
    return celery.chain(add.s(1, 2), add.s(3)).apply_async().id


@task("start_group", bind=True)
def start_group(self, size):
    return [result.id for result in celery.group(add.s(n, n) for n in range(size)).apply_async().children]
