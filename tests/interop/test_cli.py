"""The command line: what it prints, where, and with which code it ends."""

import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import termios

import pytest

from harness.client import Client
from harness.people import PASSWORD, first_admin
from harness.server import Server, binary
from harness.wait import until

NEW = "another long password"
DECEMBER = ("--from", "2026-12-01T00:00Z")


@pytest.fixture
def cli(tmp_path):
    """Runs a command on a data folder that no server has."""
    return Server(tmp_path).run


def last_line(done):
    return done.stderr.strip().splitlines()[-1]


# ---- every command ------------------------------------------------------------------------------------------------

COMMANDS = ["serve", "migrate", "next", "explain", "schedule", "schedule check", "user", "user add", "user passwd", "user list"]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_of_the_command_itself(cli, command):
    done = cli(*command.split(), "--help")

    assert done.returncode == 0
    assert "--data-dir" in done.stdout and "--json" in done.stdout
    _, _, example = done.stdout.partition("Example:\n")
    assert example.strip().startswith(f"cron-job-viewer {command}")
    assert done.stderr == ""


def test_help_of_the_program_names_every_command(cli):
    said = cli("--help").stdout

    assert "Example:\n  cron-job-viewer serve" in said
    for command in ("serve", "migrate", "next", "explain", "schedule", "user"):
        assert re.search(rf"^ +{command} +\S", said, re.MULTILINE), command


def test_the_version_is_four_facts(cli):
    done = cli("--version")

    program, sqlite, zones = done.stdout.splitlines()
    assert re.fullmatch(r"cron-job-viewer \d+\.\d+\.\d+ \(\S+\)", program)
    assert re.fullmatch(r"SQLite 3\.\d+\.\d+", sqlite)
    assert re.fullmatch(r"zone data (\d{4}[a-z]+|unknown)", zones)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "arguments, named",
    [
        ([], "subcommand"),
        (["nonsense"], "nonsense"),
        (["user", "nonsense"], "nonsense"),
        (["next"], "expression"),
        (["next", "--bogus", "* * * * *"], "--bogus"),
        (["--bogus", "user", "list"], "--bogus"),
        (["next", "--bogus"], "--bogus"),
        (["next", "* * * * *", "--count", "0"], "--count"),
        (["next", "* * * * *", "--count", "1001"], "--count"),
        (["next", "* * * * *", "--day-match", "neither"], "--day-match"),
        (["schedule", "check"], "--jsonl"),
        (["--log-level", "shout", "user", "list"], "shout"),
        (["--config", "/nowhere/at/all.toml", "user", "list"], "/nowhere/at/all.toml"),
    ],
)
def test_wrong_usage_is_2_and_names_what_is_wrong(cli, arguments, named):
    done = cli(*arguments)

    assert done.returncode == 2
    assert named in done.stderr
    assert done.stdout == ""


