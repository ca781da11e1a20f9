#pragma once
// A whole crontab, line by line: what cron would make of it is told in our words.

#include <string_view>

#include "base/clock.h"
#include "schedule/zones.h"

namespace cjv::cli {

// Whether a crontab at this path has a user's name before each command: /etc/crontab and what lies in a cron.d.
bool has_user_column(std::string_view path);

// Prints one answer for each line that has a schedule: JSON objects a line, or text. CRON_TZ and TZ set the
// zone of the lines below them; other environment lines, comments and blank lines are passed over. Returns
// whether all are right.
struct CrontabQuestion {
    std::string_view text;
    Instant now;
    bool with_users = false;  // a user's name stands before each command
    bool as_json = false;
};
bool check_crontab(const CrontabQuestion& asked, const schedule::Zones& zones);

}  // namespace cjv::cli
