"""Random cron expressions: the text, and what it means, made at the same time and by nothing that the engine has."""

import calendar
import datetime
from dataclasses import dataclass

RANGES = {"second": (0, 59), "minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 6)}
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


@dataclass
class Expression:
    text: str
    day_match: str
    seconds: set
    minutes: set
    hours: set
    months: set
    days: list  # of functions of a date
    weekdays: list
    both: bool  # a date must match both day fields
    wildcard: bool

    def matches(self, date):
        if date.month not in self.months:
            return False
        day = any(rule(date) for rule in self.days)
        weekday = any(rule(date) for rule in self.weekdays)
        return (day and weekday) if self.both else (day or weekday)


def weekday_of(date):
    return date.isoweekday() % 7


def last_day(date):
    return calendar.monthrange(date.year, date.month)[1]


def nearest_workday(year, month, day):
    """The Monday to Friday nearest to a day, in its month; found by looking at the days around it."""
    last = calendar.monthrange(year, month)[1]
    for distance in (0, -1, 1, -2, 2):
        if 1 <= day + distance <= last and datetime.date(year, month, day + distance).weekday() < 5:
            return day + distance
    raise AssertionError("five days without a workday")


def sequence(first, last, step, low, high):
    """Walks from first to last, round the end of the field where need be, and takes every step-th value."""
    values, value, taken = set(), first, 0
    while True:
        if taken % step == 0:
            values.add(value)
        if value == last:
            return values
        value = low if value == high else value + 1
        taken += 1


class Generator:
    def __init__(self, random):
        self.random = random

    def expression(self):
        r = self.random
        second, seconds = self.plain("second") if r.random() < 0.1 else ("", {0})
        minute, minutes = self.plain("minute", star=0.25)
        hour, hours = self.plain("hour", star=0.4)
        day, days = self.day()
        month, months = self.plain("month", star=0.8)
        weekday, weekdays = self.weekday()
        match = "both" if r.random() < 0.2 else "either"
        is_open = day[0] in "*?" or weekday[0] in "*?"
        text = " ".join(field for field in (second, minute, hour, day, month, weekday) if field)
        return Expression(
            text, match, seconds, minutes, hours, months, days, weekdays,
            both=match == "both" or is_open,
            wildcard=any(field.startswith("*") for field in (second, minute, hour)),
        )

    def plain(self, name, star=0.2):
        """A field of values: its text, and the set."""
        if self.random.random() < star:
            low, high = RANGES[name]
            return "*", set(range(low, high + 1))
        texts, values = [], set()
        for _ in range(self.random.choice([1, 1, 1, 1, 2, 3])):
            text, more = self.item(name)
            texts.append(text)
            values |= more
        return ",".join(texts), values

    def item(self, name):
        r, (low, high) = self.random, RANGES[name]
        a, b = r.randint(low, high), r.randint(low, high)
        step = r.choice([1, 2, 3, 5, 7, 10, 15, 20, 90])
        kind = r.choice(["value", "value", "value", "range", "star step", "value step", "range step"])
        if kind == "value":
            return self.spelled(name, a), {a}
        if kind == "range":
            return f"{self.spelled(name, a)}-{self.spelled(name, b)}", sequence(a, b, 1, low, high)
        if kind == "star step":
            return f"*/{step}", sequence(low, high, step, low, high)
        if kind == "value step":
            return f"{self.spelled(name, a)}/{step}", sequence(a, high, step, low, high)
        return f"{self.spelled(name, a)}-{self.spelled(name, b)}/{step}", sequence(a, b, step, low, high)

    def spelled(self, name, value):
        names = {"month": [None, *MONTHS], "weekday": WEEKDAYS}.get(name)
        if not names or self.random.random() < 0.6:
            return str(value)
        return self.random.choice([str.upper, str.lower, str.title])(names[value])

    def day(self):
        r = self.random
        if r.random() < 0.55:
            return r.choice(["*", "*", "*", "?"]), [lambda date: True]
        texts, rules = [], []
        for _ in range(r.choice([1, 1, 2])):
            n, kind = r.randint(1, 31), r.choice(["plain", "plain", "plain", "L", "L-n", "nW", "LW", "L-nW"])
            back = r.randint(1, 30)
            if kind == "plain":
                text, values = self.item("day")
                rule = lambda date, values=values: date.day in values
            elif kind == "L":
                text, rule = "L", lambda date: date.day == last_day(date)
            elif kind == "L-n":
                text, rule = f"L-{back}", lambda date, back=back: date.day == last_day(date) - back
            elif kind == "nW":
                text = f"{n}W"
                rule = lambda date, n=n: n <= last_day(date) and date.day == nearest_workday(date.year, date.month, n)
            else:
                back = 0 if kind == "LW" else back
                text = "LW" if back == 0 else f"L-{back}W"
                rule = lambda date, back=back: last_day(date) > back and date.day == nearest_workday(
                    date.year, date.month, last_day(date) - back
                )
            texts.append(text)
            rules.append(rule)
        return ",".join(texts), rules

    def weekday(self):
        r = self.random
        if r.random() < 0.55:
            return r.choice(["*", "*", "*", "?"]), [lambda date: True]
        texts, rules = [], []
        for _ in range(r.choice([1, 1, 2])):
            day, kind = r.randint(0, 6), r.choice(["plain", "plain", "plain", "#", "L", "7"])
            if kind == "plain":
                text, values = self.item("weekday")
                rule = lambda date, values=values: weekday_of(date) in values
            elif kind == "#":
                nth = r.randint(1, 5)
                text = f"{self.spelled('weekday', day)}#{nth}"
                rule = lambda date, day=day, nth=nth: weekday_of(date) == day and (date.day + 6) // 7 == nth
            elif kind == "L":
                text = f"{self.spelled('weekday', day)}L"
                rule = lambda date, day=day: weekday_of(date) == day and date.day + 7 > last_day(date)
            else:
                text, rule = r.choice(["7", "0"]), lambda date: weekday_of(date) == 0
            texts.append(text)
            rules.append(rule)
        return ",".join(texts), rules
