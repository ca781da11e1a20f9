#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "base/iso8601.h"
#include "web/api/job_view.h"
#include "web/api/run_view.h"

namespace cjv::web {

using namespace std::chrono_literals;

TEST_CASE("a duration reads as people say it") {
    CHECK(duration_text(std::nullopt) == "N/A");
    CHECK(duration_text(640ms) == "0.64s");
    CHECK(duration_text(4'200ms) == "4.2s");
    CHECK(duration_text(59'990ms) == "59.9s");
    CHECK(duration_text(3min + 5s) == "3m 5s");
    CHECK(duration_text(2h + 10min + 59s) == "2h 10m");
}

TEST_CASE("the local time of a zone is its wall clock, with the offset beside it") {
    const Instant at = *parse_iso8601("2026-12-01T01:00:00Z");
    CHECK(local_text(at, 1h) == "2026-12-01T02:00:00");
    CHECK(local_text(at, 1h, ' ') == "2026-12-01 02:00:00");
    CHECK(local_text(at, -2h) == "2026-11-30T23:00:00");
    CHECK(offset_text(1h) == "+01:00");
    CHECK(offset_text(-(2h + 30min)) == "-02:30");
    CHECK(offset_text(0s) == "+00:00");
    CHECK(offset_text(-(44min + 30s)) == "-00:44:30");
}

TEST_CASE("a status shows as its own word, as on the pages") {
    using enum domain::Status;
    for (const auto status : {pending, queued, running, retrying, success, failed, timed_out,
                              cancelled, lost, skipped, missed}) {
        std::string word(to_text(status));
        word[0] = static_cast<char>(word[0] - 'a' + 'A');
        std::ranges::replace(word, '_', ' ');
        CHECK(status_display(status, false) == word);
    }
}

TEST_CASE("a run that was asked to end shows as cancelling until it has") {
    CHECK(status_display(domain::Status::running, true) == "Cancelling");
    CHECK(status_display(domain::Status::cancelled, true) == "Cancelled");
}

TEST_CASE("a range of slots shows its first and last slot, and no time of a run") {
    domain::Skip skip;
    skip.first = *parse_iso8601("2026-12-01T01:00:00Z");
    skip.last = *parse_iso8601("2026-12-01T02:00:00Z");
    skip.count = 61;
    skip.status = domain::Status::missed;
    skip.reason = domain::Reason::server_down;

    std::string text;
    json::Writer out(text);
    write_skip(out, skip, {.job = {.id = {}, .name = "close the day", .task = "/bin/close"}});

    const auto read = json::parse(text);
    REQUIRE(read);
    CHECK(read->find("slot_count")->as_int64() == 61);
    CHECK(read->find("scheduled_until")->as_string() == "2026-12-01T02:00:00Z");
    CHECK(read->find("reason")->as_string() == "server_down");
    CHECK(read->find("run_started_at")->is_null());
}

}  // namespace cjv::web
