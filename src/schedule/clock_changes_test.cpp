// What a change of the clock has to do with a slot. The warnings that speak of a whole year are
// warnings_test.cpp's.

#include "base/iso8601.h"
#include "schedule/schedule.h"
#include "support/zones.h"

#include <doctest/doctest.h>

#include <string>

namespace cjv::schedule {
namespace {

// The coming slots after `from`, and what is special about each: "03:00 after_gap".
std::string told(const std::string& text, const std::string& zone, const std::string& from,
                 int count, ClockRule clock = {}) {
    const auto found = support::system_zones().find(zone);
    const auto schedule = Schedule::parse(text, {.clock = clock, .zone = found}).value();
    std::string told;
    auto slot = schedule.next_after(*parse_iso8601(from));
    for (int i = 0; i < count && slot; ++i, slot = schedule.next_after(*slot)) {
        const auto wall = to_iso8601(*slot, found->offset_at(*slot));
        const auto change = schedule.clock_change_at(*slot);
        told += (i == 0 ? "" : ", ") + wall.substr(11, 5);
        if (change) told += " " + std::string(to_text(*change));
    }
    return told;
}

}  // namespace

TEST_CASE("a slot says that it stands for times that the clock skips") {
    CHECK(told("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00:00Z", 3) ==
          "02:30, 03:00 after_gap, 02:30");
    CHECK(told("0 3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 1) == "03:00");
    CHECK(told("0 0 3 * * * ; 30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 1) ==
          "03:00 after_gap");
    CHECK(told("0 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z", 1) == "03:00");
    CHECK(told("0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 1, {.gap = Gap::skip}) ==
          "03:00");
    CHECK(told("0 9 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z", 2) == "09:00, 09:00");
}

TEST_CASE("a slot whose wall clock time comes twice says which of the two it is") {
    const std::string from = "2026-10-24T22:30:00Z";
    CHECK(told("30 2 * * *", "Europe/Berlin", from, 2) == "02:30 first_pass, 02:30");
    CHECK(told("30 2 * * *", "Europe/Berlin", from, 2, {.fold = Fold::both}) ==
          "02:30 first_pass, 02:30 second_pass");
    CHECK(told("*/30 1-3 * * *", "Europe/Berlin", from, 7) ==
          "01:00, 01:30, 02:00 first_pass, 02:30 first_pass, 02:00 second_pass, 02:30 second_pass, "
          "03:00");
    CHECK(told("every 30 minutes", "Europe/Berlin", "2026-10-24T23:45:00Z", 5) ==
          "02:00 first_pass, 02:30 first_pass, 02:00 second_pass, 02:30 second_pass, 03:00");
    CHECK(told("at 2026-10-25T02:30", "Europe/Berlin", from, 1) == "02:30 first_pass");
}

TEST_CASE("where the clock never changes there is nothing to say") {
    CHECK(told("30 2 * * *", "UTC", "2026-03-28T12:00:00Z", 2) == "02:30, 02:30");
    CHECK(told("30 2 * * *", "Asia/Kolkata", "2026-03-28T12:00:00Z", 2) == "02:30, 02:30");
    CHECK(told("30 2 * * *", "Europe/Berlin", "1800-03-28T12:00:00Z", 1) == "02:30");
}

}  // namespace cjv::schedule
