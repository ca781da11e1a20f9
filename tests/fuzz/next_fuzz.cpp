// The next slot of a cron expression beside a slow walk through every minute of some days, as the cron daemon goes:
// it keeps the highest wall clock time that it has seen. The walk reads zones by the C library, and expressions not at
// all: they are drawn together with what they mean (drawn.h).

#include "drawn.h"
#include "schedule/schedule.h"
#include "support/zones.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

namespace {

using namespace cjv;
using namespace cjv::schedule;

constexpr std::int64_t kMinute = 60, kDay = 86'400;
constexpr std::int64_t kPast = 3 * kDay, kFuture = 6 * kDay;
constexpr std::int64_t kQuarter = 15 * kMinute;
constexpr std::int64_t kCatchesUp = 180;  // minutes; a longer jump is a correction of the calendar

constexpr std::array<const char*, 14> kZones = {"UTC",
                                                "Europe/Berlin",
                                                "America/New_York",
                                                "Australia/Lord_Howe",
                                                "Africa/Casablanca",
                                                "America/Havana",
                                                "Pacific/Apia",
                                                "America/Sao_Paulo",
                                                "Asia/Kathmandu",
                                                "Antarctica/Troll",
                                                "Europe/Dublin",
                                                "Asia/Pyongyang",
                                                "America/Caracas",
                                                "Africa/Cairo"};

// One zone at a time, as the C library has it.
std::int64_t offset_at(std::int64_t at, const char* zone) {
    static std::string chosen;
    if (chosen != zone) {
        setenv("TZ", (":" + std::string(zone)).c_str(), 1);
        tzset();
        chosen = zone;
    }
    const std::time_t time = at;
    std::tm wall{};
    localtime_r(&time, &wall);
    return wall.tm_gmtoff;
}

// What the wall clock shows in each minute from `first` on, in minutes since 1970; nothing where an offset has seconds,
// which one who walks by the minute cannot see.
std::optional<std::vector<std::int64_t>> walls(std::int64_t first, std::int64_t end,
                                               const char* zone) {
    std::vector<std::int64_t> shown;
    for (std::int64_t quarter = first; quarter < end; quarter += kQuarter) {
        const auto begin = offset_at(quarter, zone);
        const bool is_calm = begin == offset_at(quarter + kQuarter, zone);
        for (std::int64_t at = quarter; at < quarter + kQuarter; at += kMinute) {
            const auto offset = is_calm ? begin : offset_at(at, zone);
            if (offset % kMinute != 0) return std::nullopt;
            shown.push_back((at + offset) / kMinute);
        }
    }
    return shown;
}

// Whether a minute of the wall clock matches; each day's date is asked once.
class Matching {
public:
    explicit Matching(const fuzz::Drawn& drawn) : drawn_(drawn) {}
    bool operator()(std::int64_t wall) {
        const int of_day = static_cast<int>(wall % 1'440);
        if (!drawn_.minutes.contains(of_day % 60) || !drawn_.hours.contains(of_day / 60))
            return false;
        const auto [day, is_new] = days_.try_emplace(wall / 1'440);
        if (is_new)
            day->second =
                drawn_.matches(fuzz::Date{std::chrono::sys_days{std::chrono::days{wall / 1'440}}});
        return day->second;
    }

private:
    const fuzz::Drawn& drawn_;
    std::map<std::int64_t, bool> days_;
};

// The first slot after `from` and before the end of the walk.
std::optional<std::int64_t> walked(const fuzz::Drawn& drawn, ClockRule clock, std::int64_t from,
                                   std::int64_t first, const std::vector<std::int64_t>& walls) {
    const bool asks_last = !drawn.wildcard && clock.fold == Fold::second;
    std::unordered_map<std::int64_t, std::size_t> last_shown;
    for (std::size_t i = 0; asks_last && i < walls.size(); ++i) last_shown[walls[i]] = i;
    std::int64_t highest = walls.front() - 1;
    Matching matches(drawn);
    for (std::size_t i = 0; i < walls.size(); ++i) {
        const std::int64_t wall = walls[i], at = first + static_cast<std::int64_t>(i) * kMinute;
        const std::int64_t skipped = wall - highest - 1;
        if (!drawn.wildcard && clock.gap == Gap::after_gap && skipped > 0 && skipped < kCatchesUp &&
            at > from)
            for (auto minute = highest + 1; minute < wall; ++minute)
                if (matches(minute)) return at;
        bool is_due = matches(wall);
        if (!drawn.wildcard && clock.fold == Fold::first) is_due = is_due && wall > highest;
        if (asks_last) is_due = is_due && last_shown.at(wall) == i;
        highest = std::max(highest, wall);
        if (!is_due) continue;
        for (const int second : drawn.seconds)
            if (at + second > from) return at + second;
    }
    return std::nullopt;
}

[[noreturn]] void differ(const fuzz::Drawn& drawn, const char* zone, std::int64_t from,
                         const char* how) {
    std::fprintf(stderr, "%s in %s from %lld: %s\n", drawn.text.c_str(), zone,
                 static_cast<long long>(from), how);
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 16) return 0;
    fuzz::Bytes bytes(data, size);
    const char* zone = kZones[static_cast<std::size_t>(bytes.roll(kZones.size()))];
    const bool both = bytes.one_in(4);
    ClockRule clock;
    if (bytes.one_in(3)) clock = {.gap = Gap(bytes.roll(2)), .fold = Fold(bytes.roll(3))};
    // An instant of the years 1971 to 2099.
    const std::int64_t from =
        kDay * 365 + std::int64_t{bytes.roll(47'000)} * kDay + bytes.roll(kDay);
    const fuzz::Drawn drawn = fuzz::draw(bytes, both);

    const std::int64_t first = (from - kPast) / kQuarter * kQuarter, end = first + kPast + kFuture;
    const auto shown = walls(first, end, zone);
    if (!shown) return 0;
    const auto expected = walked(drawn, clock, from, first, *shown);

    const auto schedule =
        Schedule::parse(drawn.text, {.type = Type::cron,
                                     .day_match = both ? DayMatch::both : DayMatch::either,
                                     .clock = clock,
                                     .zone = support::system_zones().find(zone)});
    if (!schedule) {
        if (schedule.error().code != "never-fires") differ(drawn, zone, from, "it is refused");
        if (expected) differ(drawn, zone, from, "it is said never to run");
        return 0;
    }
    const auto next = schedule->next_after(Instant{std::chrono::seconds{from}});
    const auto found = next ? std::optional(micros(*next) / 1'000'000) : std::nullopt;
    if (expected && found != expected) differ(drawn, zone, from, "it runs at another time");
    if (!expected && found && *found < end) differ(drawn, zone, from, "it should not run yet");
    return 0;
}
