#include "base/iso8601.h"
#include "schedule/schedule.h"
#include "support/zones.h"

#include <doctest/doctest.h>

namespace cjv::schedule {
namespace {

Options in(const char* zone) { return {.zone = support::system_zones().find(zone)}; }

std::string at(const char* text, const Options& options = {}) {
    const auto schedule = Schedule::parse(text, options);
    REQUIRE_MESSAGE(schedule.has_value(), text);
    CHECK(schedule->type() == Type::clocked);
    return to_iso8601(schedule->next_after(*parse_iso8601("1999-12-31")).value());
}

}  // namespace

TEST_CASE("a point in time comes once") {
    const auto once = Schedule::parse("at 2027-01-31T09:00:00Z", {}).value();
    const auto slot = *parse_iso8601("2027-01-31T09:00:00Z");

    CHECK(once.next_after(slot - std::chrono::microseconds{1}) == slot);
    CHECK_FALSE(once.next_after(slot));
    CHECK(once.words() == "Once, on 2027-01-31 at 09:00");
}

TEST_CASE("a point in time is an instant, or a time of the zone's clock") {
    CHECK(at("at 2027-01-31T09:00+05:30", in("Europe/Berlin")) == "2027-01-31T03:30:00Z");
    CHECK(at("AT 2027-01-31 09:00:30", in("Europe/Berlin")) == "2027-01-31T08:00:30Z");
    CHECK(at("at 2027-01-31") == "2027-01-31T00:00:00Z");
    CHECK(at("2027-01-31T09:00", {.type = Type::clocked}) == "2027-01-31T09:00:00Z");
}

TEST_CASE("a time that the clock skips is the end of the jump, and of two the first counts") {
    CHECK(at("at 2027-03-28T02:30", in("Europe/Berlin")) == "2027-03-28T01:00:00Z");
    CHECK(at("at 2027-10-31T02:30", in("Europe/Berlin")) == "2027-10-31T00:30:00Z");
}

TEST_CASE("what is no point in time is refused") {
    for (const char* text : {"at", "at 2027-02-30", "at 9 o'clock", "at 2027-01-31T09:00:00.5Z",
                             "at 10000-01-01", "at 2027-01-31T25:00"})
        CHECK_MESSAGE(Schedule::parse(text, {.type = Type::clocked}).error().code == "bad-time",
                      text);
}

}  // namespace cjv::schedule
