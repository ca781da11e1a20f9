"""Pages, filters, search and ordering of jobs and logs."""

import itertools

import pytest

PAGE_ERRORS = ["0", "abc", "-1", "1000000", ""]


@pytest.fixture(scope="module")
def tagged(people):
    """Eleven jobs with a tag of their own, so that other tests' jobs do not count."""
    tag = "of-the-lists"
    for number in range(10):
        people.owner.create(
            f"listed {number:02}",
            "0 9 * * *" if number % 2 else "",
            tags=[tag],
            priority=number % 3,
            is_active=number != 1,
            description=f"needle{number}" if number < 5 else "hay Straw",
        )
    people.superuser.post(
        "api/cron-jobs/",
        {"name": "listed by celery", "task": "erp.listed", "schedule": "every 5 minutes", "tags": [tag]},
    )
    return tag


def names(client, **parameters):
    return [job["name"] for job in client.pages("api/cron-jobs/", **parameters)]


def test_a_page_has_drfs_shape(server, admin, tagged):
    page = admin.get("api/cron-jobs/", params={"tag": tagged, "page_size": 4, "page": 2, "x": "kept"}).json()

    assert page["count"] == 11
    assert len(page["results"]) == 4
    assert page["next"].startswith(f"{server.origin}/api/cron-jobs/?")
    for kept in (f"tag={tagged}", "page_size=4", "x=kept"):
        assert kept in page["next"] and kept in page["previous"]
    assert "page=3" in page["next"]


def test_the_ends_of_a_list_have_no_neighbour(admin, tagged):
    first = admin.get("api/cron-jobs/", params={"tag": tagged, "page_size": 6}).json()
    last = admin.get("api/cron-jobs/", params={"tag": tagged, "page_size": 6, "page": 2}).json()

    assert first["previous"] is None
    assert last["next"] is None
    assert len(last["results"]) == 5


def test_following_next_reads_each_job_once(admin, tagged):
    whole = names(admin, tag=tagged, page_size=3)

    assert len(whole) == len(set(whole)) == 11


@pytest.mark.parametrize("page", PAGE_ERRORS)
@pytest.mark.parametrize("path", ["api/cron-jobs/", "api/cron-job-logs/"])
def test_a_page_that_is_none_is_404(admin, path, page):
    answer = admin.get(path, params={"page": page})

    assert answer.status_code == 404
    assert answer.json() == {"detail": "Invalid page."}


def test_a_page_holds_at_most_a_hundred(admin, people, tagged):
    assert admin.get("api/cron-jobs/", params={"page_size": 1000}).status_code == 200
    assert len(admin.get("api/cron-jobs/").json()["results"]) <= 25
    assert len(admin.get("api/cron-jobs/", params={"page_size": "1000"}).json()["results"]) <= 100


def test_the_newest_job_comes_first(admin, tagged):
    assert names(admin, tag=tagged)[0] == "listed by celery"


@pytest.mark.parametrize(
    "key", ["name", "priority", "created_at", "updated_at", "owner", "last_status", "next_run_at", "last_run_at"]
)
@pytest.mark.parametrize("minus", ["", "-"])
def test_the_order_is_over_the_whole_list_with_nulls_last(admin, tagged, key, minus):
    rows = list(admin.pages("api/cron-jobs/", tag=tagged, ordering=minus + key, page_size=4))

    values = [row[key]["username"] if key == "owner" else row[key] for row in rows]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=bool(minus))
    assert values[len(known) :] == [None] * (len(values) - len(known))


def test_several_keys_order_one_after_the_other(admin, tagged):
    rows = list(admin.pages("api/cron-jobs/", tag=tagged, ordering="-priority,name"))

    assert [(-row["priority"], row["name"]) for row in rows] == sorted((-row["priority"], row["name"]) for row in rows)


@pytest.mark.parametrize(
    "filters, expected",
    [
        ({"is_active": "false"}, ["listed 01"]),
        ({"kind": "celery"}, ["listed by celery"]),
        ({"kind": "celery,http"}, ["listed by celery"]),
        ({"task": "erp.listed"}, ["listed by celery"]),
        ({"schedule_type": "interval"}, ["listed by celery"]),
        ({"schedule": "interval"}, ["listed by celery"]),
        ({"search": "needle3"}, ["listed 03"]),
        ({"search": "NEEDLE3"}, ["listed 03"]),
        ({"search": "straw listed 07"}, ["listed 07"]),
        ({"search": "needle1 needle2"}, []),
        ({"search": "erp.listed"}, ["listed by celery"]),
        ({"status": "failed"}, []),
        ({"owner": "nobody-of-this-name"}, []),
    ],
)
def test_a_filter_keeps_what_it_names(admin, tagged, filters, expected):
    assert names(admin, tag=tagged, **filters) == expected


def test_jobs_are_found_by_their_owner(people, tagged):
    me = people.owner.get("api/auth/me/").json()["user"]["id"]
    mine = names(people.owner, tag=tagged, owner="me")

    assert len(mine) == 10
    assert names(people.superuser, tag=tagged, owner="owner") == mine
    assert names(people.superuser, tag=tagged, owner=str(me)) == mine
    assert names(people.superuser, tag=tagged, search="owner") == mine


def test_several_tags_are_either_of_them(admin, tagged):
    assert len(names(admin, tag=f"no-such-tag,{tagged}", page_size=100)) == 11


