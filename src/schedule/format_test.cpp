#include "schedule/format.h"

#include "base/iso8601.h"
#include "base/json.h"
#include "schedule/schedule.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

namespace cjv::schedule {
namespace {

std::string formatted(std::string_view text, DayMatch match = DayMatch::either) {
    return format(Cron::parse(text, match, "a job").value());
}

bool same(const Cron& a, const Cron& b) {
    const auto& x = a.days().rule();
    const auto& y = b.days().rule();
    return a.times().second_set() == b.times().second_set() &&
           a.times().minute_set() == b.times().minute_set() &&
           a.times().hour_set() == b.times().hour_set() && a.wildcard() == b.wildcard() &&
           x.days == y.days && x.before_last == y.before_last && x.workday_near == y.workday_near &&
           x.workday_before == y.workday_before && x.nth_weekdays == y.nth_weekdays &&
           x.weekdays == y.weekdays && x.last_weekdays == y.last_weekdays && x.months == y.months &&
           x.both == y.both;
}

}  // namespace

TEST_CASE("an expression is written in one way") {
    CHECK(formatted("@weekly") == "0 0 * * 0");
    CHECK(formatted("00 09 ? JAN-MAR mon-fri") == "0 9 * 1-3 1-5");
    CHECK(formatted("0 5 4 * * *") == "5 4 * * *");
    CHECK(formatted("*/15 * * * *") == "0,15,30,45 * * * *");
    CHECK(formatted("*/15 9 * * *") == "*/15 9 * * *");
    CHECK(formatted("0-59/15 9 * * *") == "0,15,30,45 9 * * *");
    CHECK(formatted("0 0 1-31 * 1-5") == "0 0 1-31 * 1-5");
    CHECK(formatted("0 0 LW,L-3 * FRI#2,SUNL") == "0 0 L-3,LW * 5#2,0L");
}

TEST_CASE("what is written parses to the same, for every vector") {
    std::ifstream file(CJV_GOLDEN "/cron/cron-visible.jsonl");
    int count = 0;
    for (std::string line; std::getline(file, line); ++count) {
        const auto vector = json::parse(line).value();
        const auto expression = std::string(*vector.find("expr")->as_string());
        const auto match = day_match_from(*vector.find("day_match")->as_string()).value();
        const auto key = vector.find("hash_key");
        const auto cron =
            Cron::parse(expression, match, key ? *key->as_string() : std::string_view{}).value();
        const auto text = format(cron);
        CAPTURE(expression);
        CAPTURE(text);
        const auto again = Cron::parse(text, match);

        REQUIRE(again.has_value());
        CHECK(same(cron, *again));
        CHECK(format(*again) == text);
    }
    CHECK(count == 1'538);
}

TEST_CASE("every kind of schedule is written in one way") {
    const auto written = [](std::string_view text) {
        return Schedule::parse(text, {}).value().text();
    };
    CHECK(written("") == "");
    CHECK(written("@reboot") == "@reboot");
    CHECK(written("every 5400 seconds") == "every 90 minutes");
    CHECK(written("every day") == "every 1 day");
    CHECK(written("every 1h30m") == "every 90 minutes");
    CHECK(written("at 2027-01-31T09:00+01:00") == "at 2027-01-31T08:00:00Z");
    CHECK(written("sunset 52.52 13.405 -30") == "sunset 52.52 13.405 -30");
    CHECK(written("sunrise -0.1 0 +5") == "sunrise -0.1 0 +5");
    CHECK(written("0 9 * * MON ; 0 17 * * *") == "0 9 * * 1 ; 0 17 * * *");
    CHECK(written("every weekday at 9:30") == "30 9 * * 1-5");
}

TEST_CASE("what is written of intervals and of the sun has the same slots, for every vector") {
    int count = 0;
    const auto holds = [&](const std::string& text, const json::Value& vector) {
        const auto instant = [&](const char* name) {
            const auto at = vector.find(name);
            return at ? parse_iso8601(*at->as_string()).value() : Instant{};
        };
        const Options options{.type = vector.find("event") ? Type::solar : Type::interval,
                              .anchor = instant("anchor")};
        const auto schedule = Schedule::parse(text, options).value();
        const auto again = Schedule::parse(schedule.text(), options).value();
        CAPTURE(text);
        CHECK(again.text() == schedule.text());
        auto slot = std::optional(instant("from"));
        for (int i = 0; i < 5 && slot; ++i) {
            const auto next = schedule.next_after(*slot);
            CHECK(again.next_after(*slot) == next);
            slot = next;
        }
        ++count;
    };
    std::ifstream intervals(CJV_GOLDEN "/cron/interval-visible.jsonl");
    for (std::string line; std::getline(intervals, line);) {
        const auto vector = json::parse(line).value();
        if (vector.find("next")) holds(std::string(*vector.find("text")->as_string()), vector);
    }
    std::ifstream solar(CJV_GOLDEN "/cron/solar-visible.jsonl");
    for (std::string line; std::getline(solar, line);) {
        const auto vector = json::parse(line).value();
        holds(std::string(*vector.find("event")->as_string()) + " " +
                  std::string(vector.find("lat")->raw()) + " " +
                  std::string(vector.find("lon")->raw()),
              vector);
    }
    CHECK(count > 100);
}

}  // namespace cjv::schedule
