"""Creating, reading, changing and deleting jobs, as a DRF client does it."""

import pytest

DEFAULTS = {
    "description": "",
    "timezone": "UTC",
    "day_match": "either",
    "dst_gap": "after_gap",
    "dst_fold": "first",
    "is_active": True,
    "paused": None,
    "priority": 0,
    "tags": [],
    "custom_fields": {},
    "start_at": None,
    "end_at": None,
    "max_runs": None,
    "misfire": "latest",
    "misfire_window": 86400,
    "misfire_limit": 100,
    "on_lost": "fail",
    "jitter": 0,
    "grace": 60,
    "timeout": None,
    "retries": 0,
    "dispatch_deadline": None,
    "last_run_at": None,
    "last_status": "pending",
    "running_count": 0,
    "total_run_count": 0,
    "trouble": None,
}


def path_of(job):
    return f"api/cron-jobs/{job['id']}/"


def test_what_an_old_client_sends_makes_a_celery_job(people, name):
    answer = people.owner.post(
        "api/cron-jobs/",
        {"name": name, "task": "erp.tasks.close_day", "schedule": "0 2 * * *", "schedule_type": "cron"},
    )

    job = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"].endswith(f"/api/cron-jobs/{job['id']}/")
    assert job["kind"] == "celery"
    assert job["task"] == job["target"]["task"] == "erp.tasks.close_day"
    assert job["overlap"] == "allow"
    assert job["owner"]["username"] == "owner"


def test_a_form_makes_a_job_too(admin, name):
    answer = admin.request(
        "POST", "api/cron-jobs/", data={"name": name, "task": "erp.tasks.noop", "schedule": "@daily", "priority": "7"}
    )

    assert answer.status_code == 201
    assert answer.json()["priority"] == 7
    assert answer.json()["is_active"] is True


def test_what_is_not_said_takes_its_default(admin, name):
    job = admin.create(name, "0 9 * * *")

    assert {field: job[field] for field in DEFAULTS} == DEFAULTS
    assert job["overlap"] == "skip"
    assert job["schedule_type"] == "cron"
    assert job["task"] == "/bin/true"
    assert job["next_run_at"].endswith("T09:00:00Z")


def test_a_job_by_hand_only_has_no_next_run(admin, name):
    for schedule in ("", None):
        job = admin.create(f"{name} {schedule}", schedule)

        assert job["schedule_type"] == "manual"
        assert job["next_run_at"] is None


def test_what_get_shows_put_accepts(admin, name):
    job = admin.create(
        name,
        "*/5 * * * *",
        description="ünïcode ☃",
        tags=["a", "b"],
        custom_fields={"cost": "4711"},
        timezone="Europe/Berlin",
        timeout=30,
        target={"argv": ["/bin/echo", "x"], "env": {"A": "1"}, "cwd": "/tmp"},
    )
    before = admin.get(path_of(job))

    answer = admin.put(path_of(job), before.json())

    after = admin.get(path_of(job))
    assert answer.status_code == 200
    assert after.json() == before.json()
    assert after.headers["etag"] == before.headers["etag"]


def test_put_without_a_field_gives_it_its_default(admin, name):
    job = admin.create(name, "@daily", description="to be lost", priority=5)

    answer = admin.put(
        path_of(job), {"name": name, "kind": "command", "schedule": "@daily", "target": {"argv": ["/bin/true"]}}
    )

    assert answer.status_code == 200
    assert answer.json()["description"] == ""
    assert answer.json()["priority"] == 0


def test_patch_changes_what_it_names_and_nothing_else(admin, name):
    job = admin.create(name, "@daily", description="stays", priority=5)

    changed = admin.patch(path_of(job), {"priority": 6}).json()

    moved = {"priority", "updated_at", "version"}
    assert changed["priority"] == 6
    assert changed["version"] == job["version"] + 1
    assert {k: v for k, v in changed.items() if k not in moved} == {k: v for k, v in job.items() if k not in moved}


def test_read_only_fields_in_a_body_are_ignored(admin, name):
    job = admin.create(name, "@daily")

    answer = admin.patch(
        path_of(job),
        {
            "id": "11111111-1111-8111-8111-111111111111",
            "total_run_count": 99,
            "trouble": "slots_refused",
            "last_status": "failed",
            "owner": {"id": 77},
            "created_at": "2001-01-01T00:00:00Z",
            "execution_logs": [],
        },
    )

    assert answer.status_code == 200
    assert admin.job(job)["total_run_count"] == 0
    assert admin.job(job)["created_at"] == job["created_at"]
    assert admin.job(job)["owner"] == job["owner"]


def test_a_deleted_job_is_gone_and_its_logs_stay(admin, name):
    job = admin.create(name)
    run = admin.finished(admin.run_now(job))

    assert admin.delete(path_of(job)).status_code == 204

    assert admin.get(path_of(job)).status_code == 404
    assert admin.get(path_of(job)).json() == {"detail": "Not found."}
    assert admin.run(run)["job"] == job["id"]
    assert admin.run(run)["job_name"] == name
    assert admin.post(f"{path_of(job)}run_now/").status_code == 404


