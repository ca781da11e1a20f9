#include "schedule/every.h"

#include <doctest/doctest.h>

#include "schedule/schedule.h"

namespace cjv::schedule {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;
using std::chrono::sys_seconds;

seconds period(std::string_view text, bool bare = false) {
    const auto every = Every::parse(text, bare, {});
    REQUIRE_MESSAGE(every.has_value(), text);
    return every->period();
}

std::string refusal(std::string_view text, bool bare = false) {
    const auto every = Every::parse(text, bare, {});
    REQUIRE_MESSAGE(!every.has_value(), text);
    return sentence(every.error());
}

}  // namespace

TEST_CASE("an interval is a number and a unit, in any spelling") {
    CHECK(period("every 5 minutes") == 5min);
    CHECK(period("@every 1h30m") == 90min);
    CHECK(period("  Every  WEEK ") == 24h * 7);
    CHECK(period("every 2w3d") == 24h * 17);
    CHECK(period("5 minutes", true) == 5min);
    CHECK(period("300", true) == 5min);
}

TEST_CASE("a wrong interval is refused where it is wrong, with what would be right") {
    CHECK(refusal("every 1.5 hours") ==
          "column 7: fractions are not allowed; write the smaller unit: every 90 minutes");
    CHECK(refusal("every 5") == "column 8: a unit is missing; write every 5 minutes");
    CHECK(refusal("every 0 minutes") == "column 7: an interval is at least one second");
    CHECK(refusal("every 5 fortnights") ==
          "column 9: unknown unit 'fortnights'; use seconds, minutes, hours, days or weeks");
    CHECK(refusal("every 3 months") ==
          "column 9: months and years have no fixed length; use a cron expression: 0 0 1 */3 *");
    CHECK(refusal("every 101 years") ==
          "column 11: months and years have no fixed length; use a cron expression: 0 0 1 1 *");
    CHECK(refusal("every 40000 days") == "column 1: longer than 100 years");
    CHECK(refusal("every 5 minutes 3") == "column 17: cannot read '3'; write every 5 minutes");
}

TEST_CASE("a slip in a phrase is told how the phrase goes") {
    for (const char* text : {"every day at 24:00", "every day at 9"})
        CHECK(Schedule::parse(text, {}).error().hint ==
              "a time of day is 0:00 to 23:59, 9am, noon or midnight: write every day at 9:30");
    CHECK(Schedule::parse("every weekday", {}).error().hint == "write every weekday at 9:30");
    CHECK(Schedule::parse("every monday", {}).error().hint == "write every monday at 9:30");
}

TEST_CASE("what should count from the last run is refused, and says what there is instead") {
    CHECK(refusal("every 5 minutes after the last run") ==
          "column 17: an interval counts from its anchor, not from the last run; write every 5 "
          "minutes, and say in overlap what becomes of a slot that comes while a run goes on");
}

TEST_CASE("slots stand on the anchor's grid from the anchor on") {
    const auto every = Every::parse("every 1h", false, sys_seconds{100s}).value();

    CHECK(every.at_or_after(sys_seconds{-5s}) == sys_seconds{100s});
    CHECK(every.at_or_after(sys_seconds{100s}) == sys_seconds{100s});
    CHECK(every.at_or_after(sys_seconds{101s}) == sys_seconds{3'700s});
}

}  // namespace cjv::schedule
