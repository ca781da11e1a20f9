"""Reading text/event-stream: as the standard says, with what a test needs to stop."""

import json
import threading
import time
from dataclasses import dataclass


@dataclass
class Event:
    id: str
    name: str
    data: object  # what the JSON says


class Stream:
    """A stream of server-sent events, read on a thread of its own: no event is missed between two looks."""

    def __init__(self, client, path, *, last_event_id=None, params=None):
        headers = {"Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        self.events = []
        self.comments = 0
        self.ended = False
        self._changed = threading.Condition()
        self._context = client.http.stream("GET", client.root + path, headers=headers, params=params, timeout=60.0)
        self.response = self._context.__enter__()
        if self.response.status_code == 200:
            threading.Thread(target=self._read, daemon=True).start()
        else:
            self.response.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._context.__exit__(None, None, None)

    def wait_for(self, wanted, deadline=15.0):
        """The first event of which `wanted(event)` is true."""
        end = time.monotonic() + deadline
        seen = 0
        with self._changed:
            while True:
                for event in self.events[seen:]:
                    if wanted(event):
                        return event
                seen = len(self.events)
                assert not self.ended, f"the stream ended; it had {self.names()}"
                assert self._changed.wait(end - time.monotonic()), f"not within {deadline} s; there were {self.names()}"

    def wait_for_end(self, deadline=15.0):
        with self._changed:
            assert self._changed.wait_for(lambda: self.ended, deadline), f"no end within {deadline} s: {self.names()}"
        return self.events

    def names(self):
        return [event.name for event in self.events]

    def _read(self):
        try:
            block = {}
            for line in self.response.iter_lines():
                if line == "":
                    self._take(block)
                    block = {}
                elif line.startswith(":"):
                    self.comments += 1
                else:
                    field, _, value = line.partition(":")
                    block.setdefault(field, []).append(value.removeprefix(" "))
        except Exception:  # the test closed it, or the server died: either way it has ended
            pass
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def _take(self, block):
        if "data" not in block:
            return
        last = self.events[-1].id if self.events else ""
        event = Event(
            block.get("id", [last])[-1], block.get("event", ["message"])[-1], json.loads("\n".join(block["data"]))
        )
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()