def test_the_name_of_a_deleted_job_is_free_again(admin, name):
    admin.delete(path_of(admin.create(name)))

    assert admin.create(name)["name"] == name


def test_a_name_is_unique_and_capitals_count(admin, name):
    admin.create(name)

    same = admin.post("api/cron-jobs/", {"name": name, "task": "t", "schedule": ""})

    assert same.status_code == 400
    assert same.json() == {"name": ["A job with this name already exists."]}
    assert admin.create(name.upper())["name"] == name.upper()


def test_an_inactive_job_has_no_next_run(admin, name):
    job = admin.create(name, "@hourly")

    answer = admin.post(f"{path_of(job)}update_status/", {"is_active": False})

    assert answer.status_code == 200
    assert answer.json()["status"] == "success"
    assert answer.json()["is_active"] is False
    assert admin.job(job)["next_run_at"] is None
    assert admin.post(f"{path_of(job)}update_status/", {"is_active": True}).json()["is_active"] is True
    assert admin.job(job)["next_run_at"] is not None


def test_the_kind_of_a_job_stays(admin, name):
    job = admin.create(name)

    answer = admin.patch(path_of(job), {"kind": "celery"})

    assert answer.status_code == 400
    assert "kind" in answer.json()


def test_the_etag_moves_with_edits_and_not_with_runs(admin, name):
    job = admin.create(name)
    first = admin.get(path_of(job)).headers["etag"]

    admin.finished(admin.run_now(job))
    after_run = admin.get(path_of(job)).headers["etag"]
    after_edit = admin.patch(path_of(job), {"description": "new"}).headers["etag"]

    assert after_run == first
    assert after_edit != first
    assert admin.get(path_of(job)).headers["etag"] == after_edit


@pytest.mark.parametrize(
    "method, action, body",
    [
        ("PUT", "", {"name": "x", "schedule": "", "target": {"argv": ["/bin/true"]}}),
        ("PATCH", "", {"priority": 2}),
        ("DELETE", "", None),
        ("POST", "run_now/", None),
        ("POST", "update_status/", {"is_active": False}),
    ],
)
def test_a_stale_if_match_is_412_with_the_job_as_it_is(admin, name, method, action, body):
    job = admin.create(name)
    stale = admin.get(path_of(job)).headers["etag"]
    admin.patch(path_of(job), {"priority": 1})

    answer = admin.request(method, path_of(job) + action, json=body, headers={"If-Match": stale})
    problem = admin.request(
        method, path_of(job) + action, json=body, headers={"If-Match": stale, "Accept": "application/problem+json"}
    )

    assert answer.status_code == 412
    assert answer.json()["current"]["priority"] == 1
    assert problem.json()["current"] == answer.json()["current"]
    assert admin.job(job)["priority"] == 1


def test_a_true_if_match_lets_the_change_through(admin, name):
    job = admin.create(name)
    etag = admin.get(path_of(job)).headers["etag"]

    assert admin.patch(path_of(job), {"priority": 3}, headers={"If-Match": etag}).status_code == 200
    assert admin.patch(path_of(job), {"priority": 4}, headers={"If-Match": "*"}).status_code == 200


def test_what_is_not_built_yet_takes_its_default_alone(admin, name):
    for field, value in {"retries": 3, "jitter": 10, "max_runs": 2, "on_lost": "rerun"}.items():
        answer = admin.post("api/cron-jobs/", {"name": name, "task": "t", "schedule": "", field: value})

        assert answer.status_code == 400
        assert answer.json() == {field: ["Not available in this version."]}


def test_http_jobs_are_refused_in_this_version(admin, name):
    answer = admin.post(
        "api/cron-jobs/", {"name": name, "kind": "http", "schedule": "", "target": {"url": "https://example.org/"}}
    )

    assert answer.status_code == 400
    assert answer.json() == {"kind": ["Not available in this version."]}


def test_internal_jobs_exist_from_the_start_and_cannot_be_made(admin, name):
    answer = admin.post(
        "api/cron-jobs/", {"name": name, "kind": "internal", "schedule": "", "target": {"action": "clean_up"}}
    )
    ours = admin.get("api/cron-jobs/", params={"kind": "internal"}).json()["results"]

    assert answer.status_code == 400
    assert "kind" in answer.json()
    assert {"clean_up", "health_check"} <= {job["target"]["action"] for job in ours}
    assert {job["owner"]["username"] for job in ours} == {"system"}


def test_numbers_in_arguments_come_back_digit_for_digit(admin, name):
    body = (
        '{"name": "%s", "task": "t", "schedule": "", "kind": "celery", "target":'
        ' {"task": "t", "args": [9007199254740993, 1.10, 1e400, -0], "kwargs": {"big": 123456789012345678901234567890}}}'
        % name
    )

    answer = admin.request("POST", "api/cron-jobs/", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 201
    for digits in ("9007199254740993", "1.10", "1e400", "-0", "123456789012345678901234567890"):
        assert digits in answer.text
