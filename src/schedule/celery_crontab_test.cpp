// Celery's own answers, tests/golden/celery: what we mean by the same text, in `both` mode.

#include "base/iso8601.h"
#include "base/json.h"
#include "schedule/cron.h"
#include "schedule/schedule.h"
#include "support/zones.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cjv::schedule {
namespace {

using Names = std::set<std::string>;

std::vector<json::Value> vectors_of(const std::string& name, std::string_view version) {
    std::ifstream file(CJV_GOLDEN "/celery/" + name);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    return json::parse(text).value().find("vectors")->find(version)->items();
}

std::string text(const json::Value& line, std::string_view key) {
    return std::string(line.find(key)->as_string().value());
}

// The expression with that field and stars, and the set that we read of it.
std::optional<std::uint64_t> set_of(const std::string& field, const std::string& spec) {
    const auto with = [&](const char* before, const char* behind) {
        return Cron::parse(before + spec + behind, DayMatch::both);
    };
    if (field == "minute") {
        const auto cron = with("", " * * * *");
        return cron ? std::optional(cron->times().minute_set()) : std::nullopt;
    }
    if (field == "hour") {
        const auto cron = with("* ", " * * *");
        return cron ? std::optional(std::uint64_t{cron->times().hour_set()}) : std::nullopt;
    }
    if (field == "day_of_month") {
        const auto cron = with("* * ", " * *");
        return cron ? std::optional(std::uint64_t{cron->days().rule().days} << 1) : std::nullopt;
    }
    if (field == "month_of_year") {
        const auto cron = with("* * * ", " *");
        return cron ? std::optional(std::uint64_t{cron->days().rule().months} << 1) : std::nullopt;
    }
    const auto cron = with("* * * * ", "");
    return cron ? std::optional(std::uint64_t{cron->days().rule().weekdays}) : std::nullopt;
}

struct OneSided {
    Names ours, celerys;  // accepted by one alone
};

OneSided compared(std::string_view version) {
    OneSided found;
    const auto lines = vectors_of("crontab_parse.json", version);
    REQUIRE(lines.size() == 96);
    for (const auto& line : lines) {
        const auto field = text(line, "field"), spec = text(line, "spec");
        const auto set = set_of(field, spec);
        const auto result = line.find("result").value();
        const bool celery_accepts = result.kind() == json::Kind::array;
        if (set && !celery_accepts) found.ours.insert(field + " " + spec);
        if (!set && celery_accepts) found.celerys.insert(field + " " + spec);
        if (!set || !celery_accepts) continue;

        CAPTURE(field);
        CAPTURE(spec);
        std::uint64_t expected = 0;
        for (const auto& value : result.items())
            expected |= std::uint64_t{1} << value.as_int64().value();
        CHECK(*set == expected);
    }
    return found;
}

Names with(Names names, const Names& more) {
    names.insert(more.begin(), more.end());
    return names;
}

}  // namespace

TEST_CASE("what we and Celery both read, we read alike; where one refuses is known") {
    // L, W and #, a step from a value on, and Sunday as 7.
    const Names ours = {"day_of_month 15W", "day_of_month L", "day_of_week 1#2",
                        "day_of_week 5L",   "day_of_week 7",  "minute 5/10"};
    // Trailing text, names of which three letters fit, names in foreign fields, digits with lines.
    const Names celerys = {"day_of_week Sundae", "hour sun",   "minute */5-3",
                           "minute 1-5-9",       "minute 1_0", "month_of_year mon"};
    const Names months = {"month_of_year JAN-MAR",  "month_of_year January",
                          "month_of_year dec",      "month_of_year jan",
                          "month_of_year may,jun",  "month_of_year nov-feb",
                          "month_of_year sep-nov/2"};

    const auto old = compared("5.2.6"), current = compared("5.6.3");

    CHECK(old.ours == with(ours, months));  // it had no names of months
    CHECK(old.celerys == celerys);
    CHECK(current.ours == ours);
    CHECK(current.celerys == with(celerys, {"day_of_week jan", "day_of_week mar", "hour jan"}));
}

TEST_CASE("the next run is Celery's, save where its arithmetic is known to be wrong") {
    // At a change of the clock it counts wall clock times as if there were none, and where the last run lies on
    // another day than now, it passes over the rest of that hour.
    const Names differing = {"Berlin spring gap: 02:30 daily (nonexistent 2026-03-29 02:30)",
                             "Berlin autumn hourly: last run first 02:00",
                             "Berlin autumn every 5 min: last run 02:55 first",
                             "Berlin autumn every 5 min: last run second 02:00",
                             "Berlin autumn every 5 min: last run second 02:10",
                             "now on a later day than last run"};

    for (const auto* version : {"5.2.6", "5.6.3"}) {
        Names found;
        for (const auto& line : vectors_of("crontab_due.json", version)) {
            std::string expression;
            for (const auto* field :
                 {"minute", "hour", "day_of_month", "month_of_year", "day_of_week"})
                expression += (expression.empty() ? "" : " ") + text(line, field);
            CAPTURE(line.raw());
            const auto schedule = Schedule::parse(
                expression, {.type = Type::cron,
                             .day_match = DayMatch::both,
                             .zone = support::system_zones().find(text(line, "tz"))});
            const auto expected = line.find("next_from_last_run_utc");
            if (!schedule || !expected || expected->is_null()) {
                CHECK_FALSE(schedule.has_value());  // a date that never comes stops Celery's beat
                CHECK((!expected || expected->is_null()));
                continue;
            }
            const auto next = schedule->next_after(*parse_iso8601(text(line, "last_run_at")));
            if (next != parse_iso8601(std::string(*expected->as_string())))
                found.insert(text(line, "note"));
        }
        CHECK(found == differing);
    }
}

}  // namespace cjv::schedule
