"""Log-in, sessions, cookies, CSRF, passwords and the throttle."""

import sqlite3
import stat
import statistics
import threading
import time

import httpx
import pytest

from harness.client import Client
from harness.events import Stream
from harness.people import PASSWORD, first_admin
from harness.server import Server
from harness.wait import until

HOUR = 3_600_000_000  # microseconds
WRONG = {"non_field_errors": ["Unable to log in with provided credentials."]}


def change_rows(server, *statements):
    """Changes the rows of a server that is down: how a test makes time pass."""
    with sqlite3.connect(server.data / "cron-job-viewer.db") as database:
        for statement in statements:
            assert database.execute(statement).rowcount > 0, statement


def cookies_of(answer):
    """name -> {attribute: value}, attributes in lower case."""
    found = {}
    for line in answer.headers.get_list("set-cookie"):
        first, *rest = [part.strip() for part in line.split(";")]
        name, _, value = first.partition("=")
        found[name] = {"value": value, **{key.lower(): text for key, _, text in (part.partition("=") for part in rest)}}
    return found


# ---- first sign-in ------------------------------------------------------------------------------------------------


def test_the_first_start_prints_a_one_time_password_and_keeps_it_for_its_owner_alone(server_in, tmp_path):
    server = server_in()

    name, password = server.first_sign_in
    file = server.data / "first-sign-in"
    assert name == "admin"
    assert len(password) >= 20
    assert password in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_installations_have_different_passwords(tmp_path):
    passwords = set()
    for folder in ("one", "two"):
        server = Server(tmp_path / folder).start()
        passwords.add(server.first_sign_in[1])
        server.kill()

    assert len(passwords) == 2


def test_a_one_time_password_opens_nothing_but_its_own_change(server_in):
    server = server_in()
    name, one_time = server.first_sign_in
    client = Client(server).login(name, one_time)

    refused = client.get("api/cron-jobs/")
    problem = client.get("api/cron-jobs/", headers={"Accept": "application/problem+json"})
    me = client.get("api/auth/me/").json()
    assert refused.status_code == 403
    assert problem.json()["code"] == "password_change_required"
    assert me["must_change_password"] is True

    assert client.change_password(one_time, PASSWORD).status_code == 204
    assert client.get("api/cron-jobs/").status_code == 200
    assert client.get("api/auth/me/").json()["must_change_password"] is False
    until(lambda: not (server.data / "first-sign-in").exists(), "the used password is gone from its file")
    assert Client(server).try_login(name, one_time).status_code == 400


def test_a_one_time_password_is_worth_nothing_after_a_day(server_in):
    server = server_in()
    name, one_time = server.first_sign_in
    server.stop()
    change_rows(server, f"UPDATE users SET one_time_until = one_time_until - {24 * HOUR}")
    server.start()

    assert Client(server).try_login(name, one_time).status_code == 400


def test_a_second_start_prints_no_password(server_in):
    server = server_in()
    first_admin(server)
    server.stop()

    assert server.start().first_sign_in is None


# ---- cookies ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", ["/", "/utilities/cron-job-viewer/"])
def test_the_cookies_belong_to_the_root_under_which_one_signed_in(server, people, root):
    client = Client(server, root, address="127.2.0.1")

    answer = client.try_login("staff", PASSWORD)

    session, token = cookies_of(answer)["cjv_session"], cookies_of(answer)["cjv_csrftoken"]
    assert answer.json()["user"]["username"] == "staff"
    assert session["path"] == token["path"] == ("/api/" if root == "/" else root)
    assert "httponly" in session and "httponly" not in token
    assert session["samesite"] == token["samesite"] == "Lax"
    assert "secure" not in session
    assert "domain" not in session
    assert client.get("api/auth/me/").status_code == 200


def test_a_get_of_login_gives_the_token_and_no_session(server):
    answer = Client(server).get("api/auth/login/")

    assert set(cookies_of(answer)) == {"cjv_csrftoken"}


def test_each_sign_in_is_a_new_session(server, people):
    client = Client(server, address="127.2.0.2").login("staff", PASSWORD)
    first = client.cookie("cjv_session")

    client.login("staff", PASSWORD)

    assert client.cookie("cjv_session") != first


def test_a_session_ends_with_log_out(server, people):
    client = Client(server, address="127.2.0.3").login("plain", PASSWORD)
    kept = dict(client.http.cookies)

    answer = client.post("api/auth/logout/")

    assert answer.status_code == 204
    assert client.get("api/auth/me/").status_code == 401
    with httpx.Client(base_url=server.origin, cookies=kept, trust_env=False) as thief:
        assert thief.get("/api/auth/me/").status_code == 401


def test_nobody_cannot_log_out(people):
    assert people.nobody.post("api/auth/logout/").status_code == 401


def test_a_session_outlives_a_restart(server_in):
    server = server_in()
    admin = first_admin(server)
    port = server.port
    server.stop()
    server.start(listen=f"127.0.0.1:{port}")

    assert admin.get("api/auth/me/").status_code == 200


