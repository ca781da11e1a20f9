"""Coming slots: preview, next_runs and upcoming say the same, and they are right."""

from datetime import datetime, timedelta, timezone

import pytest


def preview(client, schedule, **fields):
    return client.post("api/schedules/preview/", {"schedule": schedule, **fields})


def instants(texts):
    return [datetime.fromisoformat(text).astimezone(timezone.utc) for text in texts]


def test_a_preview_says_words_times_and_how_often(admin):
    answer = preview(admin, "0 9 * * 1-5", **{"from": "2026-11-25T00:00:00Z", "count": 3}).json()

    assert answer["schedule_type"] == "cron"
    assert answer["words"] and "* *" not in answer["words"]
    assert answer["next"] == [
        "2026-11-25T09:00:00+00:00",
        "2026-11-26T09:00:00+00:00",
        "2026-11-27T09:00:00+00:00",
    ] or answer["next"] == ["2026-11-25T09:00:00Z", "2026-11-26T09:00:00Z", "2026-11-27T09:00:00Z"]
    assert abs(answer["runs_per_week"] - 5) < 0.1
    assert answer["warnings"] == []


def test_a_zone_gives_its_offsets_across_a_clock_change(admin):
    answer = preview(
        admin, "30 2 * * *", timezone="Europe/Berlin", **{"from": "2026-03-27T12:00:00Z", "count": 3}
    ).json()

    assert answer["next"] == ["2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]
    assert {"gap", "fold"} <= {warning["code"] for warning in answer["warnings"]}


@pytest.mark.parametrize(
    "schedule, fields, kind",
    [
        ("*/15 9-17 * * mon-fri", {}, "cron"),
        ("@weekly", {}, "cron"),
        ("every 5 minutes", {}, "interval"),
        ("every 1h30m", {}, "interval"),
        ("5 minutes", {"schedule_type": "interval"}, "interval"),
        ("", {}, "manual"),
        (None, {}, "manual"),
    ],
)
def test_the_type_is_worked_out_from_the_text(admin, schedule, fields, kind):
    answer = preview(admin, schedule, **fields).json()

    assert answer["schedule_type"] == kind
    assert (answer["next"] == []) == (kind == "manual")


@pytest.mark.parametrize(
    "schedule, path, code",
    [
        ("0 25 * * *", ("hour", 3), "out-of-range"),
        ("61 * * * *", ("minute", 1), "out-of-range"),
        ("0 0 31 2 *", ("day-of-month", 5), "never-fires"),
        ("0 0 * * FOO", ("day-of-week", 9), "unknown-name"),
        ("@foo", ("", 0), "unknown-macro"),
        ("* * *", ("", 0), "field-count"),
    ],
)
def test_a_refusal_names_the_field_and_the_column(admin, schedule, path, code):
    plain = preview(admin, schedule)
    error = admin.post(
        "api/schedules/preview/", {"schedule": schedule}, headers={"Accept": "application/problem+json"}
    ).json()["errors"][0]

    assert plain.status_code == 400
    assert list(plain.json()) == ["schedule"]
    assert error["code"] == code
    if path[0]:
        assert (error["field"], error["column"]) == path


@pytest.mark.parametrize(
    "fields, name",
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../etc/passwd"}, "timezone"),
        ({"count": 101}, "count"),
        ({"count": "x"}, "count"),
        ({"from": "soon"}, "from"),
        ({"schedule_type": "lunar"}, "schedule_type"),
        ({"day_match": "neither"}, "day_match"),
        ({"when": 1}, "when"),
    ],
)
def test_a_preview_refuses_what_it_does_not_know(admin, fields, name):
    answer = preview(admin, "@daily", **fields)

    assert answer.status_code == 400
    assert list(answer.json()) == [name]


def test_next_runs_are_those_of_the_preview(admin, name):
    job = admin.create(name, "0 */2 * * *", timezone="America/New_York")
    start = "2026-10-31T12:00:00Z"

    slots = admin.get(f"api/cron-jobs/{job['id']}/next_runs/", params={"count": 20, "from": start}).json()
    previewed = preview(admin, "0 */2 * * *", timezone="America/New_York", count=20, **{"from": start}).json()["next"]

    assert instants(slot["at"] for slot in slots) == instants(previewed)
    for slot, text in zip(slots, previewed, strict=True):
        assert slot["at"].endswith("Z")
        assert slot["local"] + slot["offset"] == text


def test_next_runs_of_an_inactive_job_are_none(admin, name):
    job = admin.create(name, "@hourly", is_active=False)

    assert admin.get(f"api/cron-jobs/{job['id']}/next_runs/").json() == []


def test_the_next_run_of_a_job_is_the_first_of_its_next_runs(admin, name):
    job = admin.create(name, "17 4 * * *", timezone="Asia/Kolkata")

    slots = admin.get(f"api/cron-jobs/{job['id']}/next_runs/", params={"count": 2}).json()

    assert slots[0]["at"] == job["next_run_at"]
    assert slots[0]["local"].endswith("T04:17:00")
    assert slots[0]["offset"] == "+05:30"


