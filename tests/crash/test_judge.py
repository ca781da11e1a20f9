"""The judge is judged: each kind of wrong history is found, and a right one is let go."""

from datetime import datetime, timedelta, timezone

import judge

CREATED = datetime(2026, 11, 25, 12, 0, 0, 300000, tzinfo=timezone.utc)


def at(second):
    return (CREATED.replace(microsecond=0) + timedelta(seconds=second)).isoformat().replace("+00:00", "Z")


def a_run(second, **fields):
    return {"id": f"run-{second}", "scheduled_for": at(second), "status": "success", "reason": None, **fields}


def a_range(first, last, count):
    return {
        "id": f"range-{first}",
        "scheduled_for": at(first),
        "scheduled_until": at(last),
        "slot_count": count,
        "status": "missed",
        "reason": "server_down",
    }


def a_line(second, delay=0.01):
    return judge.Line(f"run-{second}", at(second), judge.instant(at(second)).timestamp() + delay)


SECONDS = judge.due(1, CREATED, CREATED + timedelta(seconds=6))
RIGHT = [a_run(1), a_run(2), a_range(3, 4, 2), a_run(5), a_run(6, status="lost", reason="server_crashed")]
LINES = [a_line(1), a_line(2), a_line(5)]


def verdict(logs=RIGHT, lines=LINES, expected=SECONDS):
    return [
        *judge.judge_slots("job", expected, logs),
        *judge.judge_lines("job", logs, lines),
        *judge.judge_ends("job", logs),
    ]


def test_due_slots_count_from_midnight():
    slots = judge.due(7, CREATED, CREATED + timedelta(seconds=20))

    midnight = CREATED.replace(hour=0, minute=0, second=0, microsecond=0)
    assert [(slot - midnight).seconds % 7 for slot in slots] == [0, 0, 0]
    assert min(slots) > CREATED


def test_a_right_history_is_let_go():
    assert verdict() == []


def test_a_lost_slot_is_found():
    assert verdict(logs=RIGHT[1:], lines=LINES[1:]) == [f"job: slot {judge.instant(at(1))} is lost"]


def test_a_slot_decided_twice_is_found():
    again = a_run(5, id="again", status="lost", reason="server_crashed")
    assert "is in the ledger 2 times" in verdict(logs=[*RIGHT, again])[0]


def test_a_slot_both_run_and_missed_is_found():
    assert "is in the ledger 2 times" in verdict(logs=[*RIGHT, a_range(5, 5, 1)])[0]


def test_a_range_that_counts_wrong_is_found():
    assert "says 3 slots and covers 2" in verdict(logs=[*RIGHT[:2], a_range(3, 4, 3), *RIGHT[3:]])[0]


def test_a_row_for_a_slot_that_was_not_due_is_found():
    assert "was not due" in verdict(logs=[*RIGHT, a_run(99)], lines=[*LINES, a_line(99)])[0]


def test_a_run_that_started_twice_is_found():
    assert "started 2 times" in verdict(lines=[*LINES, a_line(5)])[0]


def test_a_slot_run_under_two_ids_is_found():
    twin = judge.Line("run-6", at(5), a_line(5).started)
    assert any("was run 2 times" in sentence for sentence in verdict(lines=[*LINES, twin]))


def test_a_run_without_a_row_is_found():
    assert "is not in the ledger" in verdict(lines=[*LINES, judge.Line("ghost", "", 0)])[0]


def test_a_success_that_never_started_is_found():
    assert "never started" in verdict(lines=LINES[1:])[0]


def test_an_early_start_is_found():
    assert "early" in verdict(lines=[LINES[0], LINES[1], a_line(5, delay=-0.01)])[0]


def test_a_run_without_an_end_is_found():
    assert "is still running" in verdict(logs=[*RIGHT[:-1], a_run(6, status="running")])[0]


def test_a_loss_without_a_reason_is_found():
    assert "without a reason" in verdict(logs=[*RIGHT[:-1], a_run(6, status="lost")])[0]
