#pragma once
// A schedule as text again, in one way of writing: it parses to what it was made from.

#include "schedule/cron.h"
#include "schedule/schedule.h"

#include <string>

namespace cjv::schedule {

// "0 9 * * 1-5". Names become numbers, macros and `H` the fields that they stand for; whether a field
// begins with a star stays as it was, because the clock rule and the day rule go by that. The day match
// and the clock rule that were asked for are not part of the text.
std::string format(const Cron& cron);

// Whatever the schedule: "every 90 minutes", "at 2027-01-31T08:00:00Z", "sunset 52.52 13.405 -30",
// expressions in a row, "@reboot", and nothing for one that runs by hand only. A phrase is the
// expression that it says. Zone, anchor and window are not part of the text.
std::string format(const Schedule& schedule);

}  // namespace cjv::schedule
