#include "schedule/format.h"

#include "base/json.h"

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

}  // namespace cjv::schedule