@pytest.mark.parametrize(
    "change",
    [f"last_used_at = last_used_at - {12 * HOUR}", f"created_at = created_at - {14 * 24 * HOUR}"],
    ids=["unused for twelve hours", "two weeks old"],
)
def test_a_session_ends_by_itself(server_in, change):
    server = server_in()
    admin = first_admin(server)
    port = server.port
    server.stop()
    change_rows(server, f"UPDATE sessions SET {change}")
    server.start(listen=f"127.0.0.1:{port}")

    assert admin.get("api/auth/me/").status_code == 401


def test_what_opens_a_session_is_nowhere_in_the_data_folder_nor_in_the_log(server_in):
    server = server_in(CJV_LOG_LEVEL="debug")
    admin = first_admin(server)
    Client(server).try_login("admin", "a password typed wrong")
    Client(server).try_login("a password typed as a name", "x")
    server.stop()

    said = (server.folder / "stderr").read_bytes()
    kept = b"".join(file.read_bytes() for file in server.data.rglob("*") if file.is_file())
    for secret in (admin.cookie("cjv_session"), PASSWORD, "a password typed wrong"):
        assert secret.encode() not in kept
        assert secret.encode() not in said
    assert b"a password typed as a name" not in kept
    assert b"a password typed as a name" not in said
    assert b"web.sign_in_failed" in said


@pytest.mark.parametrize("cookie", ["", "x", "0" * 64, "../../etc/passwd", "'; drop table sessions; --"])
def test_a_made_up_session_is_nobody(server, cookie):
    with httpx.Client(base_url=server.origin, trust_env=False) as client:
        assert client.get("/api/auth/me/", headers={"Cookie": f"cjv_session={cookie}"}).status_code == 401


# ---- CSRF ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method, path",
    [
        ("POST", "api/cron-jobs/"),
        ("PUT", "api/cron-jobs/{job}/"),
        ("PATCH", "api/cron-jobs/{job}/"),
        ("DELETE", "api/cron-jobs/{job}/"),
        ("POST", "api/cron-jobs/{job}/run_now/"),
        ("POST", "api/auth/logout/"),
    ],
)
def test_an_unsafe_method_needs_the_token(admin, name, method, path):
    job = admin.create(name)
    path = path.replace("{job}", job["id"])

    missing = admin.request(method, path, json={}, csrf=False)
    wrong = admin.request(method, path, json={}, headers={"X-CSRFToken": "x" * 64})

    for answer in (missing, wrong):
        assert answer.status_code == 403
        assert answer.json()["detail"].startswith("CSRF Failed: ")
    assert admin.job(job) | {"execution_logs": []} == job | {"execution_logs": []}


def test_the_token_may_stand_in_a_form(admin, name):
    job = {"name": name, "task": "t", "schedule": "", "csrfmiddlewaretoken": admin.cookie("cjv_csrftoken")}

    assert admin.request("POST", "api/cron-jobs/", data=job, csrf=False).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_foreign_origin_is_refused_even_with_a_right_token(server, admin, name, headers):
    job = {"name": name, "task": "t", "schedule": ""}

    assert admin.post("api/cron-jobs/", job, headers=headers).status_code == 403
    assert Client(server).try_login("admin", PASSWORD, headers=headers).status_code == 403
    assert (
        admin.post(
            "api/cron-jobs/", job, headers={"Origin": server.origin, "Sec-Fetch-Site": "same-origin"}
        ).status_code
        == 201
    )


def test_reading_needs_no_token_and_sets_no_cors(admin):
    answer = admin.get("api/cron-jobs/", headers={"Origin": "https://evil.example"})

    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]


# ---- passwords ----------------------------------------------------------------------------------------------------


def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(server, people):
    client = Client(server, address="127.2.0.4")

    wrong, unknown = client.try_login("staff", "not this one"), client.try_login("no-such-user", "not this one")

    assert wrong.status_code == unknown.status_code == 400
    assert wrong.json() == unknown.json() == WRONG


def test_missing_credentials_are_named(server):
    answer = Client(server).post("api/auth/login/", {"username": ""})

    assert answer.status_code == 400
    assert answer.json() == {"username": ["This field may not be blank."], "password": ["This field is required."]}


def test_a_form_signs_in(server, people):
    answer = Client(server, address="127.2.0.5").request(
        "POST", "api/auth/login/", data={"username": "staff", "password": PASSWORD}
    )

    assert answer.status_code == 200


def test_a_changed_password_ends_the_other_sessions(server):
    server.add_user("changer", PASSWORD, "--staff")
    here, there = (Client(server, address="127.2.0.6").login("changer", PASSWORD) for _ in range(2))

    answer = here.change_password(PASSWORD, "another long password")

    assert answer.status_code == 204
    assert here.get("api/auth/me/").status_code == 200
    assert there.get("api/auth/me/").status_code == 401


def test_a_wrong_old_password_changes_nothing(server, people):
    answer = people.plain.change_password("not this one", "another long password")

    assert answer.status_code == 400
    assert list(answer.json()) == ["old_password"]
    Client(server, address="127.2.0.7").login("plain", PASSWORD)


