#include "schedule/days.h"

#include "schedule/civil.h"

#include <bit>

namespace cjv::schedule {
namespace {

constexpr std::uint32_t kAllDays = 0x7FFF'FFFF;
constexpr std::uint32_t kAllWeekdays = 0x7F;
constexpr std::uint32_t kAllMonths = 0xFFF;
constexpr std::uint64_t kEveryWeek = 0x1020'4081;  // one bit in seven: copies a week five times

// Turns a set that begins on Sunday into one that begins on `weekday`.
std::uint32_t week_from(std::uint32_t set, unsigned weekday) {
    return (set >> weekday | set << (7 - weekday)) & kAllWeekdays;
}

std::uint32_t length_mask(unsigned length) { return kAllDays >> (31 - length); }

// Calls `each` with the number of every bit that is set.
template <class Each>
void for_bits(std::uint32_t set, Each each) {
    for (; set != 0; set &= set - 1) each(static_cast<unsigned>(std::countr_zero(set)));
}

// The bit of the Monday to Friday nearest to the day with this index, in the same month.
std::uint32_t nearest_workday(unsigned index, unsigned length, unsigned first_weekday) {
    const unsigned weekday = (first_weekday + index) % 7;
    if (weekday == 6) return index == 0 ? 1U << 2 : 1U << (index - 1);
    if (weekday == 0) return index + 1 == length ? 1U << (index - 2) : 1U << (index + 1);
    return 1U << index;
}

}  // namespace

Days::Days(const DayRule& rule)
    : rule_(rule),
      plain_(!(rule.before_last | rule.workday_near | rule.workday_before | rule.nth_weekdays |
               rule.last_weekdays)) {
    const bool all_days = rule.days == kAllDays, all_weekdays = rule.weekdays == kAllWeekdays;
    const bool daily = rule.both ? all_days && all_weekdays : all_days || all_weekdays;
    const bool weekly = rule.both && all_days && !rule.nth_weekdays && !rule.last_weekdays;
    pace_ = rule.months != kAllMonths ? Pace::monthly
            : daily                   ? Pace::daily
            : weekly                  ? Pace::weekly
                                      : Pace::monthly;
}

std::uint32_t Days::day_field(unsigned length, unsigned first_weekday) const {
    std::uint32_t set = rule_.days;
    for_bits(rule_.before_last, [&](unsigned n) {
        if (n < length) set |= 1U << (length - 1 - n);
    });
    for_bits(rule_.workday_near, [&](unsigned index) {
        if (index < length) set |= nearest_workday(index, length, first_weekday);
    });
    for_bits(rule_.workday_before, [&](unsigned n) {
        if (n < length) set |= nearest_workday(length - 1 - n, length, first_weekday);
    });
    return set;
}

std::uint32_t Days::weekday_field(unsigned length, unsigned first_weekday) const {
    std::uint64_t set = week_from(rule_.weekdays, first_weekday) * kEveryWeek;
    for (unsigned week = 0; week < 5; ++week) {
        const auto of_week = static_cast<std::uint32_t>(rule_.nth_weekdays >> 7 * week);
        set |= std::uint64_t{week_from(of_week & kAllWeekdays, first_weekday)} << 7 * week;
    }
    const unsigned last_week = length - 7;
    set |= std::uint64_t{week_from(rule_.last_weekdays, (first_weekday + last_week) % 7)}
           << last_week;
    return static_cast<std::uint32_t>(set & kAllDays);
}

std::uint32_t Days::month(unsigned length, unsigned first_weekday) const {
    std::uint32_t days = rule_.days;
    auto weekdays = static_cast<std::uint32_t>(
        week_from(rule_.weekdays, first_weekday) * kEveryWeek & kAllDays);
    if (!plain_) {
        days = day_field(length, first_weekday);
        weekdays = weekday_field(length, first_weekday);
    }
    return (rule_.both ? days & weekdays : days | weekdays) & length_mask(length);
}

// A year is known by its length and the weekday it begins on: a month has at most four lengths and
// begins on seven weekdays.
bool Days::ever() const {
    for (unsigned number = 1; number <= 12; ++number) {
        if (!(rule_.months >> (number - 1) & 1)) continue;
        for (unsigned first = 0; first < 7; ++first)
            if (month(month_length(2000, number), first) ||
                month(month_length(2001, number), first))
                return true;
    }
    return false;
}

std::optional<std::int32_t> Days::search(std::int32_t day) const {
    if (pace_ == Pace::weekly)
        return day + std::countr_zero(week_from(rule_.weekdays, weekday(day)));

    auto [year, number, of_month] = civil_from_days(day);
    const std::int32_t last_year = year + 41;
    // Then a month without one of the days needs no look at its weekdays.
    const bool days_decide = plain_ && rule_.both;
    std::uint32_t from = kAllDays << (of_month - 1);
    for (;;) {
        if (rule_.months >> (number - 1) & 1) {
            const unsigned length = month_length(year, number);
            if (!days_decide || (rule_.days & length_mask(length) & from) != 0) {
                const auto first = days_from_civil(year, number, 1);
                const std::uint32_t left = month(length, weekday(first)) & from;
                if (left != 0) return first + std::countr_zero(left);
            }
        }
        from = kAllDays;
        std::uint32_t later = rule_.months >> number;
        if (later == 0) {
            if (++year > last_year) return std::nullopt;
            later = rule_.months;
            number = 0;
        }
        number += static_cast<unsigned>(std::countr_zero(later)) + 1;
    }
}

}  // namespace cjv::schedule
