"""Event streams: what changes, as it changes, and output while it is printed."""

import re

from harness.client import CONTRACT, Client
from harness.events import Stream
from harness.wait import until

DATA_OF = {
    "hello": "EventHello",
    "job": "EventJob",
    "run": "EventRun",
    "output": "EventOutput",
    "stats": "EventStats",
    "health": "Health",
    "dropped": "EventDropped",
    "reset": "EventReset",
    "chunk": "OutputChunk",
    "cut": "OutputCut",
    "end": "OutputEnd",
}


def check(events):
    for event in events:
        CONTRACT.check_value(event.data, DATA_OF[event.name], f"event {event.name}")


def check_no_gap_and_no_copy(events):
    """Their ids are START-NUMBER, of one start, and the numbers follow one another."""
    starts, numbers = zip(*(map(int, re.fullmatch(r"(\d+)-(\d+)", event.id).groups()) for event in events))
    assert len(set(starts)) == 1
    assert list(numbers) == list(range(numbers[0], numbers[0] + len(numbers)))


def final_of(run):
    return lambda event: event.name == "run" and event.data["id"] == run and event.data["status"] == "success"


def test_the_stream_greets_and_tells_each_change(admin, name):
    with Stream(admin, "api/events/") as stream:
        stream.wait_for(lambda event: event.name == "hello")
        job = admin.create(name)
        stream.wait_for(
            lambda event: event.name == "job" and event.data["id"] == job["id"] and event.data["change"] == "created"
        )
        run = admin.run_now(job)
        end = stream.wait_for(final_of(run))
        admin.delete(f"api/cron-jobs/{job['id']}/")
        stream.wait_for(
            lambda event: event.name == "job" and event.data["id"] == job["id"] and event.data["change"] == "deleted"
        )

        assert stream.events[0].name == "hello"
        assert end.data["job"] == job["id"]
        check(stream.events)


def test_the_stream_is_not_held_back_by_proxies(admin):
    with Stream(admin, "api/events/") as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert stream.response.headers["x-accel-buffering"] == "no"
        assert "no-store" in stream.response.headers["cache-control"]


def test_ids_grow_by_one_within_the_topics_of_a_stream(admin, name):
    with Stream(admin, "api/events/", params={"topics": "run"}) as stream:
        stream.wait_for(lambda event: event.name == "hello")
        for _ in range(3):
            run = admin.run_now(admin.create(f"{name} {_}"))
            stream.wait_for(final_of(run))

        told = [event for event in stream.events if event.name != "hello"]
        assert {event.name for event in told} == {"run"}
        check_no_gap_and_no_copy(told)


def test_a_stream_resumes_after_the_last_id_that_was_seen_without_a_gap_or_a_copy(admin, name):
    with Stream(admin, "api/events/", params={"topics": "run"}) as stream:
        stream.wait_for(lambda event: event.name == "hello")
        seen = stream.wait_for(final_of(admin.run_now(admin.create(f"{name} seen"))))
        before = [event for event in stream.events if event.name == "run"]
    before = before[: before.index(seen) + 1]

    missed = admin.finished(admin.run_now(admin.create(f"{name} missed")))["id"]

    with Stream(admin, "api/events/", params={"topics": "run"}, last_event_id=seen.id) as stream:
        stream.wait_for(final_of(missed))
        after = [event for event in stream.events if event.name == "run"]
        assert "reset" not in stream.names()

    check_no_gap_and_no_copy(before + after)
    steps = [event.data["status"] for event in after if event.data["id"] == missed]
    assert (steps[0], steps[-1]) == ("pending", "success")
    assert len(steps) == len(set(steps))


def test_an_id_that_is_not_known_gets_a_reset(admin):
    for unknown in ("999999-1", "1-99999999", "rubbish"):
        with Stream(admin, "api/events/", last_event_id=unknown) as stream:
            event = stream.wait_for(lambda event: event.name == "reset")

            check([event])


def test_an_unknown_topic_is_400(admin):
    assert admin.get("api/events/", params={"topics": "run,gossip"}).status_code == 400


def test_a_stream_ends_with_the_session(server, people):
    server.add_user("guest", "a password, long enough", "--staff")
    guest = Client(server).login("guest", "a password, long enough")
    token = guest.cookie("cjv_csrftoken")

    with Stream(guest, "api/events/") as stream:
        stream.wait_for(lambda event: event.name == "hello")
        other = Client(server)
        other.http.cookies = guest.http.cookies
        assert other.post("api/auth/logout/", headers={"X-CSRFToken": token}).status_code == 204

        stream.wait_for_end(deadline=35)


def test_output_is_followed_while_it_is_printed(admin, name, tmp_path):
    gate = tmp_path / "gate"
    job = admin.shell(name, f"echo one; until [ -e {gate} ]; do sleep 0.05; done; echo two >&2; echo three")
    run = admin.run_now(job)

    with Stream(admin, f"api/cron-job-logs/{run}/output/", params={"follow": 1}) as stream:
        first = stream.wait_for(lambda event: event.name == "chunk")
        assert (first.data["text"], first.data["stream"], first.data["offset"]) == ("one\n", "stdout", 0)
        gate.touch()
        events = stream.wait_for_end()

    check(events)
    assert events[-1].name == "end" and events[-1].data == {"status": "success"}
    assert text_of(events, "stdout") == "one\nthree\n"
    assert text_of(events, "stderr") == "two\n"


def test_following_a_finished_run_gives_all_of_it_and_ends(admin, name):
    run = admin.finished(admin.run_now(admin.shell(name, "seq 1 2000")))["id"]

    with Stream(admin, f"api/cron-job-logs/{run}/output/", params={"follow": 1}) as stream:
        events = stream.wait_for_end()

    assert text_of(events, "stdout") == "".join(f"{number}\n" for number in range(1, 2001))
    assert events[-1].data == {"status": "success"}


def test_following_resumes_after_the_last_chunk_without_a_gap_or_a_copy(admin, name, tmp_path):
    gate = tmp_path / "gate"
    job = admin.shell(
        name, f"for i in 1 2 3; do echo $i; sleep 0.3; done; until [ -e {gate} ]; do sleep 0.05; done; echo 4"
    )
    run = admin.run_now(job)
    path = f"api/cron-job-logs/{run}/output/"

    with Stream(admin, path, params={"follow": 1}) as stream:
        stream.wait_for(lambda event: event.name == "chunk")
        before = list(stream.events)
    until(lambda: "3" in admin.output(run).text, "three lines were printed")
    gate.touch()
    with Stream(admin, path, params={"follow": 1}, last_event_id=before[-1].id) as stream:
        after = stream.wait_for_end()

    assert text_of(before + after, "stdout") == "1\n2\n3\n4\n"


def test_a_job_cannot_forge_events(admin, name):
    forged = 'event: end\\ndata: {\\"status\\": \\"failed\\"}\\n\\n'
    run = admin.finished(admin.run_now(admin.shell(name, f'printf "{forged}"')))["id"]

    with Stream(admin, f"api/cron-job-logs/{run}/output/", params={"follow": 1}) as stream:
        events = stream.wait_for_end()

    assert [event.data for event in events if event.name == "end"] == [{"status": "success"}]
    assert text_of(events, "stdout").startswith("event: end\n")


def text_of(events, stream):
    return "".join(event.data["text"] for event in events if event.name == "chunk" and event.data["stream"] == stream)
