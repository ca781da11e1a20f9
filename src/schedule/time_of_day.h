#pragma once
// The clock half of a cron expression: which seconds of a day match. Which days match is days.h's
// business, and what a time zone does to both is zone.h's.

#include <bit>
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
    std::optional<std::chrono::seconds> at_or_after(std::chrono::seconds from) const {
        // 32 bits: the divisions below are multiplications.
        const auto of_day = static_cast<unsigned>(from.count());
        const unsigned hour = of_day / 3600, minute = of_day / 60 % 60, second = of_day % 60;

        if (holds(hours_, hour)) {
            if (holds(minutes_, minute) && any_from(seconds_, second))
                return time(hour, minute, value_from(seconds_, second));
            if (any_from(minutes_, minute + 1))
                return time(hour, value_from(minutes_, minute + 1), lowest(seconds_));
        }
        if (any_from(hours_, hour + 1))
            return time(value_from(hours_, hour + 1), lowest(minutes_), lowest(seconds_));
        return std::nullopt;
    }
    // The first match of the day.
    std::chrono::seconds first() const { return std::chrono::seconds{first_}; }
    // Matches in a day.
    unsigned count() const;

    std::uint64_t second_set() const { return seconds_; }
    std::uint64_t minute_set() const { return minutes_; }
    std::uint32_t hour_set() const { return hours_; }

private:
    static bool holds(std::uint64_t set, unsigned value) { return set >> value & 1; }
    // Never shift by 64: `from` is at most 60.
    static bool any_from(std::uint64_t set, unsigned from) { return set >> from != 0; }
    static unsigned value_from(std::uint64_t set, unsigned from) {
        return from + static_cast<unsigned>(std::countr_zero(set >> from));
    }
    static unsigned lowest(std::uint64_t set) {
        return static_cast<unsigned>(std::countr_zero(set));
    }
    static std::chrono::seconds time(unsigned h, unsigned m, unsigned s) {
        return std::chrono::seconds{h * 3600 + m * 60 + s};
    }

    std::uint64_t seconds_;
    std::uint64_t minutes_;
    std::uint32_t hours_;
    std::int32_t first_;
};

}  // namespace cjv::schedule
