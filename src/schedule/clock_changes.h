#pragma once
// What the coming changes of a zone's clock do to a schedule, told with their dates.

#include "schedule/cron.h"
#include "schedule/every.h"
#include "schedule/warning.h"
#include "schedule/zone.h"

#include <chrono>
#include <string_view>
#include <vector>

namespace cjv::schedule {

// gap, fold and hour-step-dst, for the year after `from`.
std::vector<Warning> clock_warnings(const Cron& cron, const Zone& zone,
                                    std::chrono::sys_seconds from);
// anchor-utc and anchor-dst. Elapsed time does not heed the wall clock.
std::vector<Warning> clock_warnings(const Every& every, const Zone& zone,
                                    std::chrono::sys_seconds from);

}  // namespace cjv::schedule
