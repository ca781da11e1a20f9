"""Every route for every kind of person: nobody, a plain user, staff, the job's owner, a superuser."""

import itertools
import re
import sqlite3

import pytest

from harness.client import CONTRACT
from harness.events import Stream

WHO = ("nobody", "plain", "staff", "owner", "superuser")
VIEW = (401, 403, 200, 200, 200)
SUPERUSERS = (401, 403, 403, 403, 200)


def manage(done):
    return (401, 403, 403, done, done)


# What each of WHO gets. {job} is a job of `owner`, {run} a finished run of it.
ROUTES = [
    ("GET", "api/", None, VIEW),
    ("GET", "api/cron-jobs/", None, VIEW),
    ("POST", "api/cron-jobs/", {"name": "{new}", "task": "erp.tasks.noop", "schedule": ""}, (401, 403, 201, 201, 201)),
    ("GET", "api/cron-jobs/{job}/", None, VIEW),
    (
        "PUT",
        "api/cron-jobs/{job}/",
        {"name": "{new}", "kind": "command", "schedule": "", "target": {"argv": ["/bin/true"]}},
        manage(200),
    ),
    ("PATCH", "api/cron-jobs/{job}/", {"description": "changed"}, manage(200)),
    ("DELETE", "api/cron-jobs/{job}/", None, manage(204)),
    ("POST", "api/cron-jobs/{job}/run_now/", None, manage(202)),
    ("POST", "api/cron-jobs/{job}/update_status/", {"is_active": False}, manage(200)),
    ("GET", "api/cron-jobs/{job}/next_runs/", None, VIEW),
    ("GET", "api/cron-jobs/statistics/", None, VIEW),
    ("GET", "api/cron-jobs/upcoming/", None, VIEW),
    ("POST", "api/schedules/preview/", {"schedule": "0 9 * * *"}, VIEW),
    ("GET", "api/cron-job-logs/", None, VIEW),
    ("GET", "api/cron-job-logs/{run}/", None, VIEW),
    ("GET", "api/cron-job-logs/{run}/output/", None, VIEW),
    ("POST", "api/cron-job-logs/{run}/cancel/", None, manage(409)),
    ("POST", "api/cron-job-logs/{run}/rerun/", {"force": True}, manage(202)),
    ("GET", "api/events/", None, VIEW),
    ("GET", "api/health/", None, VIEW),
    # Without a broker there is no worker: whoever may ask learns that.
    ("GET", "api/workers/", None, VIEW),
    ("GET", "api/workers/{worker}/", None, (401, 403, 404, 404, 404)),
    ("POST", "api/workers/{worker}/ping/", None, (401, 403, 404, 404, 404)),
    *(
        ("POST", f"api/workers/{{worker}}/{action}/", {}, (401, 403, 403, 403, 404))
        for action in (
            "pool_grow", "pool_shrink", "autoscale", "rate_limit", "time_limit", "add_consumer", "cancel_consumer",
            "shutdown",
        )
    ),
    ("POST", "api/workers/revoke/", {"task_id": "x"}, (401, 403, 403, 403, 503)),
    ("GET", "api/tasks/", None, VIEW),
    ("GET", "api/queues/", None, VIEW),
    ("GET", "api/queues/{queue}/messages/", None, (401, 403, 404, 404, 404)),
    ("GET", "api/users/", None, SUPERUSERS),
    ("POST", "api/users/", {"username": "{new}", "password": "long enough for all"}, (401, 403, 403, 403, 201)),
    # Nobody has that number: whoever may ask learns that.
    ("POST", "api/users/{user}/password/", {"new_password": "long enough for all"}, (401, 403, 403, 403, 404)),
    ("GET", "livez", None, (200, 200, 200, 200, 200)),
    ("GET", "readyz", None, (200, 200, 200, 200, 200)),
    ("GET", "api/auth/login/", None, (204, 204, 204, 204, 204)),
    ("GET", "api/auth/me/", None, (401, 200, 200, 200, 200)),
    # A wrong old password is refused for its content: the caller may ask.
    (
        "POST",
        "api/auth/password/",
        {"old_password": "not it", "new_password": "a new one, long"},
        (401, 400, 400, 400, 400),
    ),
]
# Their right is that nobody needs one; test_signing_in.py has their answers.
ELSEWHERE = {("POST", "/api/auth/login/"), ("POST", "/api/auth/logout/")}

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def finished(people):
    job = people.owner.create("a job whose runs all may see")
    return people.owner.finished(people.owner.run_now(job))["id"]


