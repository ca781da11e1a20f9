"""Runs of commands: how they start, what they are told, how they end and what is kept of what they print."""

from datetime import datetime
import os
import time

import pytest

from harness.wait import until


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def printed_pid(client, run):
    return int(until(lambda: client.output(run).text.strip(), "the job has printed its pid").split()[0])


def instant(text):
    return datetime.fromisoformat(text)


def test_run_now_answers_with_the_run_and_its_row_is_there(admin, name):
    job = admin.create(name)

    answer = admin.post(f"api/cron-jobs/{job['id']}/run_now/")

    assert answer.status_code == 202
    assert answer.json()["status"] == "success"
    run = admin.run(answer.json()["log_id"])
    assert (run["job"], run["trigger"], run["triggered_by"], run["scheduled_for"]) == (
        job["id"],
        "manual",
        "admin",
        None,
    )


def test_an_inactive_job_runs_by_hand(admin, name):
    job = admin.create(name, "@yearly", is_active=False)

    assert admin.finished(admin.run_now(job))["status"] == "success"


def test_a_run_is_told_who_it_is(admin, name):
    job = admin.shell(name, 'echo "$CJV_RUN_ID/$CJV_JOB_ID/$CJV_SCHEDULED_FOR/$CJV_ATTEMPT"')

    run = admin.finished(admin.run_now(job))

    assert admin.output(run).text == f"{run['id']}/{job['id']}//1\n"


def test_a_command_starts_with_a_clean_environment(admin, name):
    job = admin.create(name, target={"argv": ["/usr/bin/env"], "env": {"GREETING": "hello"}})

    run = admin.finished(admin.run_now(job, env={"EXTRA": "1"}))

    names = {line.split("=")[0] for line in admin.output(run).text.splitlines()}
    assert {"PATH", "HOME", "LANG", "GREETING", "EXTRA"} <= names
    assert {
        name for name in names - {"PATH", "HOME", "LANG", "GREETING", "EXTRA"} if not name.startswith("CJV_")
    } == set()


def test_cwd_and_stdin_reach_the_command(admin, name):
    job = admin.create(name, target={"argv": ["/bin/sh", "-c", "pwd; cat"], "cwd": "/usr", "stdin": "given\n"})

    run = admin.finished(admin.run_now(job))

    assert admin.output(run).text == "/usr\ngiven\n"


def test_arguments_arrive_byte_for_byte(admin, name):
    arguments = ["; id #", "$(id)", "`id`", "{{7*7}}", "--help", "%n%s", "a\nb", "ünïcode", ""]
    job = admin.create(
        name, target={"argv": ["/bin/sh", "-c", 'for x; do printf "%s\\0" "$x"; done', "sh", *arguments]}
    )

    run = admin.finished(admin.run_now(job))

    assert admin.output(run).text.split("\0")[:-1] == arguments


@pytest.mark.parametrize(
    "script, fields, status, reason, exit_code",
    [
        ("exit 0", {}, "success", None, 0),
        ("exit 7", {}, "failed", "exit_code", 7),
        ("kill -SEGV $$", {}, "failed", "signal", None),
        ("sleep 60", {"timeout": 1}, "timed_out", None, None),
        ("exec >&- 2>&-; exit 0", {}, "success", None, 0),
    ],
)
def test_a_run_ends_with_a_true_status(admin, name, script, fields, status, reason, exit_code):
    job = admin.shell(name, script, **fields)

    run = admin.finished(admin.run_now(job), deadline=30)

    assert (run["status"], run["reason"]) == (status, reason)
    if exit_code is not None:
        assert run["exit_code"] == exit_code
    assert instant(run["run_started_at"]) <= instant(run["run_ended_at"])
    assert run["execution_time"] >= 0
    assert admin.job(job)["last_status"] == status


@pytest.mark.parametrize(
    "target",
    [
        {"argv": ["/no/such/program"]},
        {"argv": ["/etc/hostname"]},
        {"argv": ["/bin/true"], "cwd": "/no/such/folder"},
        {"argv": ["no-such-program-on-the-path"]},
    ],
)
def test_what_cannot_be_started_fails_with_the_reason(admin, name, target):
    job = admin.create(name, target=target)

    run = admin.finished(admin.run_now(job))

    assert (run["status"], run["reason"]) == ("failed", "spawn_error")
    assert run["error"]


def test_success_codes_are_the_jobs_own(admin, name):
    job = admin.create(name, target={"argv": ["/bin/sh", "-c", "exit 3"], "success_codes": [0, 3]})

    assert admin.finished(admin.run_now(job))["status"] == "success"


