"""The engine against a walker that shares nothing with it: random expressions around the changes of all zones.

CJV_ORACLE_CASES says how many cases (100,000), CJV_ORACLE_SEED which ones."""

import datetime
import itertools
import json
import os
import random
import subprocess
import zoneinfo

import pytest
import walker
from expressions import Expression, Generator
from harness.server import binary

CASES = int(os.environ.get("CJV_ORACLE_CASES", "100000"))
SEED = int(os.environ.get("CJV_ORACLE_SEED", "20261130"))
EXPRESSIONS = 40  # per change
FIRST = int(datetime.datetime(1970, 1, 3, tzinfo=datetime.timezone.utc).timestamp())
LAST = int(datetime.datetime(2060, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
BATCH = 20_000


def iso(at):
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).isoformat()


def ask(questions):
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run(
        [binary(), "schedule", "check", "--jsonl"], input=lines, capture_output=True, text=True, timeout=170, check=True
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(questions)
    return answers


def windows(draw):
    """Days around changes of the clock, zones in turn; (name of the zone, window) without end."""
    names = walker.zones()
    known = {}
    while True:
        name = draw.choice(names)
        zone = zoneinfo.ZoneInfo(name)
        if name not in known:
            known[name] = walker.changes_of(zone, FIRST, LAST)
        # Zones without a change are looked at on any day.
        change = draw.choice(known[name]) if known[name] else draw.randrange(FIRST, LAST)
        first = change // walker.DAY * walker.DAY - 2 * walker.DAY
        window = walker.Window(zone, first, first + 6 * walker.DAY)
        # What the clock showed before the window must not come again in it, and a walker by the minute cannot see
        # an offset with seconds.
        calm = len(set(walker.offset_at(zone, first - day * walker.DAY) for day in range(3))) == 1
        if window.whole_minutes and calm and window.pieces[0][2] >= 1440:
            yield name, window


def cases(count, seed):
    draw = random.Random(seed)
    generator = Generator(draw)
    made = 0
    for name, window in windows(draw):
        for _ in range(EXPRESSIONS):
            expression = generator.expression()
            at = draw.randrange(window.first + walker.DAY, window.last)
            if draw.random() < 0.4:  # strictly after a run is after that run
                at = next(window.runs(expression, at), at)
            yield name, window, expression, at, list(itertools.islice(window.runs(expression, at), 5))
            made += 1
            if made == count:
                return


def judge(batch):
    answers = ask([
        {"schedule": expression.text, "schedule_type": "cron", "day_match": expression.day_match, "timezone": name,
         "from": iso(at), "count": 5}
        for name, _, expression, at, _ in batch
    ])
    wrong = []
    for (name, window, expression, at, expected), answer in zip(batch, answers, strict=True):
        if not answer["ok"]:
            found = [] if answer["error"]["code"] == "never-fires" else [answer["error"]["message"]]
        else:
            found = [int(datetime.datetime.fromisoformat(text).timestamp()) for text in answer["next"]]
            found = [run for run in found if run < window.last]
        if found != expected:
            wrong.append((name, expression.text, expression.day_match, iso(at), [iso(run) for run in expected], answer))
    return wrong


@pytest.mark.timeout(1800 if CASES <= 100_000 else 0)
def test_the_engine_agrees_with_a_walk_through_every_minute():
    wrong, batch, judged, with_runs = [], [], 0, 0
    for case in cases(CASES, SEED):
        batch.append(case)
        with_runs += bool(case[4])
        if len(batch) == BATCH:
            wrong += judge(batch)
            judged += len(batch)
            batch = []
    wrong += judge(batch) if batch else []
    judged += len(batch)

    assert wrong[:5] == [], f"{len(wrong)} of {judged} differ"
    assert judged == CASES
    assert with_runs > CASES / 4  # else we would compare nothing with nothing


def test_the_walker_knows_the_rule():
    """The oracle itself, by hand: Berlin in 2026, clocks forward on 29 March and back on 25 October."""
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")

    def runs(day, minutes, hours, wildcard):
        first = int(datetime.datetime.fromisoformat(day + "T00:00:00+00:00").timestamp())
        window = walker.Window(berlin, first - walker.DAY, first + walker.DAY)
        always = [lambda date: True]
        expression = Expression("", "either", {0}, minutes, hours, set(range(1, 13)), always, always, True, wildcard)
        return [iso(run)[5:16] for run in window.runs(expression, first - 1)]

    assert runs("2026-03-29", {30}, {2}, False) == ["03-29T01:00"]
    assert runs("2026-03-29", {0, 30}, {2}, True) == []
    assert runs("2026-10-25", {30}, {2}, False) == ["10-25T00:30"]
    assert runs("2026-10-25", {30}, {2}, True) == ["10-25T00:30", "10-25T01:30"]
