#include "schedule/schedule.h"

#include "base/iso8601.h"
#include "support/zones.h"

#include <doctest/doctest.h>

#include <string>

namespace cjv::schedule {
namespace {

const Instant kSpring = *parse_iso8601("2026-03-27T12:00:00Z");

Schedule parsed(const char* text, const char* zone = "UTC") {
    auto schedule = Schedule::parse(
        text,
        {.type = {}, .hash_key = "", .anchor = {}, .zone = support::system_zones().find(zone)});
    REQUIRE(schedule);
    return *std::move(schedule);
}

std::string warned(const char* text, const char* zone) {
    std::string found;
    for (const Warning& warning : parsed(text, zone).warnings(kSpring))
        found += warning.code + ": " + warning.message + "\n";
    return found;
}

}  // namespace

TEST_CASE("a fixed time that the clock skips or repeats is told with its dates") {
    CHECK(warned("30 2 * * *", "Europe/Berlin") ==
          "gap: The clock skips this time on 2026-03-29; the run starts right after the change.\n"
          "fold: This time comes twice on 2026-10-25; the run starts in the first pass alone.\n");
}

TEST_CASE("what no change of the clock touches is not warned of") {
    CHECK(warned("0 9 * * 1-5", "Europe/Berlin") == "");
    CHECK(warned("30 2 * * *", "UTC") == "");
    CHECK(warned("*/30 * * * *", "Europe/Berlin") == "");
    CHECK(warned("every 6 hours", "Europe/Berlin") == "");
}

TEST_CASE("runs a week are those of a year, however dense they are") {
    CHECK(parsed("0 9 * * 1-5").runs_per_week(kSpring) == doctest::Approx(5));
    CHECK(parsed("*/15 9-17 * * 1-5").runs_per_week(kSpring) == doctest::Approx(180));
    CHECK(parsed("* * * * *").runs_per_week(kSpring) == doctest::Approx(10'080));
    CHECK(parsed("every 1 second").runs_per_week(kSpring) == doctest::Approx(604'800));
    CHECK(parsed("0 0 1 1 *").runs_per_week(kSpring) == doctest::Approx(1.0 / 52));
    CHECK(parsed("").runs_per_week(kSpring) == 0);
}

}  // namespace cjv::schedule
