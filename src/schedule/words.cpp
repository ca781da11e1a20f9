#include "schedule/words.h"

#include "schedule/names.h"
#include "schedule/sets.h"
#include "schedule/wall_text.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

namespace cjv::schedule {
namespace {

constexpr Bounds kSixty{0, 59}, kHours{0, 23}, kMonthDays{1, 31}, kMonths{1, 12}, kWeekdays{0, 6};
constexpr int kMostTimes = 6;      // more times than that are not named one by one
constexpr unsigned kShortRun = 2;  // "1 and 2", but "1 through 3"

constexpr std::array<std::string_view, 5> kNth = {"first", "second", "third", "fourth", "fifth"};

using Words = std::vector<std::string>;

std::string digits(unsigned value) { return std::to_string(value); }
std::string clock(unsigned hour, unsigned minute) {
    return two_digits(hour) + ":" + two_digits(minute);
}

// "1, 3 and 7 through 9"
template <class Name>
std::string named(std::uint64_t set, Bounds bounds, bool ring, Name name) {
    Words words;
    for (const auto& run : runs_of(set, bounds, ring)) {
        if (run.length(bounds) > kShortRun) {
            words.push_back(name(run.from) + " through " + name(run.to));
            continue;
        }
        words.push_back(name(run.from));
        if (run.from != run.to) words.push_back(name(run.to));
    }
    return listed(words);
}

// "52.52": as few digits as name the number.
std::string decimal(double value) {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed).ptr;
    return {text.begin(), end};
}

std::string plural(unsigned count, std::string_view unit) {
    return digits(count) + " " + std::string(unit) + (count == 1 ? "" : "s");
}

std::string every(unsigned step, std::string_view unit) { return "every " + plural(step, unit); }

bool is_single(std::uint64_t set) { return std::has_single_bit(set); }
unsigned lowest(std::uint64_t set) { return static_cast<unsigned>(std::countr_zero(set)); }

// "from 09:00 to 17:59", "every 2 hours", "in the hours from 08:00, 12:00 and 20:00"; empty: all day.
// `last` is the last minute of an hour that matters.
std::string hours_of(std::uint64_t hours, unsigned last) {
    if (hours == kHours.all()) return {};
    if (const auto steps = steps_of(hours, kHours)) {
        if (steps->even(kHours) && steps->first == 0) return every(steps->step, "hour");
        return every(steps->step, "hour") + " from " + clock(steps->first, 0) + " to " +
               clock(steps->last, 0);
    }
    Words words;
    for (const auto& run : runs_of(hours, kHours, true))
        words.push_back(clock(run.from, 0) + " to " + clock(run.to, last));
    return "from " + listed(words);
}

// "every 5 minutes", "at 5 and 35 minutes past the hour"; of one whole hour "every hour".
std::string minutes_of(std::uint64_t minutes) {
    if (minutes == kSixty.all()) return "every minute";
    if (minutes == 1) return "every hour";
    if (const auto steps = steps_of(minutes, kSixty)) {
        if (steps->even(kSixty) && steps->first == 0) return every(steps->step, "minute");
        return every(steps->step, "minute") + " from minute " + digits(steps->first) + " to " +
               digits(steps->last) + " of the hour";
    }
    return "at " + named(minutes, kSixty, false, digits) +
           (minutes == 2 ? " minute past the hour" : " minutes past the hour");
}

std::string seconds_of(std::uint64_t seconds) {
    if (seconds == kSixty.all()) return "every second";
    if (const auto steps = steps_of(seconds, kSixty)) {
        if (steps->even(kSixty) && steps->first == 0) return every(steps->step, "second");
        return every(steps->step, "second") + " from second " + digits(steps->first) + " to " +
               digits(steps->last) + " of the minute";
    }
    return "at second" + std::string(is_single(seconds) ? " " : "s ") +
           named(seconds, kSixty, false, digits);
}

// "09:00 and 17:30"; nothing where naming them one by one would not help.
std::optional<std::string> single_times(const TimeOfDay& times) {
    const auto hours = values_of(times.hour_set()), minutes = values_of(times.minute_set());
    if (!is_single(times.second_set())) return std::nullopt;
    const bool series =
        steps_of(times.hour_set(), kHours) ||
        runs_of(times.hour_set(), kHours, true).front().length(kHours) > kShortRun ||
        (minutes.size() > kShortRun && steps_of(times.minute_set(), kSixty));
    const bool few = minutes.size() == 1 || hours.size() * minutes.size() <= kMostTimes;
    if (series || !few) return std::nullopt;
    const auto second = lowest(times.second_set());
    Words words;
    for (const auto hour : hours)
        for (const auto minute : minutes)
            words.push_back(clock(hour, minute) + (second == 0 ? "" : ":" + two_digits(second)));
    return listed(words);
}

// "every 10 minutes from 09:00 to 17:59"
std::string series_of(const TimeOfDay& times) {
    const auto seconds = times.second_set(), minutes = times.minute_set();
    const bool whole_hours = minutes == 1;
    std::string hours = hours_of(times.hour_set(), whole_hours && seconds == 1 ? 0 : 59);
    const bool hours_step = hours.starts_with("every");

    std::string words;
    if (seconds != 1) words = seconds_of(seconds);
    if (seconds != 1 && minutes == kSixty.all()) {
        // Every minute goes without saying.
    } else if (seconds == 1) {
        words = whole_hours && hours_step ? "" : minutes_of(minutes);
    } else if (whole_hours) {
        words += " of the first minute of " + std::string(hours_step ? "the hour" : "every hour");
    } else {
        words += ", " + minutes_of(minutes);
    }
    if (hours.empty()) return words;
    if (words.empty()) return hours;
    return words + (hours_step ? ", " : " ") + hours;
}

std::string month_name(unsigned month) { return std::string(kMonthNames[month - 1]); }
// Weeks are told from Monday on: 1 to 7.
std::string weekday_name(unsigned day) { return std::string(kWeekdayNames[day % 7]); }
std::uint64_t from_monday(std::uint8_t weekdays) {
    return (weekdays & 0x7EU) | (weekdays & 1U) << 7;
}

std::string before_last(unsigned days) {
    return days == 0 ? "the last day" : "the last day but " + digits(days);
}

// "day 13", "days 1 through 7 and the last day", "every 3 days from day 1"; of the month.
std::string month_days(const DayRule& rule) {
    Words words;
    const auto days = std::uint64_t{rule.days} << 1;
    const auto steps = steps_of(days, kMonthDays);
    if (steps && steps->first == 1 && steps->last + steps->step > kMonthDays.high)
        words.push_back(every(steps->step, "day") + " from day 1");
    else if (days != 0)
        words.push_back((is_single(days) ? "day " : "days ") +
                        named(days, kMonthDays, false, digits));
    for (const auto n : values_of(rule.before_last)) words.push_back(before_last(n));
    for (const auto n : values_of(rule.workday_near))
        words.push_back("the weekday nearest day " + digits(n + 1));
    for (const auto n : values_of(rule.workday_before))
        words.push_back(n == 0 ? "the last weekday" : "the weekday nearest " + before_last(n));
    return listed(words);
}

// "Monday through Friday", "Monday and the first and last Friday of the month".
std::string weekdays_of(const DayRule& rule) {
    Words words;
    if (rule.weekdays != 0)
        words.push_back(named(from_monday(rule.weekdays), {1, 7}, true, weekday_name));
    for (const auto n : values_of(rule.nth_weekdays))
        words.push_back("the " + std::string(kNth[n / 7]) + " " + weekday_name(n % 7));
    for (const auto day : values_of(rule.last_weekdays))
        words.push_back("the last " + weekday_name(day));
    return listed(words) + (rule.nth_weekdays || rule.last_weekdays ? " of the month" : "");
}

// ", Monday through Friday" or " on Monday and Thursday".
std::string on_weekdays(const DayRule& rule) {
    const auto runs = runs_of(from_monday(rule.weekdays), {1, 7}, true);
    const bool one_range = runs.size() == 1 && runs[0].length(kWeekdays) > kShortRun &&
                           !rule.nth_weekdays && !rule.last_weekdays;
    return (one_range ? ", " : " on ") + weekdays_of(rule);
}

// "only if it is a Thursday", "only if it is the first Friday of the month"
std::string condition(const DayRule& rule) {
    const bool one_day = is_single(rule.weekdays) && !rule.nth_weekdays && !rule.last_weekdays;
    return std::string("only if it is ") + (one_day ? "a " : "") + weekdays_of(rule);
}

// ", every 3 months", ", April through July" or " in June and December"; empty: all year.
std::string months_of(const DayRule& rule) {
    const auto months = std::uint64_t{rule.months} << 1;
    if (months == kMonths.all()) return {};
    const auto steps = steps_of(months, kMonths);
    if (steps && steps->first == 1 && steps->even(kMonths) && steps->step < 6)
        return ", " + every(steps->step, "month");
    const auto runs = runs_of(months, kMonths, true);
    const bool one_range = runs.size() == 1 && runs[0].length(kMonths) > kShortRun;
    return (one_range ? ", " : " in ") + named(months, kMonths, true, month_name);
}

// " on day 13 of the month" or " every 3 days from day 1 of the month"
std::string on_days(const DayRule& rule) {
    const auto days = month_days(rule);
    return (days.starts_with("every") ? " " : " on ") + days + " of the month";
}

// The same in its months: " on 13 January and June", " on day 13 of the month, every 3 months".
std::string on_days_in_months(const DayRule& rule) {
    const auto months = months_of(rule);
    const bool one_day =
        is_single(rule.days) && !rule.before_last && !rule.workday_near && !rule.workday_before;
    if (one_day && months.starts_with(" in "))
        return " on " + digits(lowest(rule.days) + 1) + months.substr(3);
    return on_days(rule) + months;
}

std::string dates_of(const DayRule& rule) {
    const bool any_day = (std::uint64_t{rule.days} << 1) == kMonthDays.all();
    const bool any_weekday = rule.weekdays == kWeekdays.all();
    if (rule.both ? any_day && any_weekday : any_day || any_weekday) return months_of(rule);
    if (any_day) return on_weekdays(rule) + months_of(rule);
    if (any_weekday) return on_days_in_months(rule);
    if (rule.both) return on_days_in_months(rule) + ", " + condition(rule);
    return on_days(rule) + " or on " + weekdays_of(rule) + months_of(rule);
}

std::string capitalized(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
        text[0] = static_cast<char>(text[0] - 32);
    return text;
}

}  // namespace

