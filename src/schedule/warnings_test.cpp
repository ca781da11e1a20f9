#include "base/iso8601.h"
#include "schedule/schedule.h"
#include "support/zones.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace cjv::schedule {
namespace {

struct Question {
    const char* zone = "UTC";
    const char* from = "2026-01-15T12:00:00Z";
    DayMatch match = DayMatch::either;
    Instant anchor = {};
    Window window = {};
};

std::vector<Warning> warnings(const std::string& text, const Question& asked = {}) {
    const auto schedule = Schedule::parse(text, {.day_match = asked.match,
                                                 .anchor = asked.anchor,
                                                 .zone = support::system_zones().find(asked.zone),
                                                 .window = asked.window});
    REQUIRE_MESSAGE(schedule.has_value(), text);
    return schedule->warnings(*parse_iso8601(asked.from), text);
}

// "gap fold"
std::string codes(const std::string& text, const Question& asked = {}) {
    std::string codes;
    for (const auto& warning : warnings(text, asked))
        codes += (codes.empty() ? "" : " ") + warning.code;
    return codes;
}

Warning warning(const char* code, const std::string& text, const Question& asked = {}) {
    const auto found = warnings(text, asked);
    const auto at = std::ranges::find(found, code, &Warning::code);
    REQUIRE_MESSAGE(at != found.end(), text << " has no warning " << code);
    return *at;
}

// The warning's text; "strong" and what it suggests, in brackets.
std::string told(const char* code, const std::string& text, const Question& asked = {}) {
    const auto found = warning(code, text, asked);
    std::string told = found.message;
    if (found.strong) told += " (strong)";
    if (!found.suggest) return told;
    told += " [" + found.suggest->schedule;
    if (found.suggest->type) told += ", " + std::string(to_text(*found.suggest->type));
    if (found.suggest->day_match) told += ", " + std::string(to_text(*found.suggest->day_match));
    return told + "]";
}

const Question kBerlin{.zone = "Europe/Berlin"};

}  // namespace

TEST_CASE("a plain schedule is warned of nothing") {
    for (const char* text : {"0 9 * * 1-5",    "* * * * *",       "*/15 * * * *",
                             "0 */2 * * *",    "*/5 9-17 * * *",  "5/15 * * * *",
                             "* 9-17 * * 1-5", "* 22-2 * * *",    "0 0 1,15 * *",
                             "0 0 L * *",      "0 0 * * MON#1",   "@daily",
                             "H H * * *",      "every 5 minutes", "every 1h30m",
                             "* * * * 1-5",    "10-40/7 * * * *", "0 0 28-31 * *",
                             "0 9 ? * MON",    "0 0 31 1,3 *",    ""})
        CHECK_MESSAGE(codes(text) == "", text);
}

TEST_CASE("a fixed time that the clock skips or repeats is told with its dates") {
    CHECK(told("gap", "30 2 * * *", kBerlin) ==
          "The clock skips this time on 2026-03-29; the run starts right after the change.");
    CHECK(told("fold", "30 2 * * *", kBerlin) ==
          "This time comes twice on 2026-10-25; the run starts in the first pass alone.");
    CHECK(codes("30 2 * * *", kBerlin) == "gap fold");
}

TEST_CASE("what no change of the clock touches is not warned of") {
    CHECK(codes("0 9 * * 1-5", kBerlin) == "");
    CHECK(codes("30 2 * * *") == "");
    CHECK(codes("30 2 * * 1-5", kBerlin) == "");  // clocks change on Sundays
    CHECK(codes("*/30 * * * *", kBerlin) == "");  // follows the clock all day
    CHECK(codes("@hourly", kBerlin) == "");
    CHECK(codes("*/10 9-17 * * *", kBerlin) == "");
}

TEST_CASE("a jump of three hours or more loses the run, and that is told") {
    const Question apia{.zone = "Pacific/Apia", .from = "2011-12-01T00:00:00Z"};

    CHECK(told("gap", "0 9 30 12 *", apia) ==
          "The clock skips this time on 2011-12-30, and there is no run.");
}

