"""The shapes of errors, their order, and what is refused."""

import json

import httpx
import pytest

JSON = {"Content-Type": "application/json"}
PROBLEM = {"Accept": "application/problem+json"}
NO_ID = "00000000-0000-8000-8000-000000000000"


def refused(admin, body, status=400, **arguments):
    answer = admin.post("api/cron-jobs/", body, **arguments)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_missing_fields_are_named_in_drfs_words(admin):
    assert refused(admin, {}) == {
        "name": ["This field is required."],
        "task": ["This field is required."],
        "schedule": ["This field is required."],
    }


def test_a_command_needs_a_target_instead_of_a_task(admin, name):
    assert refused(admin, {"name": name, "schedule": "", "kind": "command"}) == {"target": ["This field is required."]}


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("name", "", "This field may not be blank."),
        ("name", None, "This field may not be null."),
        ("name", "x" * 201, "Ensure this field has no more than 200 characters."),
        ("task", "x" * 201, "Ensure this field has no more than 200 characters."),
        ("schedule", "x" * 601, "Ensure this field has no more than 600 characters."),
        ("is_active", "perhaps", "Must be a valid boolean."),
        ("priority", "high", "A valid integer is required."),
        ("overlap", "sometimes", '"sometimes" is not a valid choice.'),
        ("misfire", "maybe", '"maybe" is not a valid choice.'),
        ("schedule_type", "lunar", '"lunar" is not a valid choice.'),
        ("tags", "a", 'Expected a list of items but got type "str".'),
    ],
)
def test_a_bad_value_is_refused_in_drfs_words(admin, name, field, value, message):
    body = {"name": name, "task": "t", "schedule": "", field: value}

    assert refused(admin, body) == {field: [message]}


def test_an_item_of_a_list_is_named_by_its_index(admin, name):
    assert set(refused(admin, {"name": name, "task": "t", "schedule": "", "tags": ["fine", {}]})["tags"]) == {"1"}


def test_an_unknown_field_is_refused_with_the_nearest_known_name(admin, name):
    body = {"name": name, "task": "t", "schedule": "", "descripton": "typo"}

    plain = refused(admin, body)
    problem = refused(admin, body, headers=PROBLEM)

    assert plain["descripton"][0].startswith("Unknown field.")
    assert "description" in problem["errors"][0]["hint"]


@pytest.mark.parametrize(
    "key",
    ["uid", "gid", "user", "run_as", "env", "cwd", "role", "created_by", "term", "state", "__proto__", "Name", "ID"],
)
def test_a_key_of_privilege_is_refused_wherever_it_stands(admin, name, key):
    top = refused(admin, {"name": name, "task": "t", "schedule": "", key: 0})
    inside = refused(
        admin, {"name": name, "kind": "command", "schedule": "", "target": {"argv": ["/bin/true"], f"{key}x": 0}}
    )

    assert list(top) == [key]
    assert list(inside["target"]) == [f"{key}x"]


def test_a_bad_schedule_is_told_with_field_and_column(admin, name):
    body = {"name": name, "task": "t", "schedule": "0 25 * * *"}

    plain = refused(admin, body)
    error = refused(admin, body, headers=PROBLEM)["errors"][0]

    assert plain == {"schedule": ["hour field, column 3: 25 is out of range 0-23"]}
    assert (error["path"], error["field"], error["column"], error["code"]) == ("schedule", "hour", 3, "out-of-range")


def test_problems_are_told_as_rfc_9457_says_to_who_asks_for_them(admin):
    answer = admin.post("api/cron-jobs/", {"name": ""}, headers=PROBLEM)

    problem = answer.json()
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert problem["status"] == answer.status_code == 400
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert {"path": "name", "code": "blank", "message": "This field may not be blank."} in problem["errors"]
    assert {"path": "schedule", "code": "required", "message": "This field is required."} in problem["errors"]


def test_a_success_is_json_for_who_asks_for_problems(admin):
    answer = admin.get("api/cron-jobs/", headers=PROBLEM)

    assert answer.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize(
    "text",
    [
        '{"name": ',
        "",
        "[]",
        '"x"',
        "{'name': 1}",
        '{"name": "a", "name": "b"}',
        '{"a": NaN}',
        '{"name": "a"} x',
        '{"custom_fields": ' + '{"a":' * 40 + "1" + "}" * 41,
    ],
    ids=str,
)
def test_what_is_no_json_object_is_400(admin, text):
    answer = admin.request("POST", "api/cron-jobs/", content=text, headers=JSON)

    assert answer.status_code == 400


def test_malformed_json_is_told_in_drfs_words(admin):
    for text in (
        b'{"name": ',
        b'{"name": "a", "name": "b"}',
        b'{"name": "\xff"}',
        b'{"custom_fields": ' + b'{"a":' * 40 + b"1" + b"}" * 41,
    ):
        answer = admin.request("POST", "api/cron-jobs/", content=text, headers=JSON)

        assert answer.status_code == 400
        assert answer.json()["detail"].startswith("JSON parse error - ")


def test_a_body_of_another_type_is_415(admin):
    for kind in ("text/plain", "application/xml", "application/octet-stream"):
        answer = admin.request("POST", "api/cron-jobs/", content="{}", headers={"Content-Type": kind})

        assert answer.status_code == 415
        assert answer.json() == {"detail": f'Unsupported media type "{kind}" in request.'}


def test_a_body_over_a_mebibyte_is_413(admin):
    answer = admin.request("POST", "api/cron-jobs/", content=json.dumps({"name": "x" * (1 << 20)}), headers=JSON)

    assert answer.status_code == 413


def test_a_compressed_body_is_415(admin):
    answer = admin.request("POST", "api/cron-jobs/", content=b"\x1f\x8b", headers={**JSON, "Content-Encoding": "gzip"})

    assert answer.status_code == 415


