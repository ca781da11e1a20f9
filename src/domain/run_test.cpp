#include "domain/run.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

namespace cjv::domain {

using enum Status;

TEST_CASE("each status, reason and trigger is read back from its text") {
    for (int i = 0; i <= int(missed); ++i) CHECK(status_from(to_text(Status(i))) == Status(i));
    for (int i = 0; i <= int(Reason::expired); ++i)
        CHECK(reason_from(to_text(Reason(i))) == Reason(i));
    for (int i = 0; i <= int(Trigger::external); ++i)
        CHECK(trigger_from(to_text(Trigger(i))) == Trigger(i));
}

TEST_CASE("the texts of neighbours in the list are their own") {
    CHECK(to_text(missed) == "missed");
    CHECK(to_text(timed_out) == "timed_out");
    CHECK(to_text(Reason::none) == "");
    CHECK(to_text(Reason::undeliverable) == "undeliverable");
    CHECK(to_text(Reason::server_down) == "server_down");
    CHECK(to_text(Trigger::catch_up) == "catch_up");
}

TEST_CASE("a word that is none of ours is no status") {
    CHECK_FALSE(status_from("succeeded"));
    CHECK_FALSE(status_from("Pending"));
    CHECK_FALSE(reason_from("because"));
    CHECK_FALSE(trigger_from(""));
}

TEST_CASE("exactly these edges lead from one status to another") {
    const std::set<Status> ends = {success, failed, timed_out, cancelled, lost, skipped, missed};
    std::map<Status, std::set<Status>> edges = {
        {pending, {queued, cancelled, missed, skipped, failed, lost, retrying}},
        {queued, {running, success, failed, timed_out, cancelled, lost, skipped, missed, retrying}},
        {running, {success, failed, timed_out, cancelled, lost, retrying}},
        {retrying, {pending, queued, running, cancelled, failed, lost}}};

    for (int before = 0; before < int(kStatuses); ++before)
        for (int after = 0; after < int(kStatuses); ++after) {
            CAPTURE(to_text(Status(before)));
            CAPTURE(to_text(Status(after)));
            CHECK(may_follow(Status(before), Status(after)) ==
                  edges[Status(before)].contains(Status(after)));
        }
    for (int i = 0; i < int(kStatuses); ++i) CHECK(is_final(Status(i)) == ends.contains(Status(i)));
}

TEST_CASE("what ended on purpose or never started is no failure") {
    CHECK(is_failure(failed));
    CHECK(is_failure(timed_out));
    CHECK(is_failure(lost));
    CHECK_FALSE(is_failure(cancelled));
    CHECK_FALSE(is_failure(missed));
    CHECK_FALSE(is_failure(skipped));
    CHECK_FALSE(is_failure(success));
}

}  // namespace cjv::domain
