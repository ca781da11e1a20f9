#pragma once
// A cron expression: when it matches on the line of wall clock times. What happens to that line
// where a zone changes its offset is zone.h's business; how the text is read, fields.h's.

#include "schedule/civil.h"
#include "schedule/days.h"
#include "schedule/fields.h"
#include "schedule/refusal.h"
#include "schedule/time_of_day.h"
#include "schedule/type.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cjv::schedule {

class Cron {
public:
    // One expression, as set in `text`: five or six fields, or a macro. Refuses what never matches.
    static Parsed<Cron> parse(std::string_view text, DayMatch match = DayMatch::either,
                              std::string_view hash_key = {}, ClockRule clock = {});
    // A piece of `text`, in which columns count.
    static Parsed<Cron> parse_entry(std::string_view text, std::string_view entry, DayMatch match,
                                    std::string_view hash_key, ClockRule clock = {});

    // The first match at or after `from`, which lies in the years 1 to 9999. Nothing when the next
    // 41 years have none.
    std::optional<std::chrono::local_seconds> at_or_after(std::chrono::local_seconds from) const {
        // Shifted by whole cycles of the calendar, so that what is divided is not negative.
        constexpr std::int64_t kShift = 5 * kDaysIn400Years;
        const auto shifted =
            static_cast<std::uint64_t>(from.time_since_epoch().count() + kShift * kDaySeconds);
        const auto today = static_cast<std::int32_t>(shifted / kDaySeconds - kShift);
        const auto time = times_.at_or_after(std::chrono::seconds{shifted % kDaySeconds});
        const auto day = days_.at_or_after(time ? today : today + 1);
        if (!day) return std::nullopt;
        return std::chrono::local_seconds{std::chrono::seconds{*day * kDaySeconds} +
                                          (*day == today ? *time : times_.first())};
    }

    // The second, minute or hour field begins with `*`: follows the real clock through a change.
    bool wildcard() const { return wildcard_; }

    const TimeOfDay& times() const { return times_; }
    const Days& days() const { return days_; }
    DayMatch day_match() const { return day_match_; }  // as it was asked
    ClockRule clock_rule() const { return clock_rule_; }

private:
    Cron(const Fields& fields, DayMatch match, ClockRule clock);

    TimeOfDay times_;
    Days days_;
    bool wildcard_;
    DayMatch day_match_;
    ClockRule clock_rule_;
};

}  // namespace cjv::schedule
