// How often a schedule runs: matching days times the slots of a day, so that a dense schedule costs
// no more than a rare one.

#include "schedule/civil.h"
#include "schedule/cron.h"
#include "schedule/every.h"
#include "schedule/schedule.h"
#include "schedule/zone.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <iterator>
#include <map>
#include <span>
#include <vector>

namespace cjv::schedule {
namespace {

constexpr std::int32_t kYear = 365;
constexpr std::int32_t kLongest = 40 * kYear + 10;  // 29 February on a weekday of its own
constexpr double kWeek = 7;

// The days of `days` from `first` on, in order.
template <class Each>
void for_days(const Days& days, std::int32_t first, std::int32_t count, Each each) {
    for (auto day = days.at_or_after(first); day && *day < first + count;
         day = days.at_or_after(*day + 1))
        each(static_cast<std::size_t>(*day - first));
}

// The slots of a day on which all of these expressions match, each instant once.
unsigned slots_of(std::span<const TimeOfDay* const> times) {
    unsigned slots = 0;
    std::vector<const TimeOfDay*> of_hour;
    for (unsigned hour = 0; hour < 24; ++hour) {
        of_hour.clear();
        std::ranges::copy_if(times, std::back_inserter(of_hour),
                             [&](const auto* time) { return time->hour_set() >> hour & 1; });
        for (unsigned minute = 0; minute < 60; ++minute) {
            std::uint64_t seconds = 0;
            for (const auto* time : of_hour)
                if (time->minute_set() >> minute & 1) seconds |= time->second_set();
            slots += static_cast<unsigned>(std::popcount(seconds));
        }
    }
    return slots;
}

double slots_of(const Cron& cron, std::int32_t first, std::int32_t count) {
    int matching = 0;
    for_days(cron.days(), first, count, [&](std::size_t) { ++matching; });
    return static_cast<double>(matching) * cron.times().count();
}

// The slots of `count` days. Days with the same expressions have the same slots.
double slots_of(const std::vector<Cron>& list, std::int32_t first, std::int32_t count) {
    std::vector<std::vector<const TimeOfDay*>> matching(static_cast<std::size_t>(count));
    for (const Cron& cron : list)
        for_days(cron.days(), first, count,
                 [&](std::size_t day) { matching[day].push_back(&cron.times()); });
    std::map<std::vector<const TimeOfDay*>, unsigned> known;
    double slots = 0;
    for (const auto& times : matching) {
        auto [at, is_new] = known.try_emplace(times, 0);
        if (is_new) at->second = times.size() == 1 ? times[0]->count() : slots_of(times);
        slots += at->second;
    }
    return slots;
}

double per_week(const auto& rule, std::int32_t first) {
    for (const auto count : {kYear, kLongest})
        if (const auto slots = slots_of(rule, first, count); slots > 0)
            return slots / count * kWeek;
    return 0;
}

double per_week(const Solar& solar, Instant from) {
    const auto start = std::chrono::floor<std::chrono::seconds>(from);
    int count = 0;
    for (auto at = solar.at_or_after(start); at && *at < start + std::chrono::days{kYear};
         at = solar.at_or_after(*at + std::chrono::seconds{1}))
        ++count;
    return static_cast<double>(count) / kYear * kWeek;
}

}  // namespace

double Schedule::runs_per_week(Instant from) const {
    from = std::max(from, before_);
    if (from >= last_) return 0;
    const auto offset = zone_ ? zone_->offset_at(from) : std::chrono::seconds{0};
    const auto today = std::chrono::floor<std::chrono::days>(from + offset);
    const auto first = static_cast<std::int32_t>(today.time_since_epoch().count());
    if (const auto* cron = std::get_if<Cron>(&rule_)) return per_week(*cron, first);
    if (const auto* list = std::get_if<List>(&rule_)) return per_week(**list, first);
    if (const auto* every = std::get_if<Every>(&rule_))
        return kWeek * kDaySeconds / static_cast<double>(every->period().count());
    if (const auto* solar = std::get_if<Solar>(&rule_)) return per_week(*solar, from);
    return 0;
}

}  // namespace cjv::schedule