@pytest.mark.parametrize("position", range(len(WHO)), ids=WHO)
@pytest.mark.parametrize(
    "method, path, body, expected", ROUTES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_route_answers_each_person_as_the_table_says(people, finished, method, path, body, expected, position):
    client = getattr(people, WHO[position])
    new = f"who may {next(_numbers)}"
    job = people.owner.create(f"{new}, owned")["id"] if "{job}" in path else ""
    path = path.replace("{job}", job).replace("{run}", finished).replace("{user}", "999999").replace("{worker}", "w1@host").replace("{queue}", "q")
    if body:
        body = {key: new if value == "{new}" else value for key, value in body.items()}

    if path == "api/events/":
        with Stream(client, path) as stream:
            status = stream.response.status_code
    else:
        status = client.request(method, path, json=body).status_code

    assert status == expected[position]


def test_reading_changes_nothing(people, finished):
    job = people.owner.create("a job that is only looked at")["id"]
    # That a session was used is noted, at most once a minute; failed sign-ins of other tests, a little later.
    tables = ("jobs", "users", "(SELECT hash, user, csrf, created_at FROM sessions)", "settings")

    def state():
        with sqlite3.connect(people.superuser.server.data / "cron-job-viewer.db") as database:
            return [database.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables]

    before = state()
    for method, path, _, _ in ROUTES:
        if method != "GET" or path == "api/events/":
            continue
        path = path.format(job=job, run=finished, user=1, worker="w1@host", queue="q")
        # Also with what would be a change where a method is taken from elsewhere.
        status = people.superuser.get(path, headers={"X-HTTP-Method-Override": "DELETE"}).status_code
        assert status < 300 or (status == 404 and ("w1@host" in path or "/q/" in path))  # there is no broker
        people.superuser.get(path + "?_method=DELETE&is_active=false")

    assert state() == before


def test_the_table_has_every_route():
    in_table = {(method, "/" + re.sub(r"{\w+}", "{id}", path)) for method, path, _, _ in ROUTES}
    in_contract = {(method, re.sub(r"{\w+}", "{id}", path)) for method, path, _ in CONTRACT.operations()}

    assert in_table | ELSEWHERE == in_contract


def test_staff_are_told_in_drfs_words_that_a_job_is_not_theirs(people, name):
    job = people.owner.create(name)

    answer = people.staff.patch(f"api/cron-jobs/{job['id']}/", {"description": "mine now"})

    assert answer.status_code == 403
    assert answer.json() == {"detail": "You do not have permission to perform this action."}


def test_nobody_is_told_how_to_sign_in(people):
    answer = people.nobody.get("api/cron-jobs/")

    assert answer.status_code == 401
    assert answer.json() == {"detail": "Authentication credentials were not provided."}
    assert answer.headers["www-authenticate"] == "Token"


def test_only_a_superuser_gives_a_job_to_somebody_else(people, name):
    job = people.owner.create(name)
    staff_id = people.staff.get("api/auth/me/").json()["user"]["id"]

    refused = people.owner.patch(f"api/cron-jobs/{job['id']}/", {"owner_id": staff_id})
    same = people.owner.patch(f"api/cron-jobs/{job['id']}/", {"owner_id": job["owner"]["id"]})
    given = people.superuser.patch(f"api/cron-jobs/{job['id']}/", {"owner_id": staff_id})

    assert refused.status_code == 400 and "owner_id" in refused.json()
    assert same.status_code == 200
    assert given.json()["owner"]["username"] == "staff"
    assert people.staff.run_now(job)


def test_me_says_what_each_person_may(people):
    permissions = {who: set(getattr(people, who).get("api/auth/me/").json()["permissions"]) for who in WHO[1:]}

    assert permissions["plain"] == set()
    assert permissions["staff"] == permissions["owner"] == {"jobs.view", "jobs.create", "jobs.command"}
    assert permissions["superuser"] == {"jobs.view", "jobs.create", "jobs.manage", "jobs.command"}
