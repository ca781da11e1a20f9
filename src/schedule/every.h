#pragma once
// Intervals: every n seconds of elapsed time, counted from an anchor. A day is 86,400 seconds
// whatever the zone does; who wants the same wall clock time each day wants a cron expression.

#include "schedule/refusal.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cjv::schedule {

class Zone;

class Every {
public:
    // "every 5 minutes", "@every 1h30m", "every day". With `bare` also "5 minutes", "90s" and "300"
    // (seconds). `zone` (null: UTC) is that of the anchor's day and hour, which the cron expression
    // for months and years has that a refusal suggests.
    static Parsed<Every> parse(std::string_view text, bool bare, std::chrono::sys_seconds anchor,
                               const Zone* zone = nullptr);

    // Whether the text claims to be an interval: it begins with "every" or "@every".
    static bool claims(std::string_view text);

    std::chrono::seconds period() const { return period_; }
    // The period in the largest unit that divides it: 90 "minute".
    std::pair<std::int64_t, std::string_view> in_largest_unit() const;
    std::chrono::sys_seconds anchor() const { return anchor_; }

    // anchor + k * period, k = 0, 1, 2 …: the first at or after `from`; nothing when it would lie
    // beyond the year 9999.
    std::optional<std::chrono::sys_seconds> at_or_after(std::chrono::sys_seconds from) const;

private:
    Every(std::chrono::seconds period, std::chrono::sys_seconds anchor)
        : period_(period), anchor_(anchor) {}

    std::chrono::seconds period_;
    std::chrono::sys_seconds anchor_;
};

}  // namespace cjv::schedule
