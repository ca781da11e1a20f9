#include "schedule/time_of_day.h"

namespace cjv::schedule {

TimeOfDay::TimeOfDay(std::uint64_t seconds, std::uint64_t minutes, std::uint32_t hours)
    : seconds_(seconds),
      minutes_(minutes),
      hours_(hours),
      first_(static_cast<std::int32_t>(
          time(lowest(hours), lowest(minutes), lowest(seconds)).count())) {}

unsigned TimeOfDay::count() const {
    return static_cast<unsigned>(std::popcount(seconds_) * std::popcount(minutes_) *
                                 std::popcount(hours_));
}

}  // namespace cjv::schedule
