#include "schedule/zone.h"

#include "base/iso8601.h"
#include "schedule/cron.h"
#include "support/zones.h"

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace cjv::schedule {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<const Zone> zone(std::string_view name) {
    auto found = support::system_zones().find(name);
    REQUIRE(found);
    return found;
}

Instant at(std::string_view text) { return *parse_iso8601(text); }

using Texts = std::vector<std::string>;

bool matches_at(const Cron& cron, std::chrono::local_seconds wall) {
    const auto day = std::chrono::floor<std::chrono::days>(wall);
    const auto number = static_cast<std::int32_t>(day.time_since_epoch().count());
    return cron.days().at_or_after(number) == number &&
           cron.times().at_or_after(wall - day) == wall - day;
}

// The rule as zone.h words it, minute by minute.
std::vector<std::chrono::sys_seconds> by_minutes(const Cron& cron, const Zone& zone,
                                                 std::chrono::sys_seconds start,
                                                 std::chrono::sys_seconds end) {
    std::vector<std::chrono::sys_seconds> found;
    auto before = zone.offset_at(start);
    std::chrono::local_seconds highest{start.time_since_epoch() + before};
    for (auto t = start; t < end; t += 1min) {
        const auto offset = zone.offset_at(t);
        const std::chrono::local_seconds wall{t.time_since_epoch() + offset};
        bool due = matches_at(cron, wall);
        if (!cron.wildcard()) {
            due = due && wall >= highest;
            if (offset > before && offset - before < 3h)
                for (auto skipped = highest; skipped < wall; skipped += 1min)
                    due = due || matches_at(cron, skipped);
        }
        if (due) found.push_back(t);
        highest = std::max(highest, wall + 1min);
        before = offset;
    }
    return found;
}

std::vector<std::chrono::sys_seconds> by_steps(const Cron& cron, const Zone& zone,
                                               std::chrono::sys_seconds start,
                                               std::chrono::sys_seconds end) {
    std::vector<std::chrono::sys_seconds> found;
    for (auto next = first_at_or_after(cron, zone, start); next && *next < end;
         next = first_at_or_after(cron, zone, *next + 1s))
        found.push_back(*next);
    return found;
}

// The matches from `from` on and before `until`, as the wall clock shows them.
std::vector<std::string> matches(std::string_view expression, std::string_view zone_name,
                                 std::string_view from, std::string_view until) {
    const auto in = zone(zone_name);
    std::vector<std::string> found;
    for (const auto match : by_steps(Cron::parse(expression).value(), *in,
                                     std::chrono::floor<std::chrono::seconds>(at(from)),
                                     std::chrono::floor<std::chrono::seconds>(at(until))))
        found.push_back(to_iso8601(match, in->offset_at(match)));
    return found;
}

}  // namespace

TEST_CASE("the offset changes in the second the law says") {
    const auto berlin = zone("Europe/Berlin");

    CHECK(berlin->offset_at(at("2026-03-29T00:59:59.999999Z")) == 1h);
    CHECK(berlin->offset_at(at("2026-03-29T01:00:00Z")) == 2h);
    CHECK(berlin->offset_at(at("1850-01-01")) == 53min + 28s);
}

TEST_CASE("the footer's rule holds in any year") {
    const auto berlin = zone("Europe/Berlin");

    CHECK(berlin->offset_at(at("2038-07-01")) == 2h);
    CHECK(berlin->offset_at(at("2345-07-01")) == 2h);
    CHECK(berlin->offset_at(at("2345-12-01")) == 1h);
    CHECK(berlin->offset_at(at("9876-07-01")) == 2h);
    CHECK(berlin->offset_at(at("9876-12-01")) == 1h);
    CHECK(zone("Asia/Tokyo")->offset_at(at("9876-07-01")) == 9h);
}

TEST_CASE("a day begins at its midnight, or at what comes first of it") {
    const auto midnight = [](std::string_view name, std::string_view of) {
        const auto in = zone(name);
        const auto begun = in->local_midnight(at(of));
        return to_iso8601(begun, in->offset_at(begun));
    };

    CHECK(midnight("Europe/Berlin", "2026-11-25T23:30:00Z") == "2026-11-26T00:00:00+01:00");
    CHECK(midnight("Europe/Berlin", "2026-03-29T12:00:00Z") == "2026-03-29T00:00:00+01:00");
    CHECK(midnight("America/Sao_Paulo", "2018-11-04T12:00:00Z") == "2018-11-04T01:00:00-02:00");
    CHECK(midnight("America/Havana", "2026-11-01T05:30:00Z") == "2026-11-01T00:00:00-04:00");
    CHECK(midnight("UTC", "2026-11-25T23:30:00.5Z") == "2026-11-25T00:00:00+00:00");
}

