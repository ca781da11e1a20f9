"""Coming slots: preview, next_runs and upcoming say the same, and they are right."""

from datetime import datetime, timedelta, timezone

import pytest

from harness.wait import until


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
    job = admin.shell(name, "sleep 2.5", overlap="allow")  # over two seconds, even if its start was noted late
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


# --- start_at and end_at


def day(days, hour=0):
    """Midnight UTC so many days from today, and the hours after it."""
    today = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=days, hours=hour)


def text(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_job_has_slots_from_its_start_on_and_none_from_its_end_on(admin, name):
    job = admin.create(name, "0 9 * * *", start_at=text(day(3, 9)), end_at=text(day(5, 9)))
    path = f"api/cron-jobs/{job['id']}/"

    slots = admin.get(path + "next_runs/", params={"count": 5}).json()
    early = admin.get(path + "next_runs/", params={"count": 5, "from": "2020-01-01T00:00:00Z"}).json()
    previewed = preview(admin, "0 9 * * *", start_at=text(day(3, 9)), end_at=text(day(5, 9))).json()

    assert (job["start_at"], job["end_at"]) == (text(day(3, 9)), text(day(5, 9)))
    assert job["next_run_at"] == text(day(3, 9))
    assert [slot["at"] for slot in slots] == [text(day(3, 9)), text(day(4, 9))]
    assert early == slots
    assert instants(previewed["next"]) == [day(3, 9), day(4, 9)]
    assert job["schedule_display"] == previewed["words"]
    assert f"from {day(3):%Y-%m-%d} at 09:00 until {day(5):%Y-%m-%d} at 09:00" in previewed["words"]
    assert previewed["runs_per_week"] == pytest.approx(7)


def test_upcoming_keeps_to_windows(fresh):
    start = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0) + timedelta(hours=3)
    end = start + timedelta(hours=3)
    job = fresh.admin.create("upcoming window", "0 * * * *", start_at=text(start), end_at=text(end))

    rows = fresh.admin.get("api/cron-jobs/upcoming/", params={"hours": 24}).json()

    mine = [row["at"] for row in rows if row["job"] == job["id"]]
    assert mine == [text(start + timedelta(hours=hour)) for hour in range(3)]


def test_a_window_is_edited_alone_and_sent_back_as_it_is_shown(admin, name):
    job = admin.create(name, "@hourly", end_at=text(day(9)))
    path = f"api/cron-jobs/{job['id']}/"

    same = admin.put(path, admin.job(job)).json()
    later = admin.patch(path, {"start_at": text(day(4))}).json()
    paged = admin.patch(path, {"description": "x"}).json()
    open_again = admin.patch(path, {"start_at": None, "end_at": None}).json()

    assert same["version"] == 1
    assert (later["next_run_at"], later["end_at"], later["version"]) == (text(day(4)), text(day(9)), 2)
    assert (paged["start_at"], paged["end_at"]) == (text(day(4)), text(day(9)))
    assert (open_again["start_at"], open_again["end_at"]) == (None, None)
    assert open_again["next_run_at"] < text(day(2))


def test_a_time_without_an_offset_is_one_of_the_zone(admin, name):
    job = admin.create(
        name, "0 9 * * *", timezone="Asia/Kolkata", start_at="2031-01-01", end_at="2031-06-01 09:00"
    )

    assert job["start_at"] == "2030-12-31T18:30:00Z"
    assert job["end_at"] == "2031-06-01T03:30:00Z"
    assert job["next_run_at"] == "2031-01-01T03:30:00Z"


def test_an_interval_counts_from_its_start(admin, name):
    job = admin.create(name, "every 7 hours", start_at=text(day(2, 1)))

    assert job["anchor"] == job["next_run_at"] == text(day(2, 1))
    assert preview(admin, "every 7 hours", start_at=text(day(2, 1))).json()["anchor"] == text(day(2, 1))


@pytest.mark.parametrize(
    "schedule, window, path, code, piece",
    [
        ("@daily", {"end_at": "2020-01-01T00:00:00Z"}, "end_at", "never-fires", "has passed"),
        ("@daily", {"start_at": "2031-01-02", "end_at": "2031-01-01"}, "end_at", "invalid", "is not after the start"),
        (
            "0 9 29 2 *",
            {"start_at": "2028-03-01", "end_at": "2032-02-29T09:00:00Z"},
            "end_at",
            "never-fires",
            "the first time from the start on is 2032-02-29T09:00:00Z",
        ),
        ("at 2031-05-01T12:00Z", {"start_at": "2031-06-01"}, "start_at", "never-fires", "2031-05-01T12:00:00Z"),
        ("@daily", {"start_at": "tomorrow"}, "start_at", "invalid", "wrong format"),
        ("@daily", {"end_at": "2031-01-01T00:00:00.25Z"}, "end_at", "invalid", "fractions"),
    ],
)
def test_a_window_without_a_slot_is_refused_with_a_sentence(admin, name, schedule, window, path, code, piece):
    plain = admin.post("api/cron-jobs/", {"name": name, "task": "t", "schedule": schedule, **window})
    begun = datetime.now(timezone.utc)
    full = admin.post(
        "api/schedules/preview/",
        {"schedule": schedule, **window},
        headers={"Accept": "application/problem+json"},
    )

    assert datetime.now(timezone.utc) - begun < timedelta(seconds=1)
    assert (plain.status_code, full.status_code) == (400, 400)
    assert list(plain.json()) == [path]
    assert piece in plain.json()[path][0]
    assert [(error["path"], error["code"]) for error in full.json()["errors"]] == [(path, code)]


def test_a_job_whose_end_is_reached_has_no_next_run_and_can_be_edited(admin, name):
    soon = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=3)
    job = admin.create(name, "* * * * * *", argv=("/bin/sleep", "8"), overlap="allow", end_at=text(soon))
    path = f"api/cron-jobs/{job['id']}/"

    over = until(lambda: (shown := admin.job(job))["next_run_at"] is None and shown, "its end is reached")
    runs = admin.runs_of(job)
    renamed = admin.patch(path, {"description": "over"})
    asked = preview(admin, "* * * * * *", job=job["id"], end_at=text(soon))
    moved = admin.patch(path, {"end_at": text(soon - timedelta(seconds=1))})

    assert over["is_active"] and over["end_at"] == text(soon)
    assert runs and max(run["scheduled_for"] for run in runs) < text(soon)
    assert {run["status"] for run in runs} <= {"pending", "queued", "running"}  # those that go on do so
    assert renamed.status_code == 200
    assert asked.status_code == 200 and asked.json()["next"] == []
    assert moved.status_code == 400 and list(moved.json()) == ["end_at"]


def test_a_year_of_other_programs_becomes_start_and_end(admin, name):
    error = admin.post(
        "api/schedules/preview/",
        {"schedule": "0 0 9 * * ? 2031"},
        headers={"Accept": "application/problem+json"},
    ).json()["errors"][0]

    assert error["suggest"] == {"schedule": "0 0 9 * * ?", "start_at": "2031-01-01", "end_at": "2032-01-01"}
    job = admin.create(name, **error["suggest"])
    assert job["next_run_at"] == "2031-01-01T09:00:00Z"
