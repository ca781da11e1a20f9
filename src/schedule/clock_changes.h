#pragma once
// What the coming changes of a zone's clock do to a schedule, told with their dates.

#include "schedule/cron.h"
#include "schedule/every.h"
#include "schedule/warning.h"
#include "schedule/zone.h"

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace cjv::schedule {

// The time that is looked at.
struct Ahead {
    std::chrono::sys_seconds from, until;
};

// gap, fold and hour-step-dst.
std::vector<Warning> clock_warnings(const Cron& cron, const Zone& zone, const Ahead& ahead);
// What a change of the clock has to do with the slot at `slot`; nothing, mostly. `cron` may be null:
// only a cron expression stands for what is skipped.
std::optional<ClockChange> clock_change_at(const Cron* cron, const Zone& zone,
                                           std::chrono::sys_seconds slot);
// anchor-utc and anchor-dst. Elapsed time does not heed the wall clock.
std::vector<Warning> clock_warnings(const Every& every, const Zone& zone, const Ahead& ahead);

}  // namespace cjv::schedule
