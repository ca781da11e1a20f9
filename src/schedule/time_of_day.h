#pragma once
// The clock half of a cron expression: which seconds of a day match. Which days match is days.h's
// business, and what a time zone does to both is zone.h's.

#include <chrono>
#include <cstdint>
#include <optional>

namespace cjv::schedule {

class TimeOfDay {
public:
    // Bit v of a set means: the value v matches. No set may be empty; the parser sees to that.
    TimeOfDay(std::uint64_t seconds, std::uint64_t minutes, std::uint32_t hours);

    // The first match at or after `from`, which is at least 0 and below 24 h; nothing when the day
    // has no more.
    std::optional<std::chrono::seconds> at_or_after(std::chrono::seconds from) const;
    // The first match of the day.
    std::chrono::seconds first() const { return std::chrono::seconds{first_}; }
    // Matches in a day.
    unsigned count() const;

    std::uint64_t second_set() const { return seconds_; }
    std::uint64_t minute_set() const { return minutes_; }
    std::uint32_t hour_set() const { return hours_; }

private:
    std::uint64_t seconds_;
    std::uint64_t minutes_;
    std::uint32_t hours_;
    std::int32_t first_;
};

}  // namespace cjv::schedule
