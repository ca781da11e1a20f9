"""A plain Celery client for tests that run outside Celery's environment: one request a line, one answer a line, in JSON."""

import json
import sys

import celery
from celery.result import AsyncResult

from tasks import app


def send(task, args=(), kwargs=None, **options):
    return app.send_task(task, args, kwargs or {}, **options).id


def result(id, timeout):
    """State and value as a Celery client sees them once it is ready."""
    seen = AsyncResult(id, app=app)
    try:
        value = seen.get(timeout=timeout or 0.001, propagate=False)  # Celery takes 0 for "for ever"
    except celery.exceptions.TimeoutError:
        return {"state": seen.state, "value": None, "text": "", "traceback": None}
    as_json = value if not isinstance(value, BaseException) else None
    return {"state": seen.state, "value": as_json, "text": repr(value), "traceback": seen.traceback}


def inspect(method, destination=None, timeout=2.0, **arguments):
    """{node: reply}; who does not answer has no key."""
    return getattr(app.control.inspect(destination=destination, timeout=timeout), method)(**arguments) or {}


def control(method, destination=None, timeout=2.0, reply=True, **arguments):
    answers = app.control.broadcast(method, arguments=arguments, destination=destination, reply=reply, timeout=timeout)
    return {node: answer for each in answers or [] for node, answer in each.items()}


def _signature(task, *args):
    return app.signature(task, args)


def chain(*steps):
    """Steps as [task, argument…]. The ids, first to last."""
    last = celery.chain(*(_signature(*step) for step in steps)).apply_async()
    ids = []
    while last is not None:
        ids.insert(0, last.id)
        last = last.parent
    return ids


def group(*members):
    sent = celery.group(*(_signature(*member) for member in members)).apply_async()
    return {"group": sent.id, "ids": [member.id for member in sent.children]}


def chord(members, body):
    sent = celery.chord([_signature(*member) for member in members], _signature(*body)).apply_async()
    return {"id": sent.id, "ids": [member.id for member in sent.parent.children]}


CALLS = {call.__name__: call for call in (send, result, inspect, control, chain, group, chord)}


def main():
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"value": CALLS[request["call"]](*request["args"], **request["kwargs"])}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer, default=repr), file=answers, flush=True)


main()
