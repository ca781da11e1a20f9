#pragma once
// A whole crontab, line by line: what cron would make of it is told in our words.

#include <string_view>

#include "base/clock.h"
#include "schedule/zones.h"

namespace cjv::cli {

// Prints one answer for each line that has a schedule: JSON objects a line, or text. CRON_TZ and TZ set the
// zone of the lines below them; other environment lines, comments and blank lines are passed over. Returns
// whether all are right.
bool check_crontab(std::string_view text, const schedule::Zones& zones, Instant now, bool as_json);

}  // namespace cjv::cli