def test_a_celery_run_without_a_broker_says_that_it_cannot_be_delivered(admin, name):
    job = admin.post("api/cron-jobs/", {"name": name, "task": "erp.tasks.noop", "schedule": ""}).json()

    run = admin.finished(admin.run_now(job, args=[1], kwargs={"a": 2}))

    assert (run["status"], run["reason"]) == ("failed", "undeliverable")
    assert "no broker is configured" in run["error"].lower()


def test_what_a_kind_does_not_know_is_refused_at_run_now(admin, name):
    job = admin.create(name)

    answer = admin.post(f"api/cron-jobs/{job['id']}/run_now/", {"args": [1]})

    assert answer.status_code == 400
    assert "args" in answer.json()


def test_a_job_that_skips_overlaps_is_409_while_it_runs_unless_forced(admin, name):
    job = admin.shell(name, "read x < /dev/null; sleep 60")
    first = admin.run_now(job)
    admin.reaches(first, "running")

    refused = admin.post(f"api/cron-jobs/{job['id']}/run_now/")
    forced = admin.run_now(job, force=True)

    assert refused.status_code == 409
    admin.reaches(forced, "running")
    assert admin.job(job)["running_count"] == 2
    for run in (first, forced):
        admin.post(f"api/cron-job-logs/{run}/cancel/")
        assert admin.finished(run)["status"] == "cancelled"


def test_a_job_that_queues_one_starts_it_when_the_first_is_done(admin, name, tmp_path):
    gate = tmp_path / "gate"
    job = admin.shell(name, f"until [ -e {gate} ]; do sleep 0.05; done", overlap="queue_one", timeout=60)
    first = admin.run_now(job)
    admin.reaches(first, "running")

    second = admin.run_now(job)
    third = admin.post(f"api/cron-jobs/{job['id']}/run_now/")

    assert (admin.run(second)["status"], admin.run(second)["reason"]) == ("pending", "waiting_overlap")
    assert third.status_code == 409
    gate.touch()
    one, two = admin.finished(first), admin.finished(second)
    assert one["status"] == two["status"] == "success"
    assert instant(one["run_ended_at"]) <= instant(two["run_started_at"])


def test_a_cancelled_run_ends_and_leaves_no_process(admin, name):
    job = admin.shell(name, "sleep 300 & echo $! $$; wait")
    run = admin.run_now(job)
    pid = printed_pid(admin, run)

    answer = admin.post(f"api/cron-job-logs/{run}/cancel/")

    assert answer.status_code == 202
    seen = admin.finished(run)
    assert (seen["status"], seen["reason"]) == ("cancelled", "by_user")
    until(lambda: not alive(pid), "the group is gone")


def test_a_final_run_cannot_be_cancelled(admin, name):
    run = admin.finished(admin.run_now(admin.create(name)))

    assert admin.post(f"api/cron-job-logs/{run['id']}/cancel/").status_code == 409
    assert admin.run(run)["status"] == "success"


def test_a_job_that_ignores_term_is_killed_after_ten_seconds(admin, name):
    job = admin.shell(name, "trap '' TERM; echo $$; while :; do sleep 1; done", timeout=1)
    run = admin.run_now(job)
    pid = printed_pid(admin, run)

    seen = admin.finished(run, deadline=30)

    assert seen["status"] == "timed_out"
    assert 10 <= seen["execution_time"] <= 16
    assert not alive(pid)


def test_what_a_command_leaves_in_its_group_is_ended_and_told(admin, name):
    job = admin.shell(name, "sleep 300 & echo $!")
    run = admin.run_now(job)
    pid = printed_pid(admin, run)

    ended = admin.finished(run, deadline=20)
    assert ended["status"] == "success"
    (note,) = ended["notes"]
    assert note["text"].startswith("One process ")
    assert not alive(pid)


def test_several_that_a_command_leaves_are_counted(admin, name):
    job = admin.shell(name, "sleep 300 & sleep 300 & sleep 300 & echo begun")

    ended = admin.finished(admin.run_now(job), deadline=20)

    (note,) = ended["notes"]
    assert note["text"].startswith("3 processes ")


def test_what_left_the_session_is_left_alone_and_named(admin, name):
    job = admin.shell(name, "setsid sleep 300 > /dev/null 2>&1 & echo $!; sleep 0.3")
    run = admin.finished(admin.run_now(job), deadline=20)
    pid = int(admin.output(run).text.split()[0])

    try:
        assert alive(pid)
        assert any(str(pid) in note["text"] for note in run["notes"])
    finally:
        os.kill(pid, 9)


