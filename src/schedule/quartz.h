#pragma once
// Weekdays as Quartz and EventBridge count them: 1 is Sunday, 7 is Saturday.

#include <optional>
#include <string>
#include <string_view>

namespace cjv::schedule {

// "2-6" becomes "MON-FRI". Digits behind '#' and '/' count something else, and stay. Nothing where a
// digit is no weekday there.
std::optional<std::string> from_quartz_weekdays(std::string_view field);

}  // namespace cjv::schedule
