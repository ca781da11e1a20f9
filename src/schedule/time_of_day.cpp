#include "schedule/time_of_day.h"

#include <bit>

namespace cjv::schedule {
namespace {

using std::chrono::seconds;

// The lowest value in `set` that is at least `from`. Never shifts by 64: `from` is at most 60.
std::optional<unsigned> value_from(std::uint64_t set, unsigned from) {
    const std::uint64_t rest = set >> from;
    if (rest == 0) return std::nullopt;
    return from + static_cast<unsigned>(std::countr_zero(rest));
}

unsigned first(std::uint64_t set) { return static_cast<unsigned>(std::countr_zero(set)); }
bool holds(std::uint64_t set, unsigned value) { return set >> value & 1; }
seconds time(unsigned h, unsigned m, unsigned s) { return seconds{h * 3600 + m * 60 + s}; }

}  // namespace

TimeOfDay::TimeOfDay(std::uint64_t seconds, std::uint64_t minutes, std::uint32_t hours)
    : seconds_(seconds),
      minutes_(minutes),
      hours_(hours),
      first_(static_cast<std::int32_t>(
          time(schedule::first(hours), schedule::first(minutes), schedule::first(seconds))
              .count())) {}

std::optional<seconds> TimeOfDay::at_or_after(seconds from) const {
    // 32 bits: the divisions below are multiplications.
    const auto of_day = static_cast<unsigned>(from.count());
    const unsigned hour = of_day / 3600, minute = of_day / 60 % 60, second = of_day % 60;

    if (holds(hours_, hour)) {
        if (holds(minutes_, minute))
            if (const auto s = value_from(seconds_, second)) return time(hour, minute, *s);
        if (const auto m = value_from(minutes_, minute + 1))
            return time(hour, *m, schedule::first(seconds_));
    }
    if (const auto h = value_from(hours_, hour + 1))
        return time(*h, schedule::first(minutes_), schedule::first(seconds_));
    return std::nullopt;
}

unsigned TimeOfDay::count() const {
    return static_cast<unsigned>(std::popcount(seconds_) * std::popcount(minutes_) *
                                 std::popcount(hours_));
}

}  // namespace cjv::schedule