def test_a_path_without_its_slash_is_redirected_for_reading_alone(admin):
    for path in ("api/cron-jobs", f"api/cron-jobs/{NO_ID}", "api/cron-jobs/statistics"):
        read = admin.get(path + "?page=2")
        written = admin.post(path, {})

        assert read.status_code == 301
        assert read.headers["location"].endswith(f"/{path}/?page=2")
        assert written.status_code == 404
        assert "slash" in written.json()["detail"]


@pytest.mark.parametrize(
    "method, path, allow",
    [
        ("POST", "api/cron-jobs/statistics/", "GET, HEAD, OPTIONS"),
        ("DELETE", "api/cron-jobs/", "GET, POST, HEAD, OPTIONS"),
        ("GET", "api/schedules/preview/", "POST, OPTIONS"),
        ("PUT", "api/cron-job-logs/", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_a_path_does_not_know_is_405_with_allow(admin, method, path, allow):
    answer = admin.request(method, path)

    assert answer.status_code == 405
    assert answer.json() == {"detail": f'Method "{method}" not allowed.'}
    assert set(answer.headers["allow"].replace(" ", "").split(",")) >= set(allow.replace(" ", "").split(",")) - {
        "HEAD",
        "OPTIONS",
    }


@pytest.mark.parametrize("id", [NO_ID, "no-uuid", "1", "..%2f..", "a" * 300])
def test_what_does_not_exist_is_404(admin, id):
    for path in (f"api/cron-jobs/{id}/", f"api/cron-job-logs/{id}/", f"api/nothing/{id}/"):
        answer = admin.get(path)

        assert answer.status_code == 404
        assert answer.json() == {"detail": "Not found."}


@pytest.mark.parametrize(
    "host, status",
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 200),
        ("evil.example", 400),
        ("evil.example:{port}", 400),
        ("127.0.0.1.evil.example", 400),
        ("localhost.", 400),
        ("user@localhost", 400),
        ("", 400),
    ],
)
def test_a_foreign_host_is_400(server, people, host, status):
    answer = people.nobody.get("livez", headers={"Host": host.format(port=server.port)})

    assert answer.status_code == status
    if status == 400:
        assert "detail" in answer.json()


def test_an_accept_that_we_cannot_meet_is_406(admin):
    assert admin.get("api/cron-jobs/", headers={"Accept": "application/xml"}).status_code == 406
    for accept in (
        "*/*",
        "text/html",
        "application/json",
        "application/*;q=0.5",
        "text/html,application/xhtml+xml,*/*;q=0.8",
    ):
        answer = admin.get("api/cron-jobs/", headers={"Accept": accept})

        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/json")


def test_several_refusals_come_in_their_order(people, name):
    mine = people.owner.create(name)
    path = f"api/cron-jobs/{mine['id']}/"
    missing = f"api/cron-jobs/{NO_ID}/"
    xml = {"content": "<x/>", "headers": {"Content-Type": "application/xml"}}

    assert people.nobody.get("api/cron-jobs/", headers={"Accept": "application/xml"}).status_code == 406
    assert people.nobody.request("POST", missing).status_code == 401
    assert people.plain.request("POST", missing).status_code == 403
    assert people.staff.request("POST", missing).status_code == 405
    assert people.staff.request("PATCH", missing, **xml).status_code == 404
    assert people.staff.request("PATCH", path, **xml).status_code == 403
    assert people.owner.request("PATCH", path, **xml).status_code == 415
    stale = {"If-Match": '"stale"'}
    assert people.owner.patch(path, {"priority": "high"}, headers=stale).status_code == 400
    assert people.owner.patch(path, {"priority": 1}, headers=stale).status_code == 412


def test_an_unknown_parameter_is_ignored(admin):
    assert admin.get("api/cron-jobs/", params={"format": "json", "_": "1"}).status_code == 200


def test_every_answer_is_safe_to_a_browser_and_names_no_version(server):
    # Below the client that checks headers: framing errors, the pages, what is not there.
    with httpx.Client(base_url=server.origin, trust_env=False) as browser:
        for path in (
            "/livez",
            "/api/cron-jobs/",
            "/api/nothing/",
            server.prefix,
            server.prefix + "jobs",
            server.prefix + "assets/none.js",
            "/x",
        ):
            answer = browser.get(path)

            assert answer.headers["x-content-type-options"] == "nosniff", path
            assert answer.headers["referrer-policy"] == "same-origin", path
            assert answer.headers["cross-origin-opener-policy"] == "same-origin", path
            assert answer.headers["cross-origin-resource-policy"] == "same-origin", path
            assert "permissions-policy" in answer.headers, path
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
            assert "unsafe" not in answer.headers["content-security-policy"].replace(
                "style-src-attr 'unsafe-inline'", ""
            ), path
            assert answer.headers.get("server", "") in ("", "cron-job-viewer"), path


def test_data_is_never_stored_by_a_cache(admin):
    for path in ("api/cron-jobs/", "api/cron-jobs/statistics/", "api/cron-job-logs/", "api/auth/me/", "api/health/"):
        assert "no-store" in admin.get(path).headers["cache-control"]


def test_head_is_get_without_a_body(admin):
    got, head = admin.get("api/cron-jobs/"), admin.http.head("/api/cron-jobs/")

    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == got.headers["content-type"]


def test_a_key_against_repeats_is_refused_while_it_would_not_be_honoured(admin, name):
    body = {"name": name, "kind": "command", "target": {"argv": ["/bin/true"]}, "schedule": ""}

    answer = admin.post("api/cron-jobs/", body, headers={"Idempotency-Key": "1"})

    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["detail"]
    assert admin.post("api/cron-jobs/", body).status_code == 201
