#include "domain/job.h"

#include "support/job.h"

#include <doctest/doctest.h>

namespace cjv::domain {

using support::a_job;

namespace {
Job with_target(std::string target) {
    Job job = a_job().name("nightly").job();
    job.target = std::move(target);
    return job;
}
}  // namespace

TEST_CASE("each kind and policy is read back from its text") {
    for (int i = 0; i <= int(Kind::internal); ++i) CHECK(kind_from(to_text(Kind(i))) == Kind(i));
    for (int i = 0; i <= int(Misfire::all); ++i)
        CHECK(misfire_from(to_text(Misfire(i))) == Misfire(i));
    for (int i = 0; i <= int(Overlap::cancel_running); ++i)
        CHECK(overlap_from(to_text(Overlap(i))) == Overlap(i));
    CHECK(to_text(Kind::internal) == "internal");
    CHECK(to_text(Misfire::all) == "all");
    CHECK(to_text(Overlap::cancel_running) == "cancel_running");
    CHECK_FALSE(kind_from("shell"));
}

TEST_CASE("local runs do not pile up by default, those of Celery may") {
    CHECK(default_overlap(Kind::command) == Overlap::skip);
    CHECK(default_overlap(Kind::internal) == Overlap::skip);
    CHECK(default_overlap(Kind::celery) == Overlap::allow);
}

TEST_CASE("what a command runs is read from its target") {
    const auto target = command_target(with_target(
        R"({"argv":["sort","-r"],"env":{"LANG":"C"},"cwd":"/srv","shell":false,"stdin":"b\na\n","success_codes":[0,3]})"));

    REQUIRE(target);
    CHECK(target->argv == std::vector<std::string>{"sort", "-r"});
    CHECK(target->env == std::map<std::string, std::string>{{"LANG", "C"}});
    CHECK(target->cwd == "/srv");
    CHECK_FALSE(target->shell);
    CHECK(target->stdin_text == "b\na\n");
    CHECK(target->success_codes == std::vector<int>{0, 3});
}

TEST_CASE("a command succeeds with 0 unless its target says otherwise") {
    CHECK(command_target(with_target(R"({"argv":["true"]})"))->success_codes ==
          std::vector<int>{0});
}

TEST_CASE("a stored target that is none is called corrupt, with the job's name") {
    for (const char* target : {"", "[]", "{}", R"({"argv":[]})", R"({"argv":[1]})",
                               R"({"argv":["a"],"env":{"A":1}})", R"({"argv":["a"],"uid":0})"}) {
        CAPTURE(target);
        const auto read = command_target(with_target(target));
        REQUIRE_FALSE(read);
        CHECK(read.error().code == Errc::corrupt);
        CHECK(read.error().what.find("\"nightly\"") != std::string::npos);
    }
}

TEST_CASE("our own chores are read from their target") {
    CHECK(internal_target(with_target(R"({"action":"clean_up","days":30})"))->days == 30);
    CHECK(internal_target(with_target(R"({"action":"health_check"})"))->action ==
          InternalAction::health_check);
    CHECK_FALSE(internal_target(with_target(R"({"action":"format_disk"})")));
}

}  // namespace cjv::domain
