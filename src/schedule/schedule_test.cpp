#include "schedule/schedule.h"

#include "base/iso8601.h"
#include "support/zones.h"

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

TEST_CASE("a character that hides in a text is named before its fields are counted") {
    auto refusal = Schedule::parse("0 9 * * *;0 10 * * *", {}).error();
    CHECK(refusal.code == "bad-character");
    CHECK(refusal.column == 10);
    CHECK(refusal.hint == "between two expressions write ' ; '");
    refusal = Schedule::parse("0\u00A09 * * *", {}).error();
    CHECK(refusal.message == "unexpected character U+00A0");
    CHECK(refusal.column == 2);
    CHECK(refusal.suggest->schedule == "0 9 * * *");
}

TEST_CASE("a refusal names the field, the column and the allowed range") {
    CHECK(refusal("0 25 * * *") == "hour field, column 3: 25 is out of range 0-23");
    CHECK(refusal("0 9 * * * ; 0 25 * * *") == "hour field, column 15: 25 is out of range 0-23");
}

TEST_CASE("@reboot comes with the server, and has no time") {
    const auto reboot = schedule(" @Reboot ");

    CHECK(reboot.is_at_start());
    CHECK(reboot.type() == Type::cron);
    CHECK_FALSE(reboot.next_after(at("2026-01-01")));
    CHECK(reboot.words() == "Once, when the server starts");
    CHECK(refusal("@reboot ; @daily") == "column 1: @reboot has no time, and stands alone");
}

TEST_CASE("a phrase is the cron expressions that it says") {
    const auto mornings = schedule("every weekday at 9:30 and 18:00");

    CHECK(mornings.type() == Type::cron);
    CHECK(mornings.next_after(at("2026-11-27T10:00:00Z")) == at("2026-11-27T18:00:00Z"));
    CHECK(mornings.next_after(at("2026-11-27T18:00:00Z")) == at("2026-11-30T09:30:00Z"));
    CHECK(schedule("every day").type() == Type::interval);
}

TEST_CASE("a zone other than UTC is part of the words") {
    const auto berlin = support::system_zones().find("Europe/Berlin");

    CHECK(schedule("30 2 * * FRIL", {.zone = berlin}).words() ==
          "At 02:30 on the last Friday of the month, in Europe/Berlin");
    CHECK(schedule("every 5 minutes", {.zone = berlin}).words() == "Every 5 minutes");
}

TEST_CASE("a job chooses what becomes of a time that is skipped, or comes twice") {
    const auto in_berlin = [](Gap gap, Fold fold) {
        return schedule("30 2 * * *", {.clock = {gap, fold},
                                       .zone = support::system_zones().find("Europe/Berlin")});
    };
    const auto spring = at("2026-03-28T12:00:00Z"), autumn = at("2026-10-24T12:00:00Z");
    const auto first = at("2026-10-25T00:30:00Z"), second = at("2026-10-25T01:30:00Z");
    const auto day_after = at("2026-10-26T01:30:00Z");

    CHECK(in_berlin(Gap::after_gap, Fold::both).next_after(spring) == at("2026-03-29T01:00:00Z"));
    CHECK(in_berlin(Gap::skip, Fold::first).next_after(spring) == at("2026-03-30T00:30:00Z"));

    CHECK(in_berlin(Gap::skip, Fold::first).next_after(autumn) == first);
    CHECK(in_berlin(Gap::skip, Fold::first).next_after(first) == day_after);
    CHECK(in_berlin(Gap::skip, Fold::both).next_after(autumn) == first);
    CHECK(in_berlin(Gap::skip, Fold::both).next_after(first) == second);
    CHECK(in_berlin(Gap::after_gap, Fold::second).next_after(autumn) == second);
    CHECK(in_berlin(Gap::after_gap, Fold::second).next_after(second) == day_after);
}