TEST_CASE("a time that is skipped comes right after the jump, once for all its neighbours") {
    CHECK(matches("0,30 2 * * *", "Europe/Berlin", "2026-03-28", "2026-03-31") ==
          Texts{"2026-03-28T02:00:00+01:00", "2026-03-28T02:30:00+01:00",
                "2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00",
                "2026-03-30T02:30:00+02:00"});
}

TEST_CASE("a time that comes twice is taken once, the first time") {
    CHECK(matches("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z") ==
          Texts{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"});
}

TEST_CASE("a wildcard job follows the real clock through both") {
    CHECK(matches("*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z",
                  "2026-03-29T12:00:00Z") == Texts{});
    CHECK(
        matches("*/30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z") ==
        Texts{"2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00",
              "2026-10-25T02:30:00+01:00"});
}

TEST_CASE("a day that is left out is not caught up") {
    CHECK(matches("0 9 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z", "2011-12-31T12:00:00Z") ==
          Texts{"2011-12-29T09:00:00-10:00", "2011-12-31T09:00:00+14:00"});
}

TEST_CASE("a job that is always inside the gap has no next time") {
    const auto cron = Cron::parse("* 2 * 3 0#2").value();
    const auto from = std::chrono::floor<std::chrono::seconds>(at("2026-01-01"));

    CHECK_FALSE(first_at_or_after(cron, *zone("America/New_York"), from));
    CHECK(first_at_or_after(cron, *zone("Europe/Berlin"), from));
}

TEST_CASE("each answer is what trying every minute gives") {
    // Wildcard and not, dense and rare, in zones whose changes are odd: half an hour, at midnight, twice
    // around Ramadan, a day left out.
    const std::vector<std::pair<std::string, std::string>> years = {{"Europe/Berlin", "2018"},
                                                                    {"Australia/Lord_Howe", "2018"},
                                                                    {"America/Havana", "2018"},
                                                                    {"Africa/Casablanca", "2018"},
                                                                    {"Pacific/Apia", "2011"},
                                                                    {"America/Sao_Paulo", "2018"},
                                                                    {"UTC", "2018"}};
    for (const auto& [name, year] : years) {
        const auto in = zone(name);
        const auto start = std::chrono::floor<std::chrono::seconds>(at(year + "-01-01T00:00:00Z"));
        const auto end = start + 24h * 365;
        for (const auto* expression :
             {"* * * * *", "*/7 * * * *", "30 2 * * *", "0,15,45 0-3 * * *", "*/20 0,2 * * *",
              "59 23 L * *", "10 */5 1-7 * MON", "0 0 15W * *", "5 1 * * 5#3"}) {
            CAPTURE(name);
            CAPTURE(expression);
            const auto cron = Cron::parse(expression).value();

            CHECK(by_steps(cron, *in, start, end) == by_minutes(cron, *in, start, end));
        }
    }
}

TEST_CASE("zones that are read again tell which have changed, and which are gone") {
    std::map<std::string, std::string, std::less<>> files;
    const auto put = [&](const char* name, const char* data) {
        files[name] = support::zone_file(data).value();
    };
    put("A", "Europe/Berlin");
    put("B", "Asia/Tokyo");
    put("C", "Asia/Kolkata");
    Zones zones([&](std::string_view name) -> std::optional<std::string> {
        const auto found = files.find(name);
        return found == files.end() ? std::nullopt : std::optional(found->second);
    });
    const auto a = zones.find("A"), b = zones.find("B");
    CHECK(zones.refresh().empty());
    CHECK(zones.find("A") == a);

    put("A", "Europe/London");
    files.erase("B");
    files["C"] = "not asked for, and broken";

    CHECK(zones.refresh() == Texts{"A", "B"});
    CHECK(zones.find("A")->offset_at(at("2026-01-01T00:00:00Z")) == 0h);
    CHECK(a->offset_at(at("2026-01-01T00:00:00Z")) == 1h);  // whoever holds it keeps it
    CHECK_FALSE(zones.find("B"));
    CHECK_FALSE(zones.find("C"));
    CHECK(zones.refresh().empty());
    put("B", "Asia/Tokyo");
    CHECK(zones.find("B"));
    CHECK(zones.find("UTC"));
}

}  // namespace cjv::schedule
