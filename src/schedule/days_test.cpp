#include "schedule/days.h"

#include "schedule/civil.h"
#include "schedule/cron.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>

namespace cjv::schedule {
namespace {

constexpr std::int32_t kFrom = days_from_civil(2000, 1, 1);
constexpr std::int32_t kTo = days_from_civil(2028, 1, 1);  // every kind of year

Days days(std::string_view text, DayMatch match = DayMatch::either) {
    return Cron::parse(text, match).value().days();
}

// Asks `right` about each day, and compares. Tells once, not ten thousand times, that it is well.
template <class Right>
void each_day(const Days& days, Right right) {
    std::optional<std::int32_t> expected = days.at_or_after(kTo);
    for (auto day = kTo - 1; day >= kFrom; --day) {
        const auto [year, month, of_month] = civil_from_days(day);
        if (right(of_month, month_length(year, month), month, weekday(day))) expected = day;
        if (days.at_or_after(day) != expected) FAIL("day ", day);
    }
    CHECK(expected);
}

}  // namespace

TEST_CASE("days become dates as the standard library's calendar has it") {
    using namespace std::chrono;
    for (auto day = days_from_civil(1, 1, 1); day < days_from_civil(10'000, 1, 1); day += 7) {
        const year_month_day expected{sys_days{std::chrono::days{day}}};
        const auto civil = civil_from_days(day);
        const std::chrono::weekday of_week{sys_days{std::chrono::days{day}}};
        const bool right = year_month_day{year{civil.year}, std::chrono::month{civil.month},
                                          std::chrono::day{civil.day}} == expected &&
                           days_from_civil(civil.year, civil.month, civil.day) == day &&
                           weekday(day) == of_week.c_encoding();
        if (!right) FAIL("day ", day);
    }
    for (int y = 1896; y <= 2104; ++y)
        for (unsigned m = 1; m <= 12; ++m)
            CHECK(month_length(y, m) ==
                  static_cast<unsigned>((year{y} / static_cast<int>(m) / last).day()));
}

TEST_CASE("two restricted day fields mean one or the other") {
    each_day(days("0 0 13 * 5"),
             [](auto day, auto, auto, auto weekday) { return day == 13 || weekday == 5; });
}

TEST_CASE("a day field that begins with a star makes it one and the other") {
    each_day(days("0 0 */2 * 1"),
             [](auto day, auto, auto, auto weekday) { return day % 2 == 1 && weekday == 1; });
    each_day(days("0 0 13 * 5", DayMatch::both),
             [](auto day, auto, auto, auto weekday) { return day == 13 && weekday == 5; });
}

TEST_CASE("months choose their days") {
    each_day(days("0 0 1,31 2-4 *"), [](auto day, auto, auto month, auto) {
        return (day == 1 || day == 31) && month >= 2 && month <= 4;
    });
    each_day(days("0 0 29 2 *"),
             [](auto day, auto, auto month, auto) { return day == 29 && month == 2; });
}

TEST_CASE("L counts from the end of the month") {
    each_day(days("0 0 L,L-29 * *"),
             [](auto day, auto length, auto, auto) { return day == length || day + 29 == length; });
}

TEST_CASE("W is the nearest day from Monday to Friday in the same month") {
    const auto nearest = [](unsigned wanted, unsigned length, unsigned day, unsigned weekday) {
        if (wanted > length || weekday == 0 || weekday == 6) return false;
        const unsigned of_wanted = (weekday + 35 + wanted - day) % 7;
        if (of_wanted == 6) return day == (wanted == 1 ? 3 : wanted - 1);
        if (of_wanted == 0) return day == (wanted == length ? wanted - 2 : wanted + 1);
        return day == wanted;
    };
    for (unsigned wanted = 1; wanted <= 31; ++wanted)
        each_day(days("0 0 " + std::to_string(wanted) + "W * *"),
                 [&](auto day, auto length, auto, auto weekday) {
                     return nearest(wanted, length, day, weekday);
                 });
    each_day(days("0 0 LW * *"), [&](auto day, auto length, auto, auto weekday) {
        return nearest(length, length, day, weekday);
    });
    each_day(days("0 0 L-27W * *"), [&](auto day, auto length, auto, auto weekday) {
        return nearest(length - 27, length, day, weekday);
    });
}

TEST_CASE("the n-th and the last of a weekday count within the month") {
    each_day(days("0 0 * * 5#1,SUN#5"), [](auto day, auto, auto, auto weekday) {
        return (weekday == 5 && day <= 7) || (weekday == 0 && day >= 29);
    });
    each_day(days("0 0 * * 4L"), [](auto day, auto length, auto, auto weekday) {
        return weekday == 4 && day + 7 > length;
    });
}

TEST_CASE("29 February on a Monday is found across forty years") {
    const auto days = schedule::days("0 0 29 2 1", DayMatch::both);

    CHECK(days.at_or_after(days_from_civil(2072, 3, 1)) == days_from_civil(2112, 2, 29));
}

}  // namespace cjv::schedule