std::string words_of(const Cron& cron) {
    const auto& rule = cron.days().rule();
    const auto dates = dates_of(rule);
    if (const auto times = single_times(cron.times()))
        return (dates == months_of(rule) ? "Every day at " : "At ") + *times + dates;
    return capitalized(series_of(cron.times())) + dates;
}

std::string words_of(const Every& interval) {
    const auto [count, unit] = interval.in_largest_unit();
    return count == 1 ? "Every " + std::string(unit)
                      : capitalized(every(static_cast<unsigned>(count), unit));
}

std::string words_of(const Once& once, std::chrono::seconds offset) {
    const std::chrono::local_seconds wall{once.at().time_since_epoch() + offset};
    return "Once, on " + date_of(wall) + " at " + clock_of(wall);
}

std::string words_of(const Solar& solar) {
    // "dawn_civil" is "civil dawn", "solar_noon" stays.
    std::string event(solar.event());
    if (const auto line = event.find('_'); line != std::string::npos)
        event = solar.event() == "solar_noon"
                    ? "solar noon"
                    : event.substr(line + 1) + " " + event.substr(0, line);
    const auto offset = solar.offset().count();
    std::string words = "At ";
    if (offset != 0)
        words = plural(static_cast<unsigned>(std::abs(offset)), "minute") +
                (offset < 0 ? " before " : " after ");
    return words + event + " at " + decimal(solar.latitude()) + ", " + decimal(solar.longitude());
}

std::string rate_words(double runs_per_week) {
    constexpr double kAboutOne = 0.95;  // 52 weeks are no year
    constexpr double kWeeksInYear = 365.2425 / 7;
    if (runs_per_week <= 0) return "";
    for (const auto& [unit, weeks] :
         {std::pair("week", 1.0), {"month", kWeeksInYear / 12}, {"year", kWeeksInYear}}) {
        const double runs = runs_per_week * weeks;
        if (runs < kAboutOne) continue;
        const double shown = runs < 9.95 ? std::round(runs * 10) / 10 : std::round(runs);
        return "about " + decimal(shown) + (shown == 1 ? " run a " : " runs a ") + unit;
    }
    return "about 1 run in " + decimal(std::round(1 / (runs_per_week * kWeeksInYear))) + " years";
}

}  // namespace cjv::schedule