TEST_CASE("a window has its start, and not its end") {
    const Window day{at("2026-12-01T09:00:00Z"), at("2026-12-02T09:00:00Z")};
    for (const char* text : {"0 9 * * *", "0 9 * * 1-5 ; 0 9 * * 6,0", "every day"}) {
        CAPTURE(text);
        const auto daily = schedule(text, {.anchor = at("2026-01-01T09:00:00Z"), .window = day});
        CHECK(daily.next_after(Instant::min()) == day.start);
        CHECK(daily.next_after(at("2026-11-30T23:00:00Z")) == day.start);
        CHECK(daily.next_after(day.start - std::chrono::microseconds{1}) == day.start);
        CHECK_FALSE(daily.next_after(day.start));
        CHECK_FALSE(daily.next_after(at("2027-06-01T00:00:00Z")));
    }
    const auto open = schedule("0 9 * * *", {.window = {.start = day.start}});
    CHECK(open.next_after(day.start) == day.end);
    const auto ends = schedule("0 9 * * *", {.window = {.end = day.end}});
    CHECK(ends.next_after(at("1970-01-01T09:00:00Z")) == at("1970-01-02T09:00:00Z"));
    CHECK_FALSE(ends.next_after(day.start));
    CHECK_FALSE(schedule("at 2026-12-02T09:00Z", {.window = day}).next_after(Instant::min()));
    CHECK(schedule("at 2026-12-02T08:59:59Z", {.window = day}).next_after(Instant::min()) ==
          day.end - std::chrono::seconds{1});
}

TEST_CASE("a window may lie where no calendar goes") {
    const Instant far = at("9999-12-31T23:59:59Z") + std::chrono::days{400};
    CHECK_FALSE(schedule("* * * * *", {.window = {.start = far}}).next_after(at("2026-01-01")));
    CHECK(schedule("* * * * *", {.window = {.end = far}}).next_after(at("2026-01-01")) ==
          at("2026-01-01T00:01:00Z"));
    const Instant early = at("0001-01-01") - std::chrono::days{400};
    CHECK_FALSE(schedule("* * * * *", {.window = {.end = early}}).next_after(Instant::min()));
    CHECK(schedule("* * * * *", {.window = {.start = early}}).next_after(at("2026-01-01")) ==
          at("2026-01-01T00:01:00Z"));
    CHECK_FALSE(schedule("* * * * *", {.window = {at("2027-01-01"), at("2026-01-01")}})
                    .next_after(Instant::min()));
}

TEST_CASE("the words of a schedule say its window, in the time of its zone") {
    const auto berlin = support::system_zones().find("Europe/Berlin");
    const Window window{at("2026-12-31T23:00:00Z"), at("2027-07-01T16:30:15Z")};

    CHECK(schedule("0 9 * * 1-5", {.zone = berlin, .window = window}).words() ==
          "At 09:00, Monday through Friday, from 2027-01-01 at 00:00 until 2027-07-01 at "
          "18:30:15, in Europe/Berlin");
    CHECK(schedule("every 6 hours", {.zone = berlin, .window = window}).words() ==
          "Every 6 hours, from 2027-01-01 at 00:00 until 2027-07-01 at 18:30:15, in "
          "Europe/Berlin");
    CHECK(schedule("every 6 hours", {.zone = berlin}).words() == "Every 6 hours");
    CHECK(schedule("@reboot", {.window = {.end = window.end}}).words() ==
          "Once, when the server starts, until 2027-07-01 at 16:30:15");
    CHECK(schedule("", {.window = window}).words() == "By hand only");
}

TEST_CASE("what never comes is found within ten milliseconds") {
    const auto zone = support::system_zones().find("America/New_York");
    const auto took = [&](const char* text, bool is_refused) {
        auto least = std::chrono::nanoseconds::max();
        for (int round = 0; round < 3; ++round) {
            const auto start = std::chrono::steady_clock::now();
            const auto schedule = Schedule::parse(text, {.type = Type::cron, .zone = zone});
            CHECK(schedule.has_value() != is_refused);
            if (schedule) CHECK_FALSE(schedule->next_after(at("2026-01-01")));
            least =
                std::min<std::chrono::nanoseconds>(least, std::chrono::steady_clock::now() - start);
        }
        return least;
    };
    for (const char* text : {"0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 L-30 2 *",
                             "0 0 31W 2 *", "0 0 29-31 2 1#1 ; 0 0 31 2 *"})
        CHECK(took(text, true) < std::chrono::milliseconds{10});
    // Each date is there, and the time is skipped on every one: 41 years are looked at.
    CHECK(took("* 2 * 3 0#2", false) < std::chrono::milliseconds{10});
}

}  // namespace cjv::schedule
