#pragma once
// Schedules as one says them: "every weekday at 9:30 and 18:00". They are compiled to cron
// expressions, and mean what these mean.

#include <optional>
#include <string>
#include <string_view>

namespace cjv::schedule {

// "30 9 * * 1-5 ; 0 18 * * 1-5"; nothing when the text is no phrase. In any case, with any blanks:
//   every day|weekday|weekend|<weekdays> at <times>       times: 9:30, 3am, 3:30pm, noon, midnight
//   at <times> every|on <the same days>
//   every hour at minute <n>
//   every month on the <n>st|last day at <times>          on the 1st, on the last day
// Weekdays and times are listed with "and" or commas.
std::optional<std::string> cron_of_phrase(std::string_view text);

}  // namespace cjv::schedule
