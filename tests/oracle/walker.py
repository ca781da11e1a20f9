"""When a cron expression runs around a change of the clock, found by walking through every minute with Python's zones.

The walker is the cron daemon's own way: it keeps the highest wall clock time that it has seen. A schedule with fixed
times runs for whatever lies between that and now, once; one that follows the clock runs when the clock shows it."""

import datetime
import pathlib
import zoneinfo

MINUTE, HOUR, DAY = 60, 3600, 86400
EPOCH = datetime.datetime(1970, 1, 1)
CATCHES_UP = 180  # minutes; a longer jump is a correction, and nothing is caught up


def zones():
    """The names of all zones; of those with the same rules one."""
    found = {}
    for name in sorted(zoneinfo.available_timezones()):
        if name.startswith(("Etc/", "SystemV/")) or name in ("localtime", "Factory"):
            continue
        for folder in zoneinfo.TZPATH:
            path = pathlib.Path(folder, name)
            if path.is_file():
                found.setdefault(path.read_bytes(), name)
                break
    return sorted(found.values())


def offset_at(zone, at):
    return int(datetime.datetime.fromtimestamp(at, zone).utcoffset().total_seconds())


def changes_of(zone, first, last, step=3 * DAY):
    """The instants between two at which the offset changes, to the second."""
    changes, before = [], offset_at(zone, first)
    for at in range(first + step, last, step):
        after = offset_at(zone, at)
        if after == before:
            continue
        low, high = at - step, at
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if offset_at(zone, middle) != before else (middle, high)
        changes.append(high)
        before = after
    return changes


class Window:
    """Some days: what the wall clock shows, in whole minutes since 1970."""

    def __init__(self, zone, first, last):
        self.first, self.last = first, last
        # (instant, wall clock minute, how many minutes until the next jump or the end)
        self.pieces = []
        self.whole_minutes = True
        at, offset = first, offset_at(zone, first)
        start = at
        while at < last:
            end = min(at + HOUR, last)
            if offset_at(zone, end - MINUTE) == offset and offset_at(zone, at) == offset:
                at = end
                continue
            for minute in range(at, end, MINUTE):
                now = offset_at(zone, minute)
                if now != offset:
                    self._add(start, offset, minute)
                    start, offset = minute, now
            at = end
        self._add(start, offset, last)

    def _add(self, start, offset, end):
        if end > start:
            self.whole_minutes = self.whole_minutes and (start + offset) % MINUTE == 0
            self.pieces.append((start, (start + offset) // MINUTE, (end - start) // MINUTE))

    def runs(self, expression, after):
        """The runs in the window that are later than `after`, as instants in order."""
        told = after
        for at in self._all(expression, after):
            if at > told:
                told = at
                yield at

    def _all(self, expression, after):
        highest = self.pieces[0][1] - 1
        for start, wall, count in self.pieces:
            end = wall + count
            jump = wall - highest - 1
            begins = wall
            if not expression.wildcard:
                if 0 < jump < CATCHES_UP and next(minutes(expression, highest + 1, wall), None) is not None:
                    yield start
                begins = max(wall, highest + 1)
            highest = max(highest, end - 1)
            begins = max(begins, wall + (after - start) // MINUTE)
            for minute in minutes(expression, begins, end):
                for second in sorted(expression.seconds):
                    yield start + (minute - wall) * MINUTE + second


def minutes(expression, first, end):
    """The matching minutes of the wall clock from first to before end."""
    for day in range(first // 1440, (end - 1) // 1440 + 1):
        if not expression.matches((EPOCH + datetime.timedelta(days=day)).date()):
            continue
        for hour in range(24):
            begin = day * 1440 + hour * 60
            if hour not in expression.hours or begin + 60 <= first or begin >= end:
                continue
            for minute in range(60):
                if minute in expression.minutes and first <= begin + minute < end:
                    yield begin + minute