def test_a_wrong_configuration_is_2_with_its_file_and_line(cli, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('[server]\nlistn = "x"\n')

    for arguments in (["--config", str(config), "user", "list"], ["user", "list", "--config", str(config)]):
        done = cli(*arguments)

        assert done.returncode == 2
        assert f"{config}:2:" in last_line(done) and "server.listn" in last_line(done)


def test_global_options_stand_before_or_after_the_commands_name(tmp_path):
    def run(*arguments):
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        return subprocess.run([binary(), *arguments], capture_output=True, text=True, env=environment, timeout=30)

    here = ("--data-dir", str(tmp_path / "here"))
    assert run("migrate", *here).returncode == 0
    for arguments in (
        [*here, "--json", "--log-level", "error", "migrate", "--check"],
        ["migrate", "--check", "--log-level", "error", "--json", *here],
        ["--json", "migrate", *here, "--check"],
    ):
        done = run(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["up_to_date"] is True
    added = subprocess.run(
        [binary(), "user", "--data-dir", here[1], "add", "Eva", "--password-stdin"], input=NEW, text=True, timeout=30
    )
    assert added.returncode == 0
    assert "Eva" in run("user", "list", *here).stdout


def test_what_cannot_be_written_is_a_failure(cli):
    for arguments in (["next", "* * * * *"], ["next", "* * * * *", "--json"], ["schedule", "check", "--jsonl"]):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [binary(), *arguments], input='{"schedule": "@daily"}\n', stdout=full, stderr=subprocess.PIPE, text=True
            )

        assert done.returncode == 1
        assert "No space left on device" in last_line(done)


def test_a_data_folder_that_cannot_be_made_is_3(cli):
    for arguments in (["user", "list"], ["migrate"], ["migrate", "--check"]):
        done = cli(*arguments, "--data-dir", "/proc/nowhere")

        assert done.returncode == 3
        assert "/proc/nowhere" in last_line(done)


def test_a_server_that_does_not_answer_is_3(server_in):
    server = server_in()
    server.signal(signal.SIGSTOP)
    try:
        done = server.run("user", "list")
    finally:
        server.signal(signal.SIGCONT)

    assert done.returncode == 3
    assert str(server.pid) in last_line(done) and "does not answer" in last_line(done)
    assert server.run("user", "list").returncode == 0


# ---- schedules ----------------------------------------------------------------------------------------------------


def test_next_says_words_and_times_in_the_zone(cli):
    done = cli("next", "0 9 * * 1-5", "--timezone", "Europe/Berlin", *DECEMBER, "--count", "4")

    assert done.stdout.splitlines() == [
        "At 09:00, Monday through Friday, in Europe/Berlin",
        "  Tue 2026-12-01T09:00:00+01:00",
        "  Wed 2026-12-02T09:00:00+01:00",
        "  Thu 2026-12-03T09:00:00+01:00",
        "  Fri 2026-12-04T09:00:00+01:00",
    ]
    assert (done.returncode, done.stderr) == (0, "")


def test_next_is_in_utc_and_has_five_times_unless_asked(cli):
    done = cli("next", "0 9 * * *", "--from", "2026-12-01T09:00Z")

    words, *times = done.stdout.splitlines()
    assert words == "Every day at 09:00 (UTC)"
    assert [time.split()[1] for time in times] == [f"2026-12-0{day}T09:00:00+00:00" for day in range(2, 7)]


def test_next_goes_over_a_change_of_the_clock_and_says_so(cli):
    done = cli("next", "30 2 * * *", "--timezone", "Europe/Berlin", "--from", "2026-03-28T00:00Z", "--count", "3")

    assert [line.split()[1] for line in done.stdout.splitlines()[1:4]] == [
        "2026-03-28T02:30:00+01:00",
        "2026-03-29T03:00:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]
    assert "note: The clock skips this time on 2026-03-29" in done.stdout


def test_next_combines_the_day_fields_as_asked(cli):
    def times(match):
        done = cli("next", "0 0 13 * 5", "--day-match", match, "--from", "2026-02-01T00:00Z", "--count", "2", "--json")
        return [time[:10] for time in json.loads(done.stdout)["next"]]

    assert times("either") == ["2026-02-06", "2026-02-13"]
    assert times("both") == ["2026-02-13", "2026-03-13"]


def test_next_as_json_is_one_document(cli):
    done = cli("next", "0 9 * * 1-5", "--timezone", "Europe/Berlin", *DECEMBER, "--count", "1", "--json")

    assert json.loads(done.stdout) == {
        "timezone": "Europe/Berlin",
        "schedule_type": "cron",
        "words": "At 09:00, Monday through Friday, in Europe/Berlin",
        "next": ["2026-12-01T09:00:00+01:00"],
        "warnings": [],
    }


@pytest.mark.parametrize("command", ["next", "explain"])
@pytest.mark.parametrize(
    "arguments, sentence, code, field, column",
    [
        (["0 25 * * *"], "hour field, column 3: 25 is out of range 0-23", "out-of-range", "hour", 3),
        (
            ["@daily", "--timezone", "Mars/Olympus"],
            'unknown time zone "Mars/Olympus"; give an IANA name such as Europe/Berlin',
            "unknown-timezone",
            None,
            None,
        ),
        (
            ["@daily", "--from", "yesterday"],
            '--from: "yesterday" is not an ISO 8601 time such as 2026-12-01T02:00Z',
            "bad-request",
            None,
            None,
        ),
    ],
    ids=["schedule", "zone", "from"],
)
def test_a_refusal_is_2_and_says_where(cli, command, arguments, sentence, code, field, column):
    plain = cli(command, *arguments)
    as_json = cli(command, *arguments, "--json")

    assert (plain.returncode, plain.stdout, last_line(plain)) == (2, "", sentence)
    assert (as_json.returncode, last_line(as_json)) == (2, sentence)
    error = json.loads(as_json.stdout)["error"]
    assert (error["message"], error["code"], error["field"], error["column"]) == (sentence, code, field, column)


def test_explain_says_what_a_phrase_compiles_to_and_how_often_it_is(cli):
    done = cli("explain", "every weekday at 9:30", *DECEMBER, "--count", "1")

    words, cron, kind, time = done.stdout.splitlines()
    assert words == "At 09:30, Monday through Friday (UTC)"
    assert cron == "As cron: 30 9 * * 1-5"
    assert re.fullmatch(r"Type: cron, about 5(\.0\d*)? runs a week", kind)
    assert time == "  Tue 2026-12-01T09:30:00+00:00"


def test_an_interval_counts_from_local_midnight_as_that_of_a_job_does(cli):
    done = cli("next", "every 6 hours", "--timezone", "Europe/Berlin", "--count", "2", *DECEMBER)

    assert done.stdout.splitlines()[1:3] == ["  Tue 2026-12-01T06:00:00+01:00", "  Tue 2026-12-01T12:00:00+01:00"]


@pytest.mark.parametrize("command", ["next", "explain"])
def test_what_never_comes_in_its_zone_is_refused_with_a_sentence(cli, command):
    done = cli(command, "* 2 * 3 0#2", "--timezone", "America/New_York", *DECEMBER)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "it never runs: the clock of America/New_York skips this time on each date that matches\n"
    )


def test_explain_tells_when_the_clock_changes(cli):
    done = cli("explain", "30 2 * * *", "--timezone", "Europe/Berlin", *DECEMBER)

    notes = [line for line in done.stdout.splitlines() if line.startswith("note: ")]
    assert [re.search(r"\d{4}-\d\d-\d\d", note)[0] for note in notes] == ["2027-03-28", "2027-10-31"]


def test_schedule_check_answers_each_line_in_order(cli):
    lines = [
        '{"schedule": "0 25 * * *"}',
        "nonsense",
        '{"schedule": "*/15 * * * *", "from": "2026-12-01T00:00Z", "count": 2, "id": 7}',
        "",
        '{"schedule": null}',
        '{"schedule": "@daily", "timezone": "Mars/Olympus"}\r',
        '{"schedule": "' + "1," * 200_000 + '"}',
        '{"schedule": "@hourly", "from": "2026-12-01T00:00Z", "count": 1, "timezone": "Asia/Kolkata"}',  # no line end
    ]

    done = cli("schedule", "check", "--jsonl", stdin="\n".join(lines))

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    assert [answer["ok"] for answer in answers] == [False, False, True, False, True, False, False, True]
    error = answers[0]["error"]
    assert (error["code"], error["field"], error["column"]) == ("out-of-range", "hour", 3)
    assert [answers[at]["error"]["code"] for at in (1, 3, 5, 6)] == ["bad-request"] * 4
    assert answers[2]["next"] == ["2026-12-01T00:15:00+00:00", "2026-12-01T00:30:00+00:00"]
    assert (answers[4]["schedule_type"], answers[4]["next"]) == ("manual", [])
    assert "timezone" in answers[5]["error"]["message"]
    assert answers[7]["next"] == ["2026-12-01T06:00:00+05:30"]


def test_schedule_check_answers_before_it_reads_more():
    with subprocess.Popen(
        [binary(), "schedule", "check", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as asked:
        for schedule, ok in (("@daily", True), ("@dayly", False), ("every 5 minutes", True)):
            asked.stdin.write(json.dumps({"schedule": schedule}) + "\n")
            assert json.loads(asked.stdout.readline())["ok"] is ok
        asked.stdin.close()
        assert asked.wait(timeout=10) == 0


def test_schedule_check_reads_a_crontab_and_is_1_when_a_line_is_refused(cli, tmp_path):
    crontab = tmp_path / "crontab"
    crontab.write_text("# ours\nCRON_TZ=Europe/Berlin\n0 9 * * 1-5 root /bin/a\n")

    good = cli("schedule", "check", "--crontab", str(crontab))
    crontab.write_text(crontab.read_text() + "61 * * * * root /bin/b\n")
    bad = cli("schedule", "check", "--crontab", str(crontab))

    assert (good.returncode, good.stdout) == (0, "line 3: At 09:00, Monday through Friday, in Europe/Berlin\n")
    assert bad.returncode == 1
    assert bad.stdout.splitlines()[1] == "line 4: refused: minute field, column 1: 61 is out of range 0-59"
    assert cli("schedule", "check", "--crontab", str(tmp_path / "none")).returncode == 1
    folder = cli("schedule", "check", "--crontab", str(tmp_path))
    assert (folder.returncode, folder.stderr) == (1, f"{tmp_path}: a folder; name the file\n")


def test_schedule_check_of_a_crontab_says_what_is_meant_perhaps(cli, tmp_path):
    (tmp_path / "crontab").write_text("* 16 * * * /bin/a\n")

    done = cli("schedule", "check", "--crontab", str(tmp_path / "crontab"))

    assert done.stdout.splitlines()[2] == "line 1:   perhaps: 0 16 * * *"


# ---- migrate ------------------------------------------------------------------------------------------------------


def test_migrate_makes_the_store_and_check_only_says(tmp_path):
    server = Server(tmp_path)
    database = server.data / "cron-job-viewer.db"

    def facts(*flags):
        done = server.run("migrate", *flags, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    before = facts("--check")
    newest = before["newest"]
    assert before == {"from": 0, "schema": 0, "newest": newest, "up_to_date": False} and newest >= 2
    assert not database.exists()
    assert f"would go from schema 0 to {newest}" in server.run("migrate", "--check").stdout

    assert facts() == {"from": 0, "schema": newest, "newest": newest, "up_to_date": True}
    assert all(file.stat().st_mode & 0o077 == 0 for file in [server.data, *server.data.iterdir()])
    assert facts("--check") == facts() == {"from": newest, "schema": newest, "newest": newest, "up_to_date": True}
    assert server.run("migrate").stdout == f"the store is up to date (schema {newest})\n"


def test_migrate_beside_a_running_server_says_that_all_is_well(server):
    for flags in ([], ["--check"]):
        done = server.run("migrate", *flags)

        assert done.returncode == 0
        assert re.fullmatch(r"the store is up to date \(schema \d+\)\n", done.stdout)


def test_migrate_of_what_is_no_database_is_1_and_changes_nothing(tmp_path):
    server = Server(tmp_path)
    server.data.mkdir()
    database = server.data / "cron-job-viewer.db"
    database.write_bytes(b"a letter to my aunt\n" * 1000)

    for flags in ([], ["--check"]):
        done = server.run("migrate", *flags)

        assert done.returncode == 1
        assert done.stdout == "" and last_line(done)
    assert database.read_bytes() == b"a letter to my aunt\n" * 1000


# ---- people -------------------------------------------------------------------------------------------------------


def passwd(server, name, password):
    return server.run("user", "passwd", name, "--password-stdin", stdin=password + "\n")


def check_sign_in(server, name, good, bad):
    """From networks of its own, so that what is wrong on purpose makes nobody wait."""
    check_sign_in.network += 1
    client = Client(server, address=f"127.8.{check_sign_in.network}.1")
    assert client.try_login(name, bad).status_code == 400
    client.login(name, good)
    client.close()


check_sign_in.network = 0


def test_a_password_is_set_before_during_and_after_serve(tmp_path):
    server = Server(tmp_path)
    first, second, third, fourth = (f"password number {number}" for number in ("one", "two", "three", "four"))
    server.add_user("eva", first, "--superuser", "--email", "eva@example.com")

    before = passwd(server, "eva", second)
    assert (before.returncode, before.stderr) == (0, "")
    assert before.stdout == "changed the password of eva; their other sessions have ended\n"

    try:
        server.start()
        check_sign_in(server, "eva", second, first)
        client = Client(server).login("eva", second)

        assert passwd(server, "eva", third).returncode == 0
        assert client.get("api/auth/me/").status_code == 401
        check_sign_in(server, "eva", third, second)

        assert server.stop() == 0
        assert passwd(server, "eva", fourth).returncode == 0
        server.start()
        check_sign_in(server, "eva", fourth, third)
    finally:
        server.kill()


@pytest.mark.parametrize("is_running", [False, True], ids=["offline", "beside a server"])
def test_a_password_is_refused_with_1_and_the_reason_last(tmp_path, is_running):
    server = Server(tmp_path)
    server.add_user("eva", PASSWORD)
    try:
        if is_running:
            server.start()
        short, nobody, twice = (
            passwd(server, "eva", "short"),
            passwd(server, "adam", NEW),
            server.run("user", "add", "eva", "--password-stdin", stdin=NEW),
        )
        assert {short.returncode, nobody.returncode, twice.returncode} == {1}
        assert "too short" in last_line(short)
        assert last_line(nobody) == 'nobody is called "adam"'
        assert "exists" in last_line(twice)
        if is_running:
            Client(server).login("eva", PASSWORD)
    finally:
        server.kill()


def test_without_a_terminal_a_password_is_not_asked_for(cli):
    done = cli("user", "add", "eva", stdin=NEW)

    assert done.returncode == 1
    assert "--password-stdin" in last_line(done)


def test_user_list_has_everybody_offline_and_beside_a_server(tmp_path):
    server = Server(tmp_path)
    server.add_user("eva", PASSWORD, "--superuser", "--email", "eva@example.com")
    server.add_user("adam", PASSWORD, "--staff")
    # More than a page of the API.
    database = sqlite3.connect(server.data / "cron-job-viewer.db")
    with database:
        database.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 230) INSERT INTO users "
            "(username, first_name, last_name, email, is_active, is_staff, is_superuser, password, created_at) "
            "SELECT 'user' || i, '', '', '', 1, 0, 0, '', 0 FROM n"
        )
    database.close()

    offline = server.list_users()
    assert offline[0] == {"id": 1, "username": "eva", "email": "eva@example.com", "is_staff": True, "is_superuser": True}
    assert [user["username"] for user in offline] == ["eva", "adam"] + [f"user{i}" for i in range(1, 231)]
    text = server.run("user", "list").stdout.splitlines()
    assert text[0].split() == ["1", "eva", "superuser", "eva@example.com"]
    assert text[1].split() == ["2", "adam", "staff"]
    try:
        server.start()
        key = lambda user: user["id"]  # noqa: E731
        assert sorted(server.list_users(), key=key) == offline
        assert sorted(server.run("user", "list").stdout.splitlines()) == sorted(text)
        assert passwd(server, "user230", NEW).returncode == 0
        Client(server).login("user230", NEW)
    finally:
        server.kill()


# ---- Ctrl-C -------------------------------------------------------------------------------------------------------


def shell_code(process):
    """What a shell has in `$?`."""
    code = process.wait(timeout=10)
    return code if code >= 0 else 128 - code


def test_ctrl_c_at_a_password_prompt_is_130_and_leaves_the_terminal_with_its_echo(tmp_path):
    ours, theirs = pty.openpty()

    def echoes():
        return bool(termios.tcgetattr(theirs)[3] & termios.ECHO)

    assert echoes()
    process = subprocess.Popen(
        [binary(), "user", "add", "eva", "--data-dir", tmp_path / "data"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # its controlling terminal
    )
    until(lambda: not echoes(), "the prompt is there")
    os.write(ours, b"half a pass")
    os.write(ours, b"\x03")

    assert shell_code(process) == 130
    assert echoes()
    assert b"half a pass" not in os.read(ours, 1000)
    os.close(ours)
    os.close(theirs)
    assert not (tmp_path / "data" / "cron-job-viewer.db").exists()


def test_a_password_is_asked_for_twice_and_not_shown(tmp_path):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [binary(), "user", "add", "eva", "--data-dir", tmp_path / "data"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    said = b""
    for prompt in (b"Password: ", b"Again: "):
        while prompt not in said:
            said += os.read(ours, 1000)
        until(lambda: not termios.tcgetattr(theirs)[3] & termios.ECHO, "it listens")
        os.write(ours, NEW.encode() + b"\n")
    while b"added eva" not in said:
        said += os.read(ours, 1000)

    assert process.wait(timeout=10) == 0
    assert NEW.encode() not in said
    os.close(ours)
    os.close(theirs)


def test_ctrl_c_stops_a_check_that_waits_for_lines():
    with subprocess.Popen(
        [binary(), "schedule", "check", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        process.stdin.write('{"schedule": "@daily"}\n')
        process.stdin.flush()
        assert process.stdout.readline()

        process.send_signal(signal.SIGINT)

        assert shell_code(process) == 130


def test_a_server_that_ctrl_c_ended_well_has_done_its_work(server_in):
    server = server_in()
    first_admin(server)

    server.signal(signal.SIGINT)

    assert server.wait(deadline=45) == 0
