#include "dispatch/command.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;
using domain::Reason;
using domain::Status;

const RunId kRun{parse_uuid("0191e0c4-8a70-8001-8000-000500000000").value()};

Settings settings() { return {.path = "/usr/bin:/bin", .home = "/home/ann"}; }

domain::Job job(std::string target) {
    domain::Job job;
    job.id = parse_uuid("3f2504e0-4f89-41d3-9a0c-0305e82c3301").value();
    job.name = "Backup";
    job.target = std::move(target);
    return job;
}

Prepared prepared(std::string target, const Try& run = {.run = kRun}) {
    const auto done = prepare(job(std::move(target)), run, settings());
    REQUIRE(done);
    return done.value();
}

bool has(const Prepared& done, std::string_view variable) {
    return std::ranges::count(done.command.env, variable) == 1;
}

TEST_CASE("a command starts with the environment of the house, who it is, and its own") {
    const Prepared done =
        prepared(R"({"argv": ["backup"], "env": {"LEVEL": "9", "LANG": "de_DE.UTF-8"}})",
                 {.run = kRun, .slot = Instant{1'796'090'400s}});

    CHECK(done.command.env ==
          std::vector<std::string>{"CJV_ATTEMPT=1",
                                   "CJV_JOB_ID=3f2504e0-4f89-41d3-9a0c-0305e82c3301",
                                   "CJV_RUN_ID=0191e0c4-8a70-8001-8000-000500000000",
                                   "CJV_SCHEDULED_FOR=2026-12-01T02:00:00Z", "HOME=/home/ann",
                                   "LANG=de_DE.UTF-8", "LEVEL=9", "PATH=/usr/bin:/bin"});
    CHECK(done.command.mark == "0191e0c4-8a70-8001-8000-000500000000");
    CHECK(done.command.folder == "/home/ann");
}

TEST_CASE("a run that was asked for has no slot and may bring variables of its own") {
    const Prepared done = prepared(R"({"argv": ["backup"], "env": {"LEVEL": "9"}})",
                                   {.run = kRun, .overrides = R"({"env": {"LEVEL": "1"}})"});

    CHECK(has(done, "LEVEL=1"));
    CHECK(has(done, "CJV_SCHEDULED_FOR="));
}

TEST_CASE("nobody changes who a run is") {
    const Prepared done = prepared(R"({"argv": ["backup"], "env": {"CJV_RUN_ID": "x"}})",
                                   {.run = kRun, .overrides = R"({"env": {"CJV_JOB_ID": "x"}})"});

    CHECK(has(done, "CJV_RUN_ID=0191e0c4-8a70-8001-8000-000500000000"));
    CHECK(has(done, "CJV_JOB_ID=3f2504e0-4f89-41d3-9a0c-0305e82c3301"));
}

TEST_CASE("a shell gets the first element as its script and the rest as arguments") {
    Settings allowed = settings();
    allowed.shell = true;
    const auto wants = job(R"json({"argv": ["echo \"$1\"", "$(id)"], "shell": true})json");

    const auto done = prepare(wants, {.run = kRun}, allowed);

    REQUIRE(done);
    CHECK(done->command.argv ==
          std::vector<std::string>{"/bin/sh", "-c", "echo \"$1\"", "sh", "$(id)"});
    CHECK(prepare(wants, {.run = kRun}, settings()).error().code == Errc::forbidden);
}

TEST_CASE("timeout, folder and input are the job's") {
    auto wants = job(R"({"argv": ["cat"], "cwd": "/srv", "stdin": "text"})");
    wants.timeout = 60;

    const auto done = prepare(wants, {.run = kRun}, settings());

    REQUIRE(done);
    CHECK(done->command.timeout == 60s);
    CHECK(done->command.folder == "/srv");
    CHECK(done->command.stdin_text == "text");
}

TEST_CASE("what is stored of a job and makes no sense starts nothing") {
    CHECK(prepare(job("{}"), {.run = kRun}, settings()).error().code == Errc::corrupt);
    CHECK_FALSE(prepare(job(R"({"argv": ["a"]})"), {.run = kRun, .overrides = "{"}, settings()));
}

TEST_CASE("an exit code is a success when the job says so") {
    const Prepared lenient = prepared(R"({"argv": ["a"], "success_codes": [0, 24]})");
    const auto status = [&](int code) {
        return ended(lenient, {.exit_code = code}, Reason::none).status;
    };

    CHECK(status(0) == Status::success);
    CHECK(status(24) == Status::success);
    CHECK(status(1) == Status::failed);
}

TEST_CASE("a failure says which code or signal it was") {
    const Prepared plain = prepared(R"({"argv": ["a"]})");

    const auto code = ended(plain, {.exit_code = 3}, Reason::none);
    CHECK(code.reason == Reason::exit_code);
    CHECK(code.exit_code == 3);
    CHECK(code.error == "Exit code 3.");

    const auto signal = ended(plain, {.signal = 11}, Reason::none);
    CHECK(signal.reason == Reason::signal);
    CHECK_FALSE(signal.exit_code);
    CHECK(signal.error == "Ended by signal 11 (SEGV).");
}

TEST_CASE("a command that ran out of time has timed out, whatever its exit code") {
    auto wants = job(R"({"argv": ["a"]})");
    wants.timeout = 60;
    const Prepared slow = prepare(wants, {.run = kRun}, settings()).value();

    const auto obeyed = ended(slow, {.stop = runner::Stop::timeout}, Reason::none);
    CHECK(obeyed.status == Status::timed_out);
    CHECK(obeyed.error == "Its timeout of 60 s passed; told to stop, it ended with exit code 0.");

    const auto ignored =
        ended(slow, {.signal = 9, .stop = runner::Stop::timeout, .killed = true}, Reason::none);
    CHECK(ignored.status == Status::timed_out);
    CHECK(ignored.error == "Its timeout of 60 s passed; it ignored TERM for 10 s and was killed.");
}

TEST_CASE("a command that we stopped is cancelled for the reason that we had") {
    const auto stopped = ended(prepared(R"({"argv": ["a"]})"),
                               {.signal = 15, .stop = runner::Stop::asked}, Reason::shutdown);

    CHECK(stopped.status == Status::cancelled);
    CHECK(stopped.reason == Reason::shutdown);
}

TEST_CASE("a run says what its command left behind") {
    const auto left =
        ended(prepared(R"({"argv": ["a"]})"), {.leftovers = 2, .strays = {41, 42}}, Reason::none);

    CHECK(left.status == Status::success);
    CHECK(left.note ==
          "2 processes of its session were still there when the command had ended, and were ended. "
          "What had left its session was left alone: process 41, 42.");
}

TEST_CASE("a command that could not be started says why") {
    const auto refused =
        not_started(kRun, {Errc::not_found, "no such file: /bin/none"}, Instant{1s});

    CHECK(refused.status == Status::failed);
    CHECK(refused.reason == Reason::spawn_error);
    CHECK(refused.error == "no such file: /bin/none");
}

}  // namespace
}  // namespace cjv::dispatch
