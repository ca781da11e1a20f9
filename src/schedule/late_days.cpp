#include "schedule/late_days.h"

#include "schedule/civil.h"
#include "schedule/names.h"
#include "schedule/sets.h"
#include "schedule/wall_text.h"

#include <vector>

namespace cjv::schedule {
namespace {

// Every 28 years months begin on the same weekdays again, until a century leaves out a leap year.
constexpr std::int32_t kFirstYear = 2001, kLastYear = 2028;
constexpr std::int32_t kNoLeapYear = 2001;
constexpr unsigned kFebruary = 2;

// Bit 0 is the 1st, as in DayRule.
std::uint32_t late_days_of(const DayRule& rule) {
    std::uint32_t late = rule.workday_near >> 28 << 28;
    for (const Run& run : runs_of(std::uint64_t{rule.days} << 1, {1, 31}, false))
        if (run.from >= 29)
            for (auto day = run.from; day <= run.to; ++day) late |= 1U << (day - 1);
    return late;
}

// The months of the schedule that do not always have that day.
std::vector<unsigned> months_without(unsigned day, const DayRule& rule) {
    std::vector<unsigned> months;
    for (unsigned month = 1; month <= 12; ++month)
        if (rule.months >> (month - 1) & 1 && month_length(kNoLeapYear, month) < day)
            months.push_back(month);
    return months;
}

// Whether another day of the month, or a weekday, may match in a year in which it lacks that day.
bool runs_without(unsigned day, unsigned month, const DayRule& rule) {
    const Days days(rule);
    for (auto year = kFirstYear; year <= kLastYear; ++year) {
        const auto length = month_length(year, month);
        if (length >= day) continue;
        const auto first = days_from_civil(year, month, 1);
        const auto match = days.at_or_after(first);
        if (match && *match < first + static_cast<std::int32_t>(length)) return true;
    }
    return false;
}

}  // namespace

std::optional<std::string> told_of_late_days(const DayRule& rule) {
    const auto late = late_days_of(rule);
    std::vector<std::string> days;
    unsigned first = 0;  // months that lack it lack the later ones, too
    for (unsigned day = 29; day <= 31; ++day) {
        if (!(late >> (day - 1) & 1) || months_without(day, rule).empty()) continue;
        if (first == 0) first = day;
        days.push_back(std::to_string(day));
    }
    if (days.empty()) return std::nullopt;
    if (rule.months == 1U << (kFebruary - 1) && first == 29)
        return "29 February comes in leap years alone.";

    std::vector<std::string> silent, lacking;
    for (const auto month : months_without(first, rule))
        (runs_without(first, month, rule) ? lacking : silent).emplace_back(kMonthNames[month - 1]);
    std::string text = "Not every month has day " + listed(days, " or ") + ": ";
    if (!lacking.empty()) {
        text += listed(lacking) + (lacking.size() == 1 ? " lacks " : " lack ") +
                (days.size() == 1 ? "it" : "them");
        if (!silent.empty()) text += ", and ";
    }
    if (!silent.empty()) text += "there is no run in " + listed(silent);
    return text + (first == 29 ? ", save in leap years." : ".");
}

}  // namespace cjv::schedule
