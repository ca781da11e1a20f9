#include "base/iso8601.h"
#include "schedule/schedule.h"
#include "schedule/words.h"

#include <doctest/doctest.h>

#include <string>

namespace cjv::schedule {
namespace {

double runs_per_week(const std::string& text, const char* from = "2026-03-27T12:00:00Z",
                     DayMatch match = DayMatch::either) {
    const auto schedule = Schedule::parse(text, {.day_match = match});
    REQUIRE_MESSAGE(schedule.has_value(), text);
    return schedule->runs_per_week(*parse_iso8601(from));
}

doctest::Approx in_a_year(double runs) { return doctest::Approx(runs / 365 * 7); }

}  // namespace

TEST_CASE("runs a week are those of a year") {
    CHECK(runs_per_week("0 9 * * 1-5") == in_a_year(261));
    CHECK(runs_per_week("*/15 9-17 * * 1-5") == in_a_year(261 * 36));
    CHECK(runs_per_week("* * * * *") == doctest::Approx(10'080));
    CHECK(runs_per_week("* * * * * *") == doctest::Approx(604'800));
    CHECK(runs_per_week("") == 0);
}

TEST_CASE("a schedule that is dense in one month alone is not taken for a dense one") {
    CHECK(runs_per_week("* * * 1 *", "2026-01-01T00:00:00Z") == in_a_year(31 * 1'440));
    CHECK(runs_per_week("* * * 1 *", "2026-07-01T00:00:00Z") == in_a_year(31 * 1'440));
}

TEST_CASE("before a window runs are counted from its start on, and after it there are none") {
    const auto start = *parse_iso8601("2027-03-01T00:00:00Z");
    const auto end = *parse_iso8601("2027-04-01T00:00:00Z");
    const auto daily = Schedule::parse("0 9 * * *", {.window = {start, end}}).value();
    CHECK(daily.runs_per_week(start - std::chrono::days{100}) == doctest::Approx(7));
    CHECK(daily.runs_per_week(start) == doctest::Approx(7));
    CHECK(daily.runs_per_week(end) == 0);
}

TEST_CASE("a yearly run counts once, whenever one asks") {
    CHECK(runs_per_week("0 0 1 1 *", "2026-01-01T12:00:00Z") == in_a_year(1));
    CHECK(runs_per_week("0 0 1 1 *", "2025-12-31T12:00:00Z") == in_a_year(1));
}

TEST_CASE("what comes more rarely than every year is no zero") {
    CHECK(runs_per_week("0 0 29 2 *") == doctest::Approx(7 / 1'461.0));
    CHECK(runs_per_week("0 0 29 2 2", "2026-01-01T00:00:00Z", DayMatch::both) > 0);
}

TEST_CASE("an interval comes as often as it goes into a week") {
    CHECK(runs_per_week("every 1 second") == doctest::Approx(604'800));
    CHECK(runs_per_week("every 5 hours") == doctest::Approx(33.6));
    CHECK(runs_per_week("every 2 weeks") == doctest::Approx(0.5));
}

TEST_CASE("the day rule decides how many days match") {
    CHECK(runs_per_week("0 0 1 * 1") == in_a_year(12 + 52 - 3));  // three firsts are Mondays
    CHECK(runs_per_week("0 0 13 * 5", "2026-01-01T00:00:00Z", DayMatch::both) == in_a_year(3));
}

TEST_CASE("a rate is said in the unit in which it is one at least") {
    const auto said = [](const char* text) { return rate_words(runs_per_week(text)); };
    CHECK(said("@weekly") == "about 1 run a week");
    CHECK(said("@daily") == "about 7 runs a week");
    CHECK(said("0 9 * * 1-5") == "about 5 runs a week");
    CHECK(said("every 5 hours") == "about 34 runs a week");
    CHECK(said("* * * * * *") == "about 604800 runs a week");
    CHECK(said("every 2 weeks") == "about 2.2 runs a month");
    CHECK(said("@monthly") == "about 1 run a month");
    CHECK(said("0 0 1 */3 *") == "about 4 runs a year");
    CHECK(said("@yearly") == "about 1 run a year");
    CHECK(said("0 0 29 2 *") == "about 1 run in 4 years");
    CHECK(said("@reboot").empty());
}

TEST_CASE("expressions that meet are one run") {
    CHECK(runs_per_week("0 9 * * * ; 0 9,18 * * *") == doctest::Approx(14));
    CHECK(runs_per_week("@hourly ; */20 * * * *") == doctest::Approx(7 * 24 * 3));
}

}  // namespace cjv::schedule
