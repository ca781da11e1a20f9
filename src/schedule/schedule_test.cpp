#include "schedule/schedule.h"

#include "base/iso8601.h"

#include <doctest/doctest.h>

namespace cjv::schedule {
namespace {

Instant at(std::string_view text) { return *parse_iso8601(text); }

Schedule schedule(std::string_view text, const Options& options = {}) {
    auto parsed = Schedule::parse(text, options);
    REQUIRE_MESSAGE(parsed.has_value(), text);
    return *parsed;
}

std::string refusal(std::string_view text, const Options& options = {}) {
    const auto parsed = Schedule::parse(text, options);
    REQUIRE_MESSAGE(!parsed.has_value(), text);
    return sentence(parsed.error());
}

}  // namespace

TEST_CASE("a cron expression matches on weekdays at nine") {
    const auto weekdays = schedule("0 9 * * 1-5");

    CHECK(weekdays.type() == Type::cron);
    CHECK(weekdays.next_after(at("2026-11-27T08:59:59.5Z")) == at("2026-11-27T09:00:00Z"));
    CHECK(weekdays.next_after(at("2026-11-27T09:00:00Z")) == at("2026-11-30T09:00:00Z"));
}

TEST_CASE("an interval counts from its anchor") {
    const auto every = schedule("every 90 minutes", {.anchor = at("2026-01-01T00:10:00Z")});

    CHECK(every.type() == Type::interval);
    CHECK(every.next_after(at("2025-01-01")) == at("2026-01-01T00:10:00Z"));
    CHECK(every.next_after(at("2026-01-01T00:10:00Z")) == at("2026-01-01T01:40:00Z"));
}

TEST_CASE("several expressions are one schedule, with one slot where they meet") {
    const auto both = schedule("0 9 * * * ; 0 9,18 * * MON");

    CHECK(both.next_after(at("2026-11-30T08:00:00Z")) == at("2026-11-30T09:00:00Z"));
    CHECK(both.next_after(at("2026-11-30T09:00:00Z")) == at("2026-11-30T18:00:00Z"));
    CHECK(both.next_after(at("2026-11-30T18:00:00Z")) == at("2026-12-01T09:00:00Z"));
}

TEST_CASE("an empty schedule is a job that runs by hand only") {
    CHECK(schedule("  ").type() == Type::manual);
    CHECK_FALSE(schedule("").next_after(at("2026-01-01")));
}

TEST_CASE("nothing comes after the year 9999") {
    CHECK_FALSE(schedule("* * * * *").next_after(at("9999-12-31T23:59:00Z")));
    CHECK_FALSE(schedule("every day").next_after(at("9999-12-31T23:59:00Z")));
}

TEST_CASE("the old data's bare interval needs its type declared") {
    const Options interval{.type = Type::interval};

    CHECK(schedule("5 minutes", interval).next_after(at("2026-01-01")) ==
          at("2026-01-01T00:05:00Z"));
    CHECK(schedule("300", interval).next_after(at("2026-01-01")) == at("2026-01-01T00:05:00Z"));
    CHECK(refusal("5 minutes") == "expected 5 or 6 fields, found 2");
}

TEST_CASE("a refusal names the field, the column and the allowed range") {
    CHECK(refusal("0 25 * * *") == "hour field, column 3: 25 is out of range 0-23");
    CHECK(refusal("0 9 * * * ; 0 25 * * *") == "hour field, column 15: 25 is out of range 0-23");
}

TEST_CASE("what this version cannot do is refused and said") {
    CHECK(refusal("at 2027-01-01T00:00Z") ==
          "schedules for one point in time are not available in this version");
    CHECK(refusal("sunset 52.52 13.405") == "solar schedules are not available in this version");
    CHECK(refusal("@reboot") == "column 1: @reboot is not available in this version");
}

}  // namespace cjv::schedule