TEST_CASE("a schedule that follows the clock within some hours loses and doubles runs") {
    for (const char* text : {"*/30 2 * * *", "0 */2 * * *", "*/10 2,14 * * *", "0 0 */2 * * *"})
        CHECK_MESSAGE(
            told("hour-step-dst", text, kBerlin) ==
                "This follows the clock as it is: runs are lost on 2026-03-29 and doubled on "
                "2026-10-25, when the clock changes.",
            text);
    CHECK(codes("0 */2 * * *", kBerlin) == "hour-step-dst");
    CHECK(codes("0 */2 * * *") == "");
}

TEST_CASE("a change by half an hour loses and doubles runs of every hour") {
    const Question lord_howe{.zone = "Australia/Lord_Howe", .from = "2027-01-01T00:00:00Z"};

    CHECK(told("hour-step-dst", "0 * * * *", lord_howe) ==
          "This follows the clock as it is: runs are lost on 2027-10-03, when the clock changes.");
    CHECK(told("hour-step-dst", "45 * * * *", lord_howe) ==
          "This follows the clock as it is: runs are doubled on 2027-04-04, when the clock "
          "changes.");
    CHECK(told("hour-step-dst", "*/20 * * * *", lord_howe)
              .find("lost on 2027-10-03 and doubled on 2027-04-04") != std::string::npos);
    for (const char* text : {"*/30 * * * *", "*/10 * * * *", "5,35 * * * *", "* * * * *"})
        CHECK_MESSAGE(codes(text, lord_howe) == "", text);
    CHECK(codes("0 * * * *", {.zone = "Australia/Sydney"}) == "");
}

TEST_CASE("steps of fixed hours are uneven when the clock changes") {
    CHECK(told("hour-step-dst", "0 0-23/2 * * *", kBerlin) ==
          "The hours between runs are those of the wall clock: they are fewer or more on "
          "2026-03-29 and 2026-10-25, when the clock changes.");
    CHECK(codes("0 0-23/2 * * *", kBerlin) == "gap fold hour-step-dst");
    CHECK(codes("0 1-23/2 * * *", kBerlin) == "");
}

TEST_CASE("a step past the end of its field is one value, and no step") {
    CHECK(told("step-larger", "*/90 * * * *") ==
          "'*/90' is minute 0 alone: the step leads past the end of the minute field. (strong) "
          "[every 90 minutes, interval]");
    CHECK(told("step-larger", "0 */36 * * *").ends_with("(strong) [every 36 hours, interval]"));
    CHECK(told("step-larger", "*/60 * * * *").ends_with("field. [0 * * * *]"));
    CHECK(told("step-larger", "0 */24 * * *").ends_with("field. [0 0 * * *]"));
    CHECK(told("step-larger", "30 */36 * * *").ends_with("field. (strong)"));
    CHECK(told("step-larger", "0,10-20/30 9 * * *").ends_with("field. (strong)"));
    CHECK(told("step-larger", "0 0 1 */18 *").ends_with("field. (strong)"));
}

TEST_CASE("a step that does not divide its field is uneven where the field ends") {
    CHECK(told("uneven-step", "*/7 * * * *") ==
          "'*/7' is uneven: after minute 56 comes minute 0, 4 minutes later. "
          "[every 7 minutes, interval]");
    CHECK(told("uneven-step", "0 */5 * * *").ends_with("[every 5 hours, interval]"));
    CHECK(told("uneven-step", "*/7 9-17 * * *").ends_with("4 minutes later."));
    CHECK(told("uneven-step", "0 0 */2 * *") ==
          "'*/2' is uneven: after day 31 comes day 1 of the next month. [every 2 days, interval]");
    CHECK(told("uneven-step", "0 0 * * */2") ==
          "'*/2' is uneven: after weekday 6 comes weekday 0, 1 day later.");
    CHECK(told("uneven-step", "20/15 * * * *").ends_with("30 minutes later."));
    CHECK(codes("*/7,3 * * * *") == "");
}

