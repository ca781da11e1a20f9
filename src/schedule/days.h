#pragma once
// The calendar half of a cron expression: which days match. A month is one word of up to 31 bits,
// so `L`, `W` and `#` only change how that word is made. The clock is time_of_day.h's business.

#include <cstdint>
#include <optional>

namespace cjv::schedule {

// The two day fields and the month, as sets. Bit 0 of a day set is the 1st; of a weekday set,
// Sunday; of the months, January.
struct DayRule {
    std::uint32_t days = 0;            // 1-31
    std::uint32_t before_last = 0;     // bit n: `L-n`, n days before the last; bit 0: `L`
    std::uint32_t workday_near = 0;    // bit n-1: `nW`
    std::uint32_t workday_before = 0;  // bit n: `L-nW`; bit 0: `LW`
    std::uint64_t nth_weekdays = 0;    // bit 7(n-1)+d: `d#n`
    std::uint8_t weekdays = 0;
    std::uint8_t last_weekdays = 0;  // `dL`
    std::uint16_t months = 0;
    bool both = false;  // a day must match both fields; else one is enough
};

class Days {
public:
    explicit Days(const DayRule& rule);

    // False when no date of any year matches: 30 February.
    bool ever() const;
    // The first matching day at or after `day` (days since 1970-01-01, in the years 1 to 9999);
    // nothing when the next 41 years have none. No rule that ever matches pauses longer.
    std::optional<std::int32_t> at_or_after(std::int32_t day) const {
        return pace_ == Pace::daily ? day : search(day);
    }

    const DayRule& rule() const { return rule_; }

private:
    // What the calendar is asked: nothing, the weekday, or everything.
    enum class Pace : std::uint8_t { daily, weekly, monthly };

    std::optional<std::int32_t> search(std::int32_t day) const;
    // Bit 0 is the 1st, of a month so long that begins on that weekday (0 is Sunday).
    std::uint32_t month(unsigned length, unsigned first_weekday) const;
    std::uint32_t day_field(unsigned length, unsigned first_weekday) const;
    std::uint32_t weekday_field(unsigned length, unsigned first_weekday) const;

    DayRule rule_;
    Pace pace_;
    bool plain_;  // no L, W or #
};

}  // namespace cjv::schedule