@pytest.mark.parametrize("query", [{"count": 0}, {"count": 101}, {"count": "x"}, {"from": "x"}])
def test_next_runs_refuse_a_bad_question(admin, name, query):
    job = admin.create(name, "@hourly")

    answer = admin.get(f"api/cron-jobs/{job['id']}/next_runs/", params=query)

    assert answer.status_code == 400
    assert list(answer.json()) == list(query)


def test_upcoming_holds_the_slots_of_every_job_soonest_first(fresh):
    admin = fresh.admin
    soon = (datetime.now(timezone.utc) + timedelta(hours=1)).replace(minute=30, second=0, microsecond=0)
    one = admin.create("upcoming one", f"{soon.minute} {soon.hour} * * *")
    two = admin.create("upcoming two", "0 * * * *", timezone="Europe/Berlin")
    admin.create("upcoming never", "0 * * * *", is_active=False)

    rows = admin.get("api/cron-jobs/upcoming/", params={"hours": 24}).json()

    mine = [row for row in rows if row["job"] in (one["id"], two["id"])]
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert len([row for row in mine if row["job"] == one["id"]]) == 1
    assert len([row for row in mine if row["job"] == two["id"]]) == 24
    assert "upcoming never" not in {row["name"] for row in rows}
    assert {row["timezone"] for row in mine} == {"UTC", "Europe/Berlin"}
    assert next(row for row in mine if row["job"] == one["id"])["local"] == soon.strftime("%Y-%m-%dT%H:%M:%S")


def test_upcoming_holds_at_most_five_hundred(fresh):
    fresh.admin.create("upcoming often", "0-59 * * * *")

    rows = fresh.admin.get("api/cron-jobs/upcoming/", params={"hours": 240}).json()

    assert len(rows) == 500


def test_a_job_chooses_what_becomes_of_times_that_the_clock_skips_or_repeats(admin, name):
    job = admin.create(name, "30 2 * * *", timezone="Europe/Berlin", dst_gap="skip", dst_fold="both")
    path = f"api/cron-jobs/{job['id']}/"

    def slots(start, count):
        rows = admin.get(path + "next_runs/", params={"count": count, "from": start}).json()
        return [(row["at"], row["clock_change"]) for row in rows]

    assert (job["dst_gap"], job["dst_fold"]) == ("skip", "both")
    assert slots("2026-03-28T12:00:00Z", 1) == [("2026-03-30T00:30:00Z", None)]
    assert slots("2026-10-24T12:00:00Z", 2) == [
        ("2026-10-25T00:30:00Z", "first_pass"),
        ("2026-10-25T01:30:00Z", "second_pass"),
    ]

    changed = admin.patch(path, {"dst_gap": "after_gap", "dst_fold": "second"}).json()

    assert (changed["dst_gap"], changed["dst_fold"], changed["version"]) == ("after_gap", "second", 2)
    assert slots("2026-03-28T12:00:00Z", 1) == [("2026-03-29T01:00:00Z", "after_gap")]
    assert slots("2026-10-24T12:00:00Z", 1) == [("2026-10-25T01:30:00Z", "second_pass")]
    assert admin.patch(path, {"dst_fold": "third"}).json() == {"dst_fold": ['"third" is not a valid choice.']}


def test_a_preview_knows_the_same_choices(admin):
    asked = {"timezone": "Europe/Berlin", "count": 2, "from": "2026-10-24T12:00:00Z", "dst_fold": "both"}

    answer = preview(admin, "30 2 * * *", **asked).json()

    assert answer["next"] == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]
    assert "a run starts in each pass" in " ".join(warning["message"] for warning in answer["warnings"])
    assert list(preview(admin, "30 2 * * *", dst_gap="never").json()) == ["dst_gap"]


def test_the_preview_of_a_job_warns_when_its_runs_outlast_the_time_between_two(admin, name):
    job = admin.shell(name, "sleep 2", overlap="allow")
    for run in [admin.run_now(job) for _ in range(2)]:
        admin.finished(run)

    def codes(schedule):
        answer = preview(admin, schedule, job=job["id"])
        assert answer.status_code == 200, answer.text
        return [warning["code"] for warning in answer.json()["warnings"]]

    assert "overlaps-itself" in codes("* * * * * *")
    assert "overlaps-itself" not in codes("*/5 * * * *")
    assert list(preview(admin, "@daily", job="no id").json()) == ["job"]
    assert list(preview(admin, "@daily", job="00000000-0000-4000-8000-000000000000").json()) == ["job"]


def test_a_preview_of_a_job_spreads_as_the_job_does(admin, name):
    job = admin.create(name, "H H * * *")

    previewed = preview(admin, "H H * * *", job=job["id"], count=1).json()["next"]

    assert instants(previewed) == instants([job["next_run_at"]])