TEST_CASE("a star that was left in a finer field makes many runs of one") {
    CHECK(told("star-in-finer-field", "* 16 * * *") ==
          "A star is left in a finer field: that is 60 runs from 16:00 to 16:59. (strong) "
          "[0 16 * * *]");
    CHECK(told("star-in-finer-field", "* */15 * * * *") ==
          "A star is left in a finer field: that is 60 runs from 00:00:00 to 00:00:59. (strong) "
          "[0 */15 * * * *]");
    CHECK(told("star-in-finer-field", "* */2 * * *").ends_with("[0 */2 * * *]"));
    CHECK(told("star-in-finer-field", "* 9-12,20 * * *").find("from 20:00 to 20:59") !=
          std::string::npos);
    CHECK(told("star-in-finer-field", "* * 9 * * *") ==
          "A star is left in a finer field: that is 3600 runs from 09:00:00 to 09:59:59. (strong) "
          "[0 0 9 * * *]");
    CHECK(told("star-in-finer-field", "* * 13 * *") ==
          "A star is left in a finer field: that is 1440 runs on each of its days. (strong) "
          "[0 0 13 * *]");
}

TEST_CASE("runs that a star makes of one are counted with the steps and lists beside it") {
    CHECK(told("star-in-finer-field", "*/10 * 16 * * *") ==
          "A star is left in a finer field: that is 360 runs from 16:00:00 to 16:59:50. (strong) "
          "[*/10 0 16 * * *]");
    CHECK(
        told("star-in-finer-field", "0,30 * 16 * * *").find("120 runs from 16:00:00 to 16:59:30") !=
        std::string::npos);
    CHECK(told("star-in-finer-field", "30 * 16 * * *").find("60 runs from 16:00:30 to 16:59:30") !=
          std::string::npos);
    CHECK(told("star-in-finer-field", "0 * 16 * * *").find("60 runs from 16:00 to 16:59.") !=
          std::string::npos);
    CHECK(told("star-in-finer-field", "* * * 13 * *").find("86400 runs on each") !=
          std::string::npos);
}

TEST_CASE("two restricted day fields are told apart from what people mean by them") {
    CHECK(told("day-or-weekday", "0 9 1-7 * 1") ==
          "Two day fields are restricted, and one is enough: this runs on the days 1-7 OR on the "
          "weekdays 1. [0 9 * * MON#1]");
    CHECK(told("day-or-weekday", "0 9 8-14 * TUE").ends_with("[0 9 * * TUE#2]"));
    CHECK(told("day-or-weekday", "0 9 13 * 5").ends_with("weekdays 5."));
    CHECK(told("day-or-weekday", "0 0 9 13 * 5").ends_with("[0 0 9 13 * 5, both]"));
    CHECK(told("day-or-weekday", "0 0 9 LW * 0").ends_with("weekdays 0."));  // both never match
    CHECK(codes("0 9 13 * 5", {.match = DayMatch::both}) == "");
}

TEST_CASE("a step from a star in a day field makes the two fields one condition") {
    CHECK(told("star-step-and", "0 0 */2 * 1") ==
          "A day must match both day fields, because '*/2' begins with a star.");
    CHECK(codes("0 0 */2 * 1", {.match = DayMatch::both}) == "uneven-step");
}

TEST_CASE("days that some months lack are told with the months") {
    CHECK(told("day-29-31", "0 0 31 * *") ==
          "Not every month has day 31: there is no run in February, April, June, September and "
          "November. [0 0 L * *]");
    CHECK(told("day-29-31", "0 0 29 * *") ==
          "Not every month has day 29: there is no run in February, save in leap years.");
    CHECK(told("day-29-31", "0 0 15,30 * *") == "Not every month has day 30: February lacks it.");
    CHECK(told("day-29-31", "0 0 30 * *") ==
          "Not every month has day 30: there is no run in February.");
    CHECK(told("day-29-31", "0 0 31W 4,5 *") ==
          "Not every month has day 31: there is no run in April.");
    CHECK(told("day-29-31", "0 0 29 2 *") == "29 February comes in leap years alone.");
}

TEST_CASE("a month that lacks a day and runs on others is not said to have no run") {
    CHECK(told("day-29-31", "0 0 1,15,31 * *") ==
          "Not every month has day 31: February, April, June, September and November lack it.");
    CHECK(told("day-29-31", "0 9 29-31 * MON") ==
          "Not every month has day 29, 30 or 31: February lacks them, save in leap years.");
    CHECK(told("day-29-31", "0 0 30,31 4,5 *") == "Not every month has day 31: April lacks it.");
    CHECK(told("day-29-31", "0 0 1,30 2 *") == "Not every month has day 30: February lacks it.");
    CHECK(told("day-29-31", "0 0 31,L-29 * *") ==
          "Not every month has day 31: April, June, September and November lack it, and there is "
          "no run in February.");
    CHECK(told("day-29-31", "0 0 31 * MON", {.match = DayMatch::both}) ==
          "Not every month has day 31: there is no run in February, April, June, September and "
          "November. [0 0 L * MON]");
    // A February of leap years alone has a fifth Monday.
    CHECK(told("day-29-31", "0 0 29 * MON#5") ==
          "Not every month has day 29: there is no run in February, save in leap years.");
    CHECK(told("day-29-31", "0 0 30 * MON#5") == "Not every month has day 30: February lacks it.");
}

