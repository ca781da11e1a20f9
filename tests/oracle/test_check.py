"""`schedule check`, `explain` and `next`: what scripts rely on."""

import json
import subprocess

from harness.server import binary


def run(*arguments, text=""):
    return subprocess.run([binary(), *arguments], input=text, capture_output=True, text=True, timeout=20)


def check(*questions):
    done = run("schedule", "check", "--jsonl", text="".join(f"{question}\n" for question in questions))
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_line_is_answered_in_order_whatever_the_others_are():
    asked = ['{"schedule": "@daily", "count": 1, "from": "2026-01-01T00:00:00Z"}', "no json", "", "[]", '{"count": 1}',
             '{"schedule": "0 25 * * *", "id": 7}']

    answers = check(*asked)

    assert [answer["ok"] for answer in answers] == [True, False, False, False, False, False]
    assert answers[0]["next"] == ["2026-01-02T00:00:00+00:00"]
    assert {answer["error"]["code"] for answer in answers[1:5]} == {"bad-request"}
    error = answers[5]["error"]
    assert (error["field"], error["column"], error["code"]) == ("hour", 3, "out-of-range")


def test_a_program_may_wait_for_each_answer():
    process = subprocess.Popen(
        [binary(), "schedule", "check", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        for text in ("@daily", "@hourly"):
            process.stdin.write(json.dumps({"schedule": text}) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["ok"]
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def test_a_last_line_needs_no_end():
    assert json.loads(run("schedule", "check", "--jsonl", text='{"schedule": ""}').stdout)["schedule_type"] == "manual"


def test_suggestions_are_objects():
    refused, warned = check('{"schedule": "TZ=Europe/Berlin 0 9 * * *"}', '{"schedule": "*/90 * * * *"}')

    assert refused["error"]["suggest"] == {"schedule": "0 9 * * *", "timezone": "Europe/Berlin"}
    assert warned["warnings"][0]["strong"] is True
    assert warned["warnings"][0]["suggest"] == {"schedule": "every 90 minutes", "schedule_type": "interval"}


def test_a_job_of_the_engine_may_choose_its_clock_rule():
    asked = {"schedule": "30 2 * * *", "timezone": "Europe/Berlin", "from": "2026-10-24T12:00:00Z", "count": 2}

    both, second = check(json.dumps(asked | {"dst_fold": "both"}), json.dumps(asked | {"dst_fold": "second"}))

    assert both["next"] == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]
    assert second["next"] == ["2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00"]


def test_next_and_explain_know_the_same_choices():
    asked = ["30 2 * * *", "--timezone", "Europe/Berlin", "--from", "2026-03-28T12:00:00Z", "--count", "1"]

    for command in ("next", "explain"):
        skipped = json.loads(run("--json", command, *asked, "--dst-gap", "skip").stdout)
        assert skipped["next"] == ["2026-03-30T02:30:00+02:00"]
        assert json.loads(run("--json", command, *asked).stdout)["next"] == ["2026-03-29T03:00:00+02:00"]
    assert run("next", "30 2 * * *", "--dst-fold", "third").returncode == 2


def test_a_crontab_has_one_answer_for_each_schedule(tmp_path):
    crontab = tmp_path / "crontab"
    crontab.write_text(
        "SHELL=/bin/sh\n# a comment\n\nCRON_TZ=Europe/Berlin\n17 * * * * root run-parts\n@daily backup\n"
        "60 * * * * wrong\n0 9 * * *\nCRON_TZ=Mars/Olympus\n"
    )

    done = run("--json", "schedule", "check", "--crontab", str(crontab))
    answers = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.returncode == 1
    assert [(answer["line"], answer["ok"]) for answer in answers] == [
        (5, True), (6, True), (7, False), (8, False), (9, False)
    ]
    assert answers[0]["command"] == "root run-parts"
    assert answers[0]["next"][0].endswith(("+01:00", "+02:00"))
    assert [answer["error"]["code"] for answer in answers[2:]] == ["out-of-range", "no-command", "unknown-timezone"]


def test_a_crontab_of_the_system_has_a_user_before_each_command(tmp_path):
    folder = tmp_path / "cron.d"
    folder.mkdir()
    file, other = folder / "tidy", tmp_path / "tidy"
    for path in (file, other):
        path.write_text("17 * * * * root run-parts /etc/cron.hourly\n@reboot www-data warm-up\n30 4 * * * root\n")

    def answers(*flags):
        done = run("--json", "schedule", "check", "--crontab", *flags)
        return [json.loads(line) for line in done.stdout.splitlines()]

    system = answers(str(file))
    assert [answer.get("user") for answer in system] == ["root", "www-data", None]
    assert system[0]["command"] == "run-parts /etc/cron.hourly"
    assert (system[1]["words"], system[1]["next"]) == ("Once, when the server starts", [])
    assert system[2]["error"]["code"] == "no-command"
    assert answers(str(other), "--user-column") == system
    assert [answer["command"] for answer in answers(str(other))] == [
        "root run-parts /etc/cron.hourly", "www-data warm-up", "root"
    ]


def test_explain_says_what_a_phrase_is():
    done = run("explain", "every weekday at 9:30", "--timezone", "Europe/Berlin")

    assert done.returncode == 0
    assert done.stdout.startswith("At 09:30, Monday through Friday, in Europe/Berlin\nAs cron: 30 9 * * 1-5\n")


def test_a_refusal_ends_with_its_reason_and_names_what_was_meant():
    done = run("next", "rate(5 minutes)")

    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "did you mean: every 5 minutes (type interval)"
    assert run("schedule", "check").returncode == 2
