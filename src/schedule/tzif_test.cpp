#include "schedule/tzif.h"

#include "schedule/civil.h"
#include "schedule/posix_rule.h"
#include "support/zones.h"

#include <doctest/doctest.h>

#include <string>

namespace cjv::schedule {
namespace {

using namespace std::chrono_literals;
using std::chrono::local_seconds;
using std::chrono::seconds;

local_seconds wall(int year, unsigned month, unsigned day, seconds time) {
    return local_seconds{seconds{days_from_civil(year, month, day) * kDaySeconds} + time};
}

std::string bytes_of(std::string_view zone) {
    auto bytes = support::zone_file(zone);
    REQUIRE(bytes);
    return *bytes;
}

}  // namespace

TEST_CASE("a footer's rule is read with its names, offsets, days and times") {
    const auto berlin = parse_posix_rule("CET-1CEST,M3.5.0,M10.5.0/3").value();
    CHECK(berlin.standard == 1h);
    CHECK(berlin.summer->offset == 2h);
    CHECK(berlin.summer->begins.in(2026) == wall(2026, 3, 29, 2h));
    CHECK(berlin.summer->ends.in(2026) == wall(2026, 10, 25, 3h));

    const auto godthab = parse_posix_rule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0").value();
    CHECK(godthab.standard == -2h);
    CHECK(godthab.summer->begins.in(2026) == wall(2026, 3, 28, 23h));

    const auto kathmandu = parse_posix_rule("<+0545>-5:45").value();
    CHECK(kathmandu.standard == 5h + 45min);
    CHECK_FALSE(kathmandu.summer);
}

TEST_CASE("a Julian day never means 29 February, a day of the year may") {
    const auto rule = parse_posix_rule("AAA3BBB2,J60/1,59/25").value();

    CHECK(rule.summer->begins.in(2024) == wall(2024, 3, 1, 1h));
    CHECK(rule.summer->begins.in(2025) == wall(2025, 3, 1, 1h));
    CHECK(rule.summer->ends.in(2024) == wall(2024, 2, 29, 25h));
    CHECK(rule.summer->ends.in(2025) == wall(2025, 3, 1, 25h));
}

TEST_CASE("a text that is no rule is not taken for one") {
    for (const auto* text :
         {"", "CE-1", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
          "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/168", "CET-1CEST,M3.5.0,M10.5.0,",
          "<+01-1", "CET-25", "CET-1CEST,J0,J2"})
        CHECK_FALSE_MESSAGE(parse_posix_rule(text), text);
}

TEST_CASE("every zone file of this machine is understood") {
    for (const auto* name : {"Europe/Berlin", "America/New_York", "Africa/Casablanca", "Asia/Tokyo",
                             "Pacific/Apia", "Europe/Dublin", "America/Nuuk", "Etc/GMT+12", "UTC"})
        CHECK_MESSAGE(read_tzif(bytes_of(name)), name);
}

TEST_CASE("summer time all year is one offset") {
    std::string bytes = bytes_of("Etc/UTC");
    bytes.resize(bytes.rfind('\n', bytes.size() - 2));
    bytes += "\nXXX3EDT4,0/0,J365/23\n";

    const auto history = read_tzif(bytes).value();

    REQUIRE(history.changes.size() == 1);
    CHECK(history.changes[0].offset == -4h);
}

TEST_CASE("bytes that are no zone file are refused and named") {
    const auto error = [](std::string_view bytes) {
        auto history = read_tzif(bytes);
        REQUIRE_FALSE(history);
        CHECK(history.error().code == Errc::corrupt);
        return history.error().what;
    };
    auto berlin = bytes_of("Europe/Berlin");
    CHECK(error("") == "zone file: not TZif of version 2 or later");
    CHECK(error("# tzdata\n") == "zone file: not TZif of version 2 or later");
    CHECK(error(berlin.substr(0, berlin.size() - 1)) == "zone file: without its footer");
    CHECK(error(berlin.substr(0, berlin.size() - 100)) == "zone file: cut short");

    auto old = berlin;
    old[4] = '\0';
    CHECK(error(old) == "zone file: not TZif of version 2 or later");
}

TEST_CASE("a zone file cut anywhere is refused, not read beyond its end") {
    const auto berlin = bytes_of("Europe/Berlin");
    for (std::size_t size = 0; size < berlin.size(); ++size)
        CHECK_FALSE(read_tzif(std::string_view(berlin).substr(0, size)));
}

TEST_CASE("a name cannot lead out of the folder of zones") {
    CHECK(is_zone_name("Europe/Berlin"));
    CHECK(is_zone_name("America/Argentina/Buenos_Aires"));
    CHECK(is_zone_name("Etc/GMT+3"));
    for (const auto* name : {"", "/etc/passwd", "../x", "Europe/../x", "Europe//Berlin", "Europe/",
                             "a.b", "Europe/Berlin\n", "C:\\x"})
        CHECK_FALSE_MESSAGE(is_zone_name(name), name);
}

TEST_CASE("a zone is read once, and an unknown one is nothing") {
    int reads = 0;
    const Zones zones([&](std::string_view name) {
        ++reads;
        return support::zone_file(name);
    });

    CHECK(zones.find("Europe/Berlin") == zones.find("Europe/Berlin"));
    CHECK(zones.find("Europe/Atlantis") == nullptr);
    CHECK(zones.find("zone.tab") == nullptr);
    CHECK(zones.find("UTC")->is_utc());
    CHECK(reads == 2);
    CHECK(Zones().find("Europe/Berlin") == nullptr);
}

}  // namespace cjv::schedule