TEST_CASE("weekdays beside a question mark may be Quartz's") {
    CHECK(told("quartz-digits", "0 0 9 ? * 2-6") ==
          "Here weekday 1 is Monday. Where '?' is usual (Quartz, EventBridge), 1 is Sunday. "
          "(strong) [0 0 9 ? * MON-FRI]");
    CHECK(told("quartz-digits", "0 0 9 ? * 6#3").ends_with("[0 0 9 ? * FRI#3]"));
    CHECK(told("quartz-digits", "0 0 9 ? * 0").ends_with("(strong)"));
    CHECK(codes("0 0 9 ? * MON-FRI") == "seconds-first");
}

TEST_CASE("a digit beside a question mark that is no weekday is none of Quartz's") {
    for (const char* text : {"0 0 9 ? * MON#2", "0 0 9 ? * MON-FRI/2", "0 0 9 ? * */2",
                             "0 0 9 ? * FRIL", "0 0 9 ? * H(1-5)"})
        CHECK_MESSAGE(codes(text).find("quartz-digits") == std::string::npos, text);
    CHECK(codes("0 0 9 ? * MON/10") == "step-larger seconds-first");
    // Who takes the suggestion is asked no more.
    CHECK(told("quartz-digits", "0 0 9 ? * 2#1").ends_with("[0 0 9 ? * MON#1]"));
    CHECK(codes("0 0 9 ? * MON#1") == "seconds-first");
    CHECK(told("quartz-digits", "0 0 9 ? * MON,7").ends_with("[0 0 9 ? * MON,SAT]"));
}

TEST_CASE("six fields are told to begin with the second") {
    CHECK(told("seconds-first", "0 30 9 * * *") == "Six fields: the first one is the second.");
}

TEST_CASE("an interval counts elapsed time, whatever the wall clock shows") {
    CHECK(told("anchor-dst", "every 6 hours",
               {.zone = "Europe/Berlin", .anchor = *parse_iso8601("2026-01-14T23:00:00Z")}) ==
          "Elapsed time does not follow the wall clock: from 2026-03-29 on, the run at 06:00 comes "
          "at 07:00. [0 */6 * * *, cron]");
    CHECK(told("anchor-dst", "every day",
               {.zone = "Europe/Berlin", .anchor = *parse_iso8601("2026-01-14T08:30:00Z")})
              .ends_with("[30 9 * * *, cron]"));
    CHECK(told("anchor-dst", "every week",
               {.zone = "Europe/Berlin", .anchor = *parse_iso8601("2026-01-14T08:30:00Z")})
              .ends_with("[30 9 * * 3, cron]"));
    CHECK(codes("every 1 hour", kBerlin) == "");
    CHECK(codes("every 10 minutes", kBerlin) == "");
    CHECK(codes("every day",
                {.zone = "Asia/Tokyo", .anchor = *parse_iso8601("2026-01-01T01:00Z")}) == "");
}

TEST_CASE("an anchor at midnight UTC is none of the job's own day") {
    CHECK(told("anchor-utc", "every 2 hours", {.zone = "Asia/Tokyo"}) ==
          "Counts from midnight UTC, which is 09:00 in Asia/Tokyo.");
    CHECK(codes("every 3 hours", {.zone = "Asia/Tokyo"}) == "");
}

