#pragma once
// Days 29, 30 and 31, where a month of the schedule is too short for them.

#include "schedule/days.h"

#include <optional>
#include <string>

namespace cjv::schedule {

// Which months lack such a day, and in which of them there is then no run at all. Nothing where the
// rule names no day that one of its months lacks; days that a range from before the 29th leads to
// are all that there are, and are meant so.
std::optional<std::string> told_of_late_days(const DayRule& rule);

}  // namespace cjv::schedule
