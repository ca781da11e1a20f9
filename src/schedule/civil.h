#pragma once
// Days since 1970-01-01 ↔ year, month and day of the Gregorian calendar, by multiplications only.
// The method is Neri and Schneider's, "Euclidean affine functions and their application to calendar
// algorithms" (2022). Right for the years -20000 to 20000; callers stay between 1 and 9999.

#include <cstdint>

namespace cjv::schedule {

inline constexpr std::int64_t kDaySeconds = 86'400;
inline constexpr std::int32_t kDaysIn400Years = 146'097;  // a whole number of weeks

struct CivilDay {
    std::int32_t year;
    unsigned month;  // 1-12
    unsigned day;    // 1-31
};

namespace civil_detail {
// Moves the epoch to 1 March of a year far enough back to calculate without signs.
inline constexpr std::int32_t kShift = 82;
inline constexpr std::int32_t kShiftDays = 719'468 + kDaysIn400Years * kShift;
inline constexpr std::int32_t kShiftYears = 400 * kShift;
}  // namespace civil_detail

constexpr CivilDay civil_from_days(std::int32_t days) {
    using namespace civil_detail;
    const auto n1 = 4 * (static_cast<std::uint32_t>(days) + kShiftDays) + 3;
    const auto century = n1 / kDaysIn400Years;
    const auto n2 = n1 % kDaysIn400Years / 4 * 4 + 3;
    const auto p2 = std::uint64_t{2'939'745} * n2;
    const auto year_of_century = static_cast<std::uint32_t>(p2 >> 32);
    const auto day_of_year = static_cast<std::uint32_t>(p2) / 2'939'745 / 4;
    const auto n3 = 2'141 * day_of_year + 197'913;
    const bool next_year = day_of_year >= 306;  // January and February belong to the year before
    const auto year = static_cast<std::int32_t>(100 * century + year_of_century) - kShiftYears;
    const auto month = n3 >> 16;
    return {year + next_year, next_year ? month - 12 : month, (n3 & 0xFFFF) / 2'141 + 1};
}

constexpr std::int32_t days_from_civil(std::int32_t year, unsigned month, unsigned day) {
    using namespace civil_detail;
    const bool before_march = month <= 2;
    const auto y = static_cast<std::uint32_t>(year + kShiftYears) - before_march;
    const auto m = before_march ? month + 12 : month;
    const auto century = y / 100;
    const auto days = 1'461 * y / 4 - century + century / 4 + (979 * m - 2'919) / 32 + day - 1;
    return static_cast<std::int32_t>(days) - kShiftDays;
}

constexpr bool is_leap(std::int32_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

constexpr unsigned month_length(std::int32_t year, unsigned month) {
    return month == 2 ? 28 + is_leap(year) : 30 | (month ^ month >> 3);
}

// 0 is Sunday.
constexpr unsigned weekday(std::int32_t days) {
    return (static_cast<std::uint32_t>(days) + 4 + 7'000'000 * 7U) % 7;
}

}  // namespace cjv::schedule