@pytest.mark.parametrize(
    "path, parameter, value",
    [
        ("api/cron-jobs/", "status", "happy"),
        ("api/cron-jobs/", "schedule_type", "lunar"),
        ("api/cron-jobs/", "is_active", "perhaps"),
        ("api/cron-jobs/", "kind", "ping"),
        ("api/cron-jobs/", "ordering", "password"),
        ("api/cron-jobs/", "ordering", "name,--name"),
        ("api/cron-job-logs/", "status", "happy,failed"),
        ("api/cron-job-logs/", "trigger", "magic"),
        ("api/cron-job-logs/", "ordering", "name"),
        ("api/cron-job-logs/", "date_from", "yesterday"),
        ("api/cron-job-logs/", "date_to", "2026-13-01"),
        ("api/cron-job-logs/", "job", "no-uuid"),
        ("api/cron-jobs/statistics/", "hours", "-1"),
        ("api/cron-jobs/statistics/", "hours", "x"),
        ("api/cron-jobs/upcoming/", "hours", "x"),
    ],
)
def test_an_unknown_value_of_a_known_parameter_is_400_with_its_name(admin, path, parameter, value):
    answer = admin.get(path, params={parameter: value})

    assert answer.status_code == 400
    assert list(answer.json()) == [parameter]


# ---- logs ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def history(people):
    """A job with twelve finished runs: every third one failed."""
    admin = people.superuser
    job = admin.shell("of the history", 'exit "$CODE"', target={"argv": ["/bin/sh", "-c", 'exit "${CODE:-0}"']})
    for number in range(12):
        admin.finished(admin.run_now(job, env={"CODE": "3" if number % 3 == 0 else "0"}))
    return job


def test_logs_come_newest_first(admin, history):
    rows = admin.runs_of(history)

    assert len(rows) == 12
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    assert {row["job_name"] for row in rows} == {history["name"]}


def test_pages_of_logs_by_number_and_by_cursor_hold_the_same(admin, history):
    by_number = [row["id"] for row in admin.pages("api/cron-job-logs/", job=history["id"], page_size=5)]
    by_cursor = [row["id"] for row in admin.pages("api/cron-job-logs/", job=history["id"], page_size=5, cursor="")]

    assert by_number == by_cursor
    assert len(by_number) == len(set(by_number)) == 12


def test_a_page_by_cursor_has_next_and_never_previous(admin, history):
    page = admin.get("api/cron-job-logs/", params={"job": history["id"], "page_size": 5, "cursor": ""}).json()

    assert "previous" not in page
    assert "cursor=" in page["next"]
    assert isinstance(page["count_is_exact"], bool)


def test_the_cursor_repeats_and_skips_nothing_while_runs_arrive(admin, name):
    job = admin.create(name)
    first = [admin.finished(admin.run_now(job))["id"] for _ in range(6)]

    seen = []
    for row in admin.pages("api/cron-job-logs/", job=job["id"], page_size=2, cursor=""):
        seen.append(row["id"])
        admin.finished(admin.run_now(job))

    assert seen == list(reversed(first))


def test_a_cursor_that_is_none_is_refused(admin):
    assert admin.get("api/cron-job-logs/", params={"cursor": "rubbish"}).status_code in (400, 404)


@pytest.mark.parametrize(
    "filters, count",
    [
        ({"status": "failed"}, 4),
        ({"status": "success"}, 8),
        ({"status": "success,failed"}, 12),
        ({"status": "lost"}, 0),
        ({"trigger": "manual"}, 12),
        ({"trigger": "schedule"}, 0),
        ({"task": "/bin/sh"}, 12),
        ({"task": "none"}, 0),
        ({"search": "history"}, 12),
        ({"search": "no such word"}, 0),
        ({"worker_name": "none"}, 0),
        ({"date_from": "2001-01-01"}, 12),
        ({"date_to": "2001-01-01"}, 0),
        ({"date_from": "2001-01-01T00:00:00Z", "date_to": "2201-01-01"}, 12),
    ],
)
def test_a_filter_of_logs_keeps_what_it_names(admin, history, filters, count):
    page = admin.get("api/cron-job-logs/", params={"job": history["id"], **filters}).json()

    assert page["count"] == len(page["results"]) == count


def test_a_bare_date_to_includes_its_day(admin, history):
    day = admin.runs_of(history)[0]["at"][:10]

    assert len(admin.runs_of(history, date_to=day)) >= 1


def test_logs_are_ordered_over_the_whole_list(admin, history):
    for key, minus in itertools.product(("at", "execution_time", "run_started_at"), ("", "-")):
        values = [
            row[key] for row in admin.pages("api/cron-job-logs/", job=history["id"], ordering=minus + key, page_size=5)
        ]

        assert values == sorted(values, reverse=bool(minus)), minus + key


def test_the_logs_of_an_unknown_job_are_an_empty_page(admin):
    page = admin.get("api/cron-job-logs/", params={"job": "00000000-0000-8000-8000-000000000000"}).json()

    assert (page["count"], page["results"], page["next"]) == (0, [], None)


def test_a_job_shows_its_newest_runs_without_output(admin, history):
    detail = admin.job(history)
    without = admin.get(f"api/cron-jobs/{history['id']}/", params={"logs": 0}).json()

    assert [run["id"] for run in detail["execution_logs"]] == [run["id"] for run in admin.runs_of(history)]
    assert "execution_logs" not in without
