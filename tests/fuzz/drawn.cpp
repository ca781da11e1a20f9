#include "drawn.h"

#include <algorithm>
#include <array>

namespace cjv::fuzz {
namespace {

using std::chrono::days;
using std::chrono::last;
using std::chrono::sys_days;
using std::chrono::weekday;

struct Range {
    int low, high;
};

int day_of(Date date) { return static_cast<int>(static_cast<unsigned>(date.day())); }
int last_day(Date date) { return day_of(Date{date.year() / date.month() / last}); }
int weekday_of(Date date) { return static_cast<int>(weekday{sys_days{date}}.c_encoding()); }

// Whether the date is the Monday to Friday nearest to day `n` of its month; found by looking at the days around it.
bool is_nearest_workday(Date date, int n) {
    if (n < 1 || n > last_day(date)) return false;
    for (const int distance : {0, -1, 1, -2, 2}) {
        const int day = n + distance;
        if (day < 1 || day > last_day(date)) continue;
        const Date near{date.year() / date.month() / day};
        if (const int of_week = weekday_of(near); of_week >= 1 && of_week <= 5) return near == date;
    }
    return false;
}

// Walks from a to b, round the end of the field where need be, and takes every step-th value.
std::set<int> walk(int a, int b, int step, Range range) {
    std::set<int> values;
    for (int value = a, taken = 0;; ++taken) {
        if (taken % step == 0) values.insert(value);
        if (value == b) return values;
        value = value == range.high ? range.low : value + 1;
    }
}

struct Field {
    std::string text;
    std::set<int> values;
};

Field draw_item(Bytes& bytes, Range range) {
    constexpr std::array<int, 9> kSteps = {1, 2, 3, 5, 7, 10, 15, 20, 90};
    const int a = bytes.between(range.low, range.high), b = bytes.between(range.low, range.high);
    const int step = kSteps[static_cast<std::size_t>(bytes.roll(kSteps.size()))];
    const std::string first = std::to_string(a), span = first + "-" + std::to_string(b),
                      every = "/" + std::to_string(step);
    switch (bytes.roll(6)) {
        case 0: return {span, walk(a, b, 1, range)};
        case 1: return {"*" + every, walk(range.low, range.high, step, range)};
        case 2: return {first + every, walk(a, range.high, step, range)};
        case 3: return {span + every, walk(a, b, step, range)};
        default: return {first, {a}};
    }
}

Field draw_field(Bytes& bytes, Range range, int stars) {
    if (bytes.roll(8) < stars) return {"*", walk(range.low, range.high, 1, range)};
    Field field;
    for (int left = bytes.one_in(3) ? bytes.between(1, 3) : 1; left > 0; --left) {
        const Field item = draw_item(bytes, range);
        field.text += (field.text.empty() ? "" : ",") + item.text;
        field.values.insert(item.values.begin(), item.values.end());
    }
    return field;
}

struct DateField {
    std::string text;
    std::vector<DateRule> rules;

    void add(const std::string& item, DateRule rule) {
        text += (text.empty() ? "" : ",") + item;
        rules.push_back(std::move(rule));
    }
    bool is_open() const { return text[0] == '*' || text[0] == '?'; }
};

DateField open_field(Bytes& bytes) {
    return {bytes.one_in(4) ? "?" : "*", {[](Date) { return true; }}};
}

DateField draw_days(Bytes& bytes) {
    if (bytes.roll(2) == 0) return open_field(bytes);
    DateField field;
    for (int left = bytes.between(1, 2); left > 0; --left) {
        const int n = bytes.between(1, 31), back = bytes.between(1, 30);
        switch (bytes.roll(8)) {
            case 0: field.add("L", [](Date date) { return day_of(date) == last_day(date); }); break;
            case 1:
                field.add("L-" + std::to_string(back),
                          [back](Date date) { return day_of(date) == last_day(date) - back; });
                break;
            case 2:
                field.add(std::to_string(n) + "W",
                          [n](Date date) { return is_nearest_workday(date, n); });
                break;
            case 3:
                field.add("LW", [](Date date) { return is_nearest_workday(date, last_day(date)); });
                break;
            case 4:
                field.add("L-" + std::to_string(back) + "W", [back](Date date) {
                    return is_nearest_workday(date, last_day(date) - back);
                });
                break;
            default: {
                const Field item = draw_item(bytes, {1, 31});
                field.add(item.text, [values = item.values](Date date) {
                    return values.contains(day_of(date));
                });
            }
        }
    }
    return field;
}

DateField draw_weekdays(Bytes& bytes) {
    if (bytes.roll(2) == 0) return open_field(bytes);
    DateField field;
    for (int left = bytes.between(1, 2); left > 0; --left) {
        const int day = bytes.roll(7), nth = bytes.between(1, 5);
        switch (bytes.roll(6)) {
            case 0:
                field.add(std::to_string(day) + "#" + std::to_string(nth), [day, nth](Date date) {
                    return weekday_of(date) == day && (day_of(date) + 6) / 7 == nth;
                });
                break;
            case 1:
                field.add(std::to_string(day) + "L", [day](Date date) {
                    return weekday_of(date) == day && day_of(date) + 7 > last_day(date);
                });
                break;
            case 2: field.add("7", [](Date date) { return weekday_of(date) == 0; }); break;
            default: {
                const Field item = draw_item(bytes, {0, 6});
                field.add(item.text, [values = item.values](Date date) {
                    return values.contains(weekday_of(date));
                });
            }
        }
    }
    return field;
}

}  // namespace

bool Drawn::matches(Date date) const {
    if (!months.contains(static_cast<int>(static_cast<unsigned>(date.month())))) return false;
    const auto by = [&](const DateRule& rule) { return rule(date); };
    const bool day = std::ranges::any_of(days, by), weekday = std::ranges::any_of(weekdays, by);
    return both ? day && weekday : day || weekday;
}

Drawn draw(Bytes& bytes, bool both) {
    Drawn drawn;
    const bool has_seconds = bytes.one_in(5);
    const Field second = has_seconds ? draw_field(bytes, {0, 59}, 1) : Field{"", {0}};
    const Field minute = draw_field(bytes, {0, 59}, 2), hour = draw_field(bytes, {0, 23}, 3);
    const DateField day = draw_days(bytes);
    const Field month = draw_field(bytes, {1, 12}, 7);
    const DateField weekday = draw_weekdays(bytes);
    drawn.text = (has_seconds ? second.text + " " : "") + minute.text + " " + hour.text + " " +
                 day.text + " " + month.text + " " + weekday.text;
    drawn.seconds = second.values;
    drawn.minutes = minute.values;
    drawn.hours = hour.values;
    drawn.months = month.values;
    drawn.days = day.rules;
    drawn.weekdays = weekday.rules;
    drawn.both = both || day.is_open() || weekday.is_open();
    for (const Field* field : {&second, &minute, &hour})
        drawn.wildcard = drawn.wildcard || field->text.starts_with('*');
    return drawn;
}

}  // namespace cjv::fuzz
