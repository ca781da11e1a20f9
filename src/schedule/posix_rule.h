#pragma once
// The footer of a zone file: "CET-1CEST,M3.5.0,M10.5.0/3", which rules the years after its last
// listed change (POSIX.1-2017 section 8.3, with RFC 8536's times from -167 to 167 hours).

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cjv::schedule {

struct PosixRule {
    struct YearlyChange {
        enum class Day : std::uint8_t {
            of_year,           // "59": 0-365, 29 February counts
            of_year_not_leap,  // "J59": 1-365, 29 February is never meant
            of_month,          // "M3.5.0": the fifth (or last) Sunday of March
        };
        Day kind = Day::of_month;
        unsigned day = 0;  // of the year
        unsigned month = 0, week = 0, weekday = 0;
        std::chrono::seconds time{7'200};  // of the wall clock before the change

        // In wall clock time.
        std::chrono::local_seconds in(std::int32_t year) const;
    };
    struct Summer {
        std::chrono::seconds offset;
        YearlyChange begins, ends;
    };

    std::chrono::seconds standard;  // east of Greenwich, against POSIX's habit
    std::optional<Summer> summer;
};

// Nothing when it is not one.
std::optional<PosixRule> parse_posix_rule(std::string_view text);

}  // namespace cjv::schedule