TEST_CASE("midnight UTC is told by the clock of the coming runs, not by that of 1970") {
    // London was an hour ahead in the winter of 1970, Kathmandu five and a half.
    CHECK(codes("every day", {.zone = "Europe/London"}) == "anchor-dst");
    CHECK(told("anchor-utc", "every day",
               {.zone = "Europe/London", .from = "2026-07-01T12:00:00Z"}) ==
          "Counts from midnight UTC, which is 01:00 in Europe/London.");
    CHECK(told("anchor-utc", "every 30 minutes", {.zone = "Asia/Kathmandu"}) ==
          "Counts from midnight UTC, which is 05:45 in Asia/Kathmandu.");
    CHECK(codes("every 15 minutes", {.zone = "Asia/Kathmandu"}) == "");
}

TEST_CASE("a day of the job's own that begins with UTC's is told to move, and no more") {
    CHECK(codes("every day", {.zone = "Europe/London",
                              .from = "2026-07-01T12:00:00Z",
                              .anchor = *parse_iso8601("2026-01-15T00:00:00Z")}) == "anchor-dst");
    CHECK(codes("every day", {.zone = "Europe/London",
                              .from = "2026-01-15T12:00:00Z",
                              .anchor = *parse_iso8601("2026-06-15T00:00:00Z")}) ==
          "anchor-utc anchor-dst");
}

TEST_CASE("runs of every few seconds are dense") {
    CHECK(told("dense", "every 5 seconds") == "This runs 120960 times a week.");
    CHECK(codes("* * * * * *") == "seconds-first dense");
}

TEST_CASE("expressions that meet are told where they meet first") {
    CHECK(told("same-instant", "0 9 * * * ; 0 9,18 * * MON", kBerlin) ==
          "Two of the expressions meet, on 2026-01-19 at 09:00 first; that is one run.");
    CHECK(codes("0 9 * * * ; 0 18 * * *") == "");
}

TEST_CASE("a suggestion in a list leaves the other expressions alone") {
    CHECK(told("star-in-finer-field", "0 9 * * * ; * 16 * * *")
              .ends_with("[0 9 * * * ; 0 16 * * *]"));
}

TEST_CASE("runs that take longer than the time between two slots are told to meet") {
    const auto overlap = [](const std::string& text, std::chrono::seconds run, const char* zone) {
        const auto schedule =
            Schedule::parse(text, {.zone = support::system_zones().find(zone)}).value();
        const auto found = schedule.overlap_warning(*parse_iso8601("2026-03-01T00:00:00Z"), run);
        if (found) CHECK(found->code == "overlaps-itself");
        return found ? found->message : "";
    };
    using namespace std::chrono_literals;

    CHECK(
        overlap("*/5 * * * *", 12min, "UTC") ==
        "Its runs take 12m on average, and a slot may come 5m after the one before it: they meet.");
    CHECK(overlap("*/5 * * * *", 5min, "UTC").empty());
    CHECK(overlap("*/5 * * * *", 5min + 1s, "UTC").find("5m1s") != std::string::npos);
    CHECK(overlap("0 9,10 * * 1", 90min, "UTC").find("1h after") != std::string::npos);
    // The day on which the clock goes forward has 23 hours.
    CHECK(overlap("0 9 * * *", 23h + 30min, "Europe/Berlin").find("23h after") !=
          std::string::npos);
    CHECK(overlap("0 9 * * *", 23h + 30min, "UTC").empty());
    CHECK(overlap("at 2027-01-01T00:00Z", 100h, "UTC").empty());
    CHECK(overlap("", 100h, "UTC").empty());
}

TEST_CASE("changes of the clock are told as far as the window goes, from its start on") {
    const auto in = [](const char* start, const char* end) {
        return Question{.zone = "Europe/Berlin",
                        .window = {*parse_iso8601(start), *parse_iso8601(end)}};
    };
    CHECK(codes("30 2 * * *", in("2026-01-01", "2026-03-01")) == "");
    CHECK(codes("30 2 * * *", in("2026-01-01", "2026-04-01")) == "gap");
    CHECK(codes("30 2 * * *", in("2026-05-01", "2026-12-01")) == "fold");
    CHECK(warning("gap", "30 2 * * *", in("2030-01-01", "2030-12-01")).message ==
          "The clock skips this time on 2030-03-31; the run starts right after the change.");
    // Where the two expressions would meet on a Monday, but not within the window.
    const Question short_week{
        .window = {*parse_iso8601("2026-11-24"), *parse_iso8601("2026-11-30")}};
    CHECK(codes("0 9 * * * ; 0 9 * * MON", short_week) == "");
}

}  // namespace cjv::schedule
