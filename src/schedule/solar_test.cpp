#include "base/iso8601.h"
#include "schedule/schedule.h"

#include <doctest/doctest.h>

namespace cjv::schedule {
namespace {

Schedule solar(const char* text) {
    auto schedule = Schedule::parse(text, {});
    REQUIRE_MESSAGE(schedule.has_value(), text);
    return *schedule;
}

std::string refused(const char* text) {
    return sentence(Schedule::parse(text, {.type = Type::solar}).error());
}

}  // namespace

TEST_CASE("minutes move an event") {
    const auto from = *parse_iso8601("2026-06-21T12:00:00Z");
    const auto sunset = solar("sunset 52.52 13.405").next_after(from).value();

    CHECK(solar("sunset 52.52 13.405 -30").next_after(from) == sunset - std::chrono::minutes{30});
    CHECK(solar("SUNSET 52.52 13.405 +45").next_after(from) == sunset + std::chrono::minutes{45});
    CHECK(solar("sunset 52.52 13.405 +45").type() == Type::solar);
}

TEST_CASE("an event comes each day, strictly after the last one") {
    const auto sunrise = solar("sunrise -33.87 151.21");
    auto at = *parse_iso8601("2026-01-01");
    for (int day = 0; day < 400; ++day) {
        const auto next = sunrise.next_after(at).value();

        CHECK(next > at);
        CHECK(next - at < std::chrono::hours{25});
        at = next;
    }
}

TEST_CASE("solar schedules are told in words") {
    CHECK(solar("dawn_civil 52.52 13.405 -30").words() ==
          "30 minutes before civil dawn at 52.52, 13.405");
    CHECK(solar("solar_noon -0.5 0").words() == "At solar noon at -0.5, 0");
}

TEST_CASE("what is no solar event of this world is refused") {
    CHECK(refused("moonrise 1 2").starts_with("column 1: unknown solar event 'moonrise'"));
    CHECK(refused("sunset 91 2").starts_with("column 8: latitude '91' is no number from -90"));
    CHECK(refused("sunset 1 181").starts_with("column 10: longitude"));
    CHECK(refused("sunset 1 2 30").starts_with("column 12: '30' is no number of minutes"));
    CHECK(refused("sunset 1").starts_with("an event needs a latitude and a longitude"));
    CHECK(refused("sunset 90 0").starts_with("this place never has a sunset"));
}

}  // namespace cjv::schedule
