"""A client as a DRF user writes one: cookies, the CSRF header, JSON. Each answer is held against the contract."""

import httpx

from harness.contract import Contract
from harness.wait import until

FINAL = {"success", "failed", "timed_out", "cancelled", "lost", "skipped", "missed"}
CONTRACT = Contract()

# On every answer, whatever its status (S-19 of docs/design/guarantees.md).
SAFE_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Client:
    """`root` is "/" or the prefix. `address` is the loopback address that it calls from."""

    def __init__(self, server, root="/", address=None):
        transport = httpx.HTTPTransport(local_address=address) if address else None
        self.server = server
        self.root = root
        self.http = httpx.Client(base_url=server.origin, transport=transport, timeout=30.0, trust_env=False)

    def close(self):
        self.http.close()

    # -- calls ------------------------------------------------------------------------------------------------

    def request(self, method, path, *, csrf=True, headers=None, **arguments):
        """Path without the root: `api/cron-jobs/`. `csrf=False` leaves the header out."""
        headers = dict(headers or {})
        token = self.cookie("cjv_csrftoken")
        if csrf and token and method not in ("GET", "HEAD", "OPTIONS"):
            headers.setdefault("X-CSRFToken", token)
        response = self.http.request(method, self.root + path, headers=headers, **arguments)
        check_headers(response)
        CONTRACT.check(response, self.root)
        return response

    def get(self, path, **arguments):
        return self.request("GET", path, **arguments)

    def post(self, path, json=None, **arguments):
        return self.request("POST", path, json=json, **arguments)

    def put(self, path, json=None, **arguments):
        return self.request("PUT", path, json=json, **arguments)

    def patch(self, path, json=None, **arguments):
        return self.request("PATCH", path, json=json, **arguments)

    def delete(self, path, **arguments):
        return self.request("DELETE", path, **arguments)

    def cookie(self, name):
        return next((cookie.value for cookie in self.http.cookies.jar if cookie.name == name), None)

    # -- people -----------------------------------------------------------------------------------------------

    def try_login(self, name, password, **arguments):
        return self.post("api/auth/login/", {"username": name, "password": password}, **arguments)

    def login(self, name, password):
        answer = self.try_login(name, password)
        assert answer.status_code == 200, answer.text
        return self

    def change_password(self, old, new):
        return self.post("api/auth/password/", {"old_password": old, "new_password": new})

    # -- jobs and runs ----------------------------------------------------------------------------------------

    def create(self, name, schedule="", argv=("/bin/true",), **fields):
        """A job of kind `command`; `fields` override."""
        body = {"name": name, "kind": "command", "schedule": schedule, "target": {"argv": list(argv)}, **fields}
        answer = self.post("api/cron-jobs/", body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def shell(self, name, script, **fields):
        """A job that runs `script`; the shell is its program, so `runner.shell` has no say."""
        return self.create(name, argv=("/bin/sh", "-c", script), **fields)

    def celery(self, name, task, args=(), kwargs=None, *, target=None, schedule="", **fields):
        """A job of kind `celery`; `target` are more of its members, `fields` override."""
        target = {"task": task, "args": list(args), "kwargs": kwargs or {}, **(target or {})}
        answer = self.post(
            "api/cron-jobs/", {"name": name, "kind": "celery", "schedule": schedule, "target": target, **fields}
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    def job(self, job):
        return self.get(f"api/cron-jobs/{_id(job)}/").json()

    def run_now(self, job, **body):
        answer = self.post(f"api/cron-jobs/{_id(job)}/run_now/", body or None)
        assert answer.status_code == 202, answer.text
        return answer.json()["log_id"]

    def run(self, run):
        return self.get(f"api/cron-job-logs/{_id(run)}/").json()

    def reaches(self, run, *statuses, deadline=15.0):
        def look():
            seen = self.run(run)
            return seen if seen["status"] in statuses else None

        return until(look, f"run {_id(run)} is {' or '.join(sorted(statuses))}", deadline)

    def finished(self, run, deadline=15.0):
        return self.reaches(run, *FINAL, deadline=deadline)

    def runs_of(self, job, **filters):
        """Every log of the job, newest first."""
        return list(self.pages("api/cron-job-logs/", job=_id(job), page_size=100, **filters))

    def pages(self, path, **parameters):
        """The rows of every page, by following `next` as clients do."""
        answer = self.get(path, params=parameters)
        while True:
            assert answer.status_code == 200, answer.text
            page = answer.json()
            yield from page["results"]
            if not page["next"]:
                return
            answer = self.get(page["next"].removeprefix(self.server.origin).removeprefix(self.root))

    def output(self, run, **arguments):
        return self.get(f"api/cron-job-logs/{_id(run)}/output/", **arguments)


def check_headers(response):
    for name, value in SAFE_HEADERS.items():
        assert response.headers.get(name) == value, f"{response.request.url} ({response.status_code}): {name}"
    assert response.headers.get("x-request-id"), f"{response.request.url} ({response.status_code}): no X-Request-Id"
    policy = response.headers.get("content-security-policy", "")
    assert "default-src 'none'" in policy, f"{response.request.url} ({response.status_code}): CSP {policy!r}"
    assert "frame-ancestors 'none'" in policy, policy


def _id(thing):
    return thing["id"] if isinstance(thing, dict) else thing