@pytest.mark.parametrize("password", ["short", "x" * 257, "password1234", "123456789012", "plain-plain-plain"[:5]])
def test_a_weak_password_is_refused(people, password):
    answer = people.plain.change_password(PASSWORD, password)

    assert answer.status_code == 400
    assert list(answer.json()) == ["new_password"]


def test_any_character_may_stand_in_a_password(server):
    odd = "  🔑 ü 'q\" \\ \t x  "
    server.add_user("odd", PASSWORD)
    client = Client(server, address="127.2.0.8").login("odd", PASSWORD)

    assert client.change_password(PASSWORD, odd).status_code == 204
    Client(server, address="127.2.0.8").login("odd", odd)
    assert Client(server, address="127.2.0.8").try_login("odd", odd.strip()).status_code == 400


def test_users_are_made_while_the_server_runs_and_cannot_sign_in_before(server):
    client = Client(server, address="127.2.0.9")
    assert client.try_login("late-comer", PASSWORD).status_code == 400

    server.add_user("late-comer", PASSWORD, "--staff", "--email", "late@example.org")

    answer = client.try_login("late-comer", PASSWORD)
    assert answer.status_code == 200
    assert answer.json()["user"]["email"] == "late@example.org"
    assert "late-comer" in {user["username"] for user in server.list_users()}


# ---- throttle -----------------------------------------------------------------------------------------------------


def test_after_five_wrong_passwords_one_has_to_wait(server_in):
    server = server_in()
    first_admin(server)
    guesser = Client(server, address="127.3.0.1")

    answers = [guesser.try_login("admin", f"guess number {number}") for number in range(6)]

    assert [answer.status_code for answer in answers[:5]] == [400] * 5
    assert answers[5].status_code == 429
    assert 1 <= int(answers[5].headers["retry-after"]) <= 900
    assert "detail" in answers[5].json()
    # Also the right password waits; one from elsewhere does not.
    assert guesser.try_login("admin", PASSWORD).status_code == 429
    assert Client(server, address="127.77.0.1").try_login("admin", PASSWORD).status_code == 200


def test_the_throttle_survives_a_restart_and_ends_by_itself(server_in):
    server = server_in()
    first_admin(server)
    guesser = Client(server, address="127.3.0.1")
    for number in range(7):  # the last two after a wait of one and of two seconds
        until(
            lambda number=number: guesser.try_login("admin", f"guess number {number}").status_code == 400,
            "a guess is evaluated",
        )
    server.stop()
    server.start(listen=f"127.0.0.1:{server.port}")

    held = guesser.try_login("admin", PASSWORD)

    assert held.status_code == 429
    assert 1 <= int(held.headers["retry-after"]) <= 4
    assert Client(server, address="127.77.0.1").try_login("admin", PASSWORD).status_code == 200
    until(lambda: guesser.try_login("admin", PASSWORD).status_code == 200, "the right password is let in", deadline=20)


def test_a_password_that_was_hashed_with_other_parameters_is_hashed_anew_at_sign_in(server_in):
    server = server_in()
    first_admin(server)
    server.stop()
    # "correct horse battery" with 8 MiB and one pass
    weak = "$argon2id$v=19$m=8192,t=1,p=1$Nj2/HwxIWGvOyoNe+sil9Q$S9Qps56mS/5srkxmqk+IZglRwLAS8ufbyYzOYxua5LA"
    with sqlite3.connect(server.data / "cron-job-viewer.db") as database:
        database.execute("UPDATE users SET password = ?", (weak,))
    server.start()

    assert Client(server).try_login("admin", "correct horse batterie").status_code == 400
    assert Client(server).try_login("admin", "correct horse battery").status_code == 200

    server.stop()
    with sqlite3.connect(server.data / "cron-job-viewer.db") as database:
        ((kept,),) = database.execute("SELECT password FROM users").fetchall()
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    server.start()
    assert Client(server).try_login("admin", "correct horse battery").status_code == 200


def test_a_stream_needs_a_session_like_everything_else(server):
    with Stream(Client(server), "api/events/") as stream:
        assert stream.response.status_code == 401


def test_others_are_answered_at_once_while_a_crowd_signs_in(server_in):
    server = server_in()
    admin = first_admin(server)
    # Each from a network of its own: the throttle has its own tests.
    crowd = [Client(server, address=f"127.7.{network}.1") for network in range(1, 61)]
    answers, waits = [], []

    def sign_in(client):
        answers.append(client.try_login("admin", PASSWORD))

    threads = [threading.Thread(target=sign_in, args=(client,)) for client in crowd]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        began = time.monotonic()
        assert admin.get("api/cron-jobs/").status_code == 200
        waits.append(time.monotonic() - began)
    for client in crowd:
        client.close()

    # Two are hashed at a time, and so many wait; who finds no room is told when to come again.
    assert len(answers) == len(crowd)
    assert {answer.status_code for answer in answers} <= {200, 429}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers if answer.status_code == 429)
    assert sum(answer.status_code == 200 for answer in answers) >= 34
    assert len(waits) > 10, "the crowd was gone before anybody could be in its way"
    assert statistics.median(waits) < 0.1 and max(waits) < 1.0
