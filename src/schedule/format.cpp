#include "schedule/format.h"

#include "schedule/field.h"
#include "schedule/schedule.h"
#include "schedule/sets.h"

#include "base/iso8601.h"

#include <array>
#include <bit>
#include <charconv>

namespace cjv::schedule {
namespace {

void add(std::string& field, const std::string& item) {
    field += (field.empty() ? "" : ",") + item;
}

// "1-5,7": runs of three and more as ranges.
std::string listed(std::uint64_t set, Bounds bounds) {
    std::string field;
    for (const Run& run : runs_of(set, bounds, false)) {
        if (run.to - run.from < 2) {
            for (auto value = run.from; value <= run.to; ++value) add(field, std::to_string(value));
        } else {
            add(field, std::to_string(run.from) + "-" + std::to_string(run.to));
        }
    }
    return field;
}

// A field that begins with a star. Whatever was written so holds the lowest value, which "*/99"
// alone means in every field.
std::string starred(std::uint64_t set, Bounds bounds) {
    if (set == bounds.all()) return "*";
    const auto steps = steps_of(set, bounds);
    if (steps && steps->first == bounds.low && steps->last + steps->step > bounds.high)
        return "*/" + std::to_string(steps->step);
    const auto rest = set & ~(std::uint64_t{1} << bounds.low);
    return rest == 0 ? "*/99" : "*/99," + listed(rest, bounds);
}

bool may_be_starred(std::uint64_t set, Bounds bounds) { return set >> bounds.low & 1; }

// Of `names` the text for every bit that is set.
template <class Text>
void add_bits(std::string& field, std::uint64_t set, Text text) {
    for (; set != 0; set &= set - 1) add(field, text(static_cast<unsigned>(std::countr_zero(set))));
}

struct DayTexts {
    std::string day, weekday;
};

DayTexts day_texts(const Cron& cron) {
    const auto& rule = cron.days().rule();
    const auto day_bounds = bounds_of(Field::day_of_month);
    const auto weekday_bounds = bounds_of(Field::day_of_week);
    const std::uint64_t days = std::uint64_t{rule.days} << 1, weekdays = rule.weekdays;
    // When one is enough no field may begin with a star; when both must match without being asked to,
    // one does.
    const bool stars = rule.both;
    const bool asked = cron.day_match() == DayMatch::both;
    const auto plain = [&](std::uint64_t set, Bounds bounds) {
        return stars && set == bounds.all() ? std::string("*") : listed(set, bounds);
    };
    DayTexts texts{plain(days, day_bounds), plain(weekdays, weekday_bounds)};
    const bool open = texts.day.starts_with('*') || texts.weekday.starts_with('*');
    if (stars && !asked && !open) {
        if (may_be_starred(days, day_bounds))
            texts.day = starred(days, day_bounds);
        else
            texts.weekday = starred(weekdays, weekday_bounds);
    }
    const auto number = [](unsigned n) { return std::to_string(n); };
    add_bits(texts.day, rule.before_last,
             [&](unsigned n) { return n == 0 ? "L" : "L-" + number(n); });
    add_bits(texts.day, rule.workday_near, [&](unsigned n) { return number(n + 1) + "W"; });
    add_bits(texts.day, rule.workday_before,
             [&](unsigned n) { return n == 0 ? "LW" : "L-" + number(n) + "W"; });
    add_bits(texts.weekday, rule.nth_weekdays,
             [&](unsigned n) { return number(n % 7) + "#" + number(n / 7 + 1); });
    add_bits(texts.weekday, rule.last_weekdays, [&](unsigned n) { return number(n) + "L"; });
    return texts;
}

std::string format(const Every& every) {
    const auto [count, unit] = every.in_largest_unit();
    return "every " + std::to_string(count) + " " + std::string(unit) + (count == 1 ? "" : "s");
}

// The shortest digits that are read as the same number.
std::string shortest(double number) {
    std::array<char, 64> digits;
    const auto end =
        std::to_chars(digits.begin(), digits.end(), number, std::chars_format::fixed).ptr;
    return {digits.begin(), end};
}

std::string format(const Solar& solar) {
    const auto minutes = solar.offset().count();
    return std::string(solar.event()) + " " + shortest(solar.latitude()) + " " +
           shortest(solar.longitude()) +
           (minutes == 0 ? "" : (minutes > 0 ? " +" : " ") + std::to_string(minutes));
}

}  // namespace

std::string format(const Cron& cron) {
    const auto& times = cron.times();
    const auto second_bounds = bounds_of(Field::second), minute_bounds = bounds_of(Field::minute),
               hour_bounds = bounds_of(Field::hour), month_bounds = bounds_of(Field::month);
    std::string second = listed(times.second_set(), second_bounds);
    std::string minute = listed(times.minute_set(), minute_bounds);
    std::string hour = listed(times.hour_set(), hour_bounds);
    if (cron.wildcard()) {
        // Each full field is a star; where none is, one that may be begins with it.
        bool any = false;
        const auto star = [&](std::string& field, std::uint64_t set, Bounds bounds, bool wanted) {
            if (!wanted || !may_be_starred(set, bounds)) return;
            field = starred(set, bounds);
            any = true;
        };
        star(second, times.second_set(), second_bounds, times.second_set() == second_bounds.all());
        star(minute, times.minute_set(), minute_bounds, times.minute_set() == minute_bounds.all());
        star(hour, times.hour_set(), hour_bounds, times.hour_set() == hour_bounds.all());
        star(minute, times.minute_set(), minute_bounds, !any);
        star(hour, times.hour_set(), hour_bounds, !any);
        star(second, times.second_set(), second_bounds, !any);
    }
    const auto months = std::uint64_t{cron.days().rule().months} << 1;
    const auto month = months == month_bounds.all() ? "*" : listed(months, month_bounds);
    const auto [day, weekday] = day_texts(cron);
    std::string text = second == "0" ? "" : second + " ";
    return text + minute + " " + hour + " " + day + " " + month + " " + weekday;
}

std::string Schedule::text() const {
    if (const auto* cron = std::get_if<Cron>(&rule_)) return format(*cron);
    if (const auto* every = std::get_if<Every>(&rule_)) return format(*every);
    if (const auto* once = std::get_if<Once>(&rule_)) return "at " + to_iso8601(once->at());
    if (const auto* solar = std::get_if<Solar>(&rule_)) return format(*solar);
    if (std::holds_alternative<AtStart>(rule_)) return "@reboot";
    std::string text;
    if (const auto* list = std::get_if<List>(&rule_))
        for (const Cron& cron : **list) text += (text.empty() ? "" : " ; ") + format(cron);
    return text;
}

}  // namespace cjv::schedule