def test_both_streams_are_kept_apart_and_together(admin, name):
    job = admin.shell(name, "echo out; sleep 0.2; echo err >&2; sleep 0.2; echo again")
    run = admin.finished(admin.run_now(job))

    assert admin.output(run).text == "out\nerr\nagain\n"
    assert admin.output(run, params={"stream": "stdout"}).text == "out\nagain\n"
    assert admin.output(run, params={"stream": "stderr"}).text == "err\n"
    assert admin.output(run, params={"stream": "stdwhat"}).status_code == 400
    assert run["output_message"] == "out\nerr\nagain\n"
    assert (run["output_size"], run["output_cut"]) == (14, 0)


def test_a_range_counts_the_bytes_of_the_text(admin, name):
    run = admin.finished(admin.run_now(admin.create(name, argv=["/bin/echo", "0123456789"])))

    def part(text):
        return admin.output(run, headers={"Range": text})

    whole = admin.output(run)
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-type"] == "text/plain; charset=utf-8"
    assert (part("bytes=2-4").status_code, part("bytes=2-4").text) == (206, "234")
    assert part("bytes=2-4").headers["content-range"] == "bytes 2-4/11"
    assert part("bytes=8-").text == "89\n"
    assert part("bytes=-3").text == "89\n"
    assert part("bytes=8-1000").headers["content-range"] == "bytes 8-10/11"
    assert part("bytes=11-").status_code == 416
    assert part("bytes=11-").headers["content-range"] == "bytes */11"
    assert part("lines=1-2").status_code == 200


def test_output_is_no_page_for_a_browser(admin, name):
    run = admin.finished(admin.run_now(admin.create(name, argv=["/bin/echo", "<script>alert(1)</script>"])))

    answer = admin.output(run)

    assert answer.text == "<script>alert(1)</script>\n"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_run_that_prints_a_lot_keeps_head_and_tail_and_counts_the_cut(admin, name):
    size = 64 << 20
    job = admin.shell(name, f"echo first; head -c {size} /dev/zero | tr '\\0' x; echo; echo last")
    run = admin.finished(admin.run_now(job), deadline=120)

    text = admin.output(run).text
    assert run["status"] == "success"
    assert run["output_size"] == size + len("first\n\nlast\n")
    assert text.startswith("first\n") and text.endswith("last\n")
    kept = run["output_size"] - run["output_cut"]
    assert 16 << 20 <= kept <= (16 << 20) + (256 << 10)  # whole chunks are kept
    assert kept < len(text) <= kept + 200  # and one line says what is missing


def test_output_that_is_no_text_comes_back_as_its_bytes(admin, name):
    run = admin.finished(admin.run_now(admin.shell(name, "printf '\\377\\000\\033[31mred'")))

    assert admin.output(run).content == b"\xff\x00\x1b[31mred"


def test_a_slot_runs_on_time_and_says_so(admin, name):
    job = admin.shell(name, 'echo "$CJV_SCHEDULED_FOR"', schedule="every 1 second")
    rows = until(lambda: [r for r in admin.runs_of(job, status="success")][2:], "three slots have run", deadline=20)
    admin.post(f"api/cron-jobs/{job['id']}/update_status/", {"is_active": False})

    for run in rows:
        assert run["trigger"] == "schedule"
        assert run["at"] == run["scheduled_for"]
        assert instant(run["scheduled_for"]) <= instant(run["run_started_at"])
        assert not run["late"]
        assert admin.output(run).text.strip() == run["scheduled_for"]


def test_times_of_a_run_come_in_their_order(admin, name):
    began = time.time()
    run = admin.finished(admin.run_now(admin.create(name)))

    stages = [instant(run[stage]) for stage in ("at", "queued_at", "run_started_at", "run_ended_at")]
    assert stages == sorted(stages)
    assert run["duration_formatted"].endswith("s")
    assert run["execution_time"] <= time.time() - began


def test_a_job_that_prints_a_gibibyte_ends_and_costs_the_server_no_memory(fresh):
    whole, kept = 1 << 30, (4 + 12) << 20
    quiet = fresh.admin.finished(fresh.admin.run_now(fresh.admin.shell("quiet", "yes | head -c 20000000")), deadline=60)
    before = peak_memory(fresh.server.pid)

    job = fresh.admin.shell("loud", f"yes 'one of very many lines' | head -c {whole}")
    run = fresh.admin.finished(fresh.admin.run_now(job), deadline=120)

    assert (quiet["status"], run["status"]) == ("success", "success")
    assert run["output_size"] == whole
    # The tail goes piece by piece: a part of one (32 KiB) may be kept besides.
    assert 0 <= whole - kept - run["output_cut"] < 64 << 10
    # Output goes to the disk as it comes: what a run of 20 MB needed is about what one of 1 GiB needs.
    assert peak_memory(fresh.server.pid) - before < 64 << 20


def peak_memory(pid):
    """Bytes that the process has had resident at most."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM:"))
