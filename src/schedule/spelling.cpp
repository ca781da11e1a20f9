#include "schedule/spelling.h"

#include "schedule/entries.h"
#include "schedule/late_days.h"
#include "schedule/names.h"
#include "schedule/quartz.h"
#include "schedule/sets.h"
#include "schedule/utf8.h"
#include "schedule/wall_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string>
#include <utility>

namespace cjv::schedule {
namespace {

using std::string_view;

constexpr std::array<string_view, kFields> kUnits = {"second", "minute", "hour",
                                                     "day",    "month",  "weekday"};

string_view unit_of(Field field) { return kUnits[static_cast<std::size_t>(field)]; }
std::string plural(unsigned count, string_view unit) {
    return std::to_string(count) + " " + std::string(unit) + (count == 1 ? "" : "s");
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(string_view s) { return !s.empty() && std::ranges::all_of(s, is_digit); }
bool is_open(string_view words) { return words == "*" || words == "?"; }

unsigned number_of(string_view digits) {
    unsigned value = 0;
    for (const char c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
    return value;
}

// Of a text that was accepted; nothing where it is no value alone.
std::optional<unsigned> value_of(string_view word, Field field) {
    if (all_digits(word))
        return field == Field::day_of_week ? number_of(word) % 7 : number_of(word);
    if (field == Field::month)
        if (const auto month = place_of(word, kMonthNames)) return *month + 1;
    if (field == Field::day_of_week) return place_of(word, kWeekdayNames);
    return std::nullopt;
}

// One item with a step: "*/7" and "5/7" go on to the end of the field, "10-40/7" does not.
struct Stepped {
    unsigned first, count, step;  // `count` values lie in what is stepped through
    bool to_the_end;
};

std::optional<Stepped> stepped(string_view item, Field field) {
    const auto slash = item.find('/');
    if (slash == string_view::npos) return std::nullopt;
    const auto base = item.substr(0, slash);
    const auto step = number_of(item.substr(slash + 1));
    const auto bounds = bounds_of(field);
    if (base == "*") return Stepped{bounds.low, bounds.size(), step, true};
    if (const auto from = value_of(base, field))
        return Stepped{*from, bounds.high - *from + 1, step, true};
    const auto dash = base.find('-');
    if (dash == string_view::npos) return std::nullopt;  // H
    const auto from = value_of(base.substr(0, dash), field);
    const auto to = value_of(base.substr(dash + 1), field);
    if (!from || !to) return std::nullopt;
    const Run run{*from, *to};
    return Stepped{*from, run.length(bounds), step, false};
}

// Of a set that is not empty.
unsigned lowest(std::uint64_t set) { return static_cast<unsigned>(std::countr_zero(set)); }
unsigned highest(std::uint64_t set) { return static_cast<unsigned>(std::bit_width(set)) - 1; }

class Spelling {
public:
    Spelling(const Cron& cron, string_view text, string_view entry) : cron_(cron), text_(text) {
        std::array<string_view, 8> words;
        const auto count = split(entry, words);
        is_alone_ = entry.size() == text.size();
        if (count != 5 && count != 6) return;  // a macro
        for (std::size_t i = 0; i < count; ++i) words_[kFields - count + i] = words[i];
    }

    std::vector<Warning> warnings() {
        if (of(Field::minute).empty()) return {};
        for (const auto field : {Field::second, Field::minute, Field::hour, Field::day_of_month,
                                 Field::month, Field::day_of_week})
            if (!of(field).empty()) look_at_steps(field);
        look_for_stars();
        look_at_day_fields();
        look_at_late_days();
        look_for_another_dialect();
        return std::move(found_);
    }

private:
    string_view of(Field field) const { return words_[static_cast<std::size_t>(field)]; }
    bool has_seconds() const { return !of(Field::second).empty(); }
    const DayRule& rule() const { return cron_.days().rule(); }
    std::uint64_t set_of(Field field) const {
        switch (field) {
            case Field::second: return cron_.times().second_set();
            case Field::minute: return cron_.times().minute_set();
            case Field::hour: return cron_.times().hour_set();
            default: return 0;
        }
    }

    void warn(string_view code, std::string message, std::optional<Suggestion> suggest = {},
              bool strong = false) {
        found_.push_back({.code = std::string(code),
                          .message = std::move(message),
                          .strong = strong,
                          .suggest = std::move(suggest)});
    }

    // The text with the pieces of it replaced. Pieces come in the order of the text.
    std::string with(const std::vector<std::pair<string_view, std::string>>& pieces) const {
        std::string text;
        const char* at = text_.data();
        for (const auto& [piece, replacement] : pieces) {
            text.append(at, piece.data()).append(replacement);
            at = piece.data() + piece.size();
        }
        return text.append(at, text_.data() + text_.size());
    }

    void look_at_steps(Field field) {
        auto rest = of(field);
        const bool is_list = rest.find(',') != string_view::npos;
        for (bool more = true; more;) {
            const auto comma = rest.find(',');
            const auto item = rest.substr(0, comma);
            more = comma != string_view::npos;
            if (more) rest.remove_prefix(comma + 1);
            const auto steps = stepped(item, field);
            if (!steps || steps->count < 2) continue;
            if (steps->step >= steps->count)
                step_larger(field, item, *steps, is_list);
            else if (!is_list && steps->to_the_end)
                uneven_step(field, item, *steps);
        }
    }

    void step_larger(Field field, string_view item, const Stepped& steps, bool is_list) {
        std::optional<Suggestion> suggest;
        if (!is_list && steps.to_the_end && steps.step > steps.count)
            suggest = interval(field, steps.step);
        else if (steps.step == steps.count)
            suggest = Suggestion{.schedule = with({{item, std::to_string(steps.first)}})};
        warn("step-larger",
             quoted(item) + " is " + std::string(unit_of(field)) + " " +
                 std::to_string(steps.first) + " alone: the step leads past the end of the " +
                 std::string(name_of(field)) + " field.",
             std::move(suggest), steps.step > steps.count);
    }

    void uneven_step(Field field, string_view item, const Stepped& steps) {
        const auto bounds = bounds_of(field);
        const auto last = steps.first + (steps.count - 1) / steps.step * steps.step;
        const auto gap = steps.first + bounds.size() - last;
        if (gap == steps.step) return;
        std::string message = quoted(item) + " is uneven: after " + std::string(unit_of(field)) +
                              " " + std::to_string(last) + " comes " + std::string(unit_of(field)) +
                              " " + std::to_string(steps.first);
        message += field == Field::day_of_month  ? " of the next month."
                   : field == Field::day_of_week ? ", " + plural(gap, "day") + " later."
                                                 : ", " + plural(gap, unit_of(field)) + " later.";
        warn("uneven-step", std::move(message),
             steps.first == bounds.low ? interval(field, steps.step) : std::nullopt);
    }

    // "every 90 minutes", where nothing else in the text says when.
    std::optional<Suggestion> interval(Field field, unsigned count) const {
        const bool counts = field <= Field::day_of_month && is_alone_;
        if (!counts) return std::nullopt;
        for (std::size_t i = 0; i < kFields; ++i) {
            const auto other = static_cast<Field>(i);
            if (other > field && !is_open(of(other))) return std::nullopt;
            if (other < field && set_of(other) != 1) return std::nullopt;
        }
        return Suggestion{.schedule = "every " + plural(count, unit_of(field)),
                          .type = Type::interval};
    }

    // "* 16 * * *": a star was left in a finer field than the one that says when.
    void look_for_stars() {
        const auto second = of(Field::second), minute = of(Field::minute), hour = of(Field::hour);
        const bool star = minute == "*";
        if (hour == "*" && star && (!has_seconds() || second == "*" || second == "0")) {
            if (is_single_day()) star_left(Field::day_of_month);
        } else if (star && isolated(Field::hour)) {
            star_left(Field::hour);
        } else if (second == "*" && !star && isolated(Field::minute)) {
            star_left(Field::minute);
        }
    }

    // The first value that stands alone: not part of a range, within which people do mean every
    // minute.
    std::optional<unsigned> isolated(Field field) const {
        for (const Run& run : runs_of(set_of(field), bounds_of(field), true))
            if (run.from == run.to) return run.from;
        return std::nullopt;
    }

    bool is_single_day() const {
        const bool any_weekday = is_open(of(Field::day_of_week));
        const bool any_day = is_open(of(Field::day_of_month));
        if (any_day == any_weekday) return false;
        return any_weekday ? std::popcount(rule().days) <= 1 : std::popcount(rule().weekdays) <= 1;
    }

    // `field` says when; what is finer has a star too many.
    void star_left(Field field) {
        std::vector<std::pair<string_view, std::string>> zeros;
        unsigned count = 1;
        for (auto i = static_cast<std::size_t>(field); i-- > 0;) {
            count *= static_cast<unsigned>(std::popcount(set_of(static_cast<Field>(i))));
            if (words_[i] == "*") zeros.insert(zeros.begin(), {words_[i], "0"});
        }
        warn("star-in-finer-field",
             "A star is left in a finer field: that is " + plural(count, "run") +
                 first_runs(field) + ".",
             Suggestion{.schedule = with(zeros)}, true);
    }

    // " from 16:00 to 16:59"
    std::string first_runs(Field field) const {
        if (field == Field::day_of_month) return " on each of its days";
        const auto seconds = set_of(Field::second), minutes = set_of(Field::minute);
        const auto hour = field == Field::hour ? isolated(field) : std::nullopt;
        const auto minute = field == Field::minute ? isolated(field) : std::nullopt;
        const auto clock = [&](unsigned m, unsigned s) {
            auto text = two_digits(hour.value_or(lowest(set_of(Field::hour)))) + ":" +
                        two_digits(minute.value_or(m));
            if (seconds != 1) text += ":" + two_digits(s);
            return text;
        };
        return " from " + clock(lowest(minutes), lowest(seconds)) + " to " +
               clock(highest(minutes), highest(seconds));
    }

    void look_at_day_fields() {
        const auto day = of(Field::day_of_month), weekday = of(Field::day_of_week);
        const bool restricted = !is_open(day) && !is_open(weekday);
        if (!restricted || cron_.day_match() == DayMatch::both) return;
        if (rule().both) {
            if (!day.starts_with("*/") && !weekday.starts_with("*/")) return;
            warn("star-step-and", "A day must match both day fields, because " +
                                      quoted(day.starts_with("*") ? day : weekday) +
                                      " begins with a star.");
            return;
        }
        std::optional<Suggestion> suggest;
        if (has_seconds()) {
            if (is_alone_ && may_match_both())
                suggest = Suggestion{.schedule = std::string(text_), .day_match = DayMatch::both};
        } else if (const auto nth = nth_weekday()) {
            suggest = Suggestion{.schedule = with({{day, "*"}, {weekday, *nth}})};
        }
        warn("day-or-weekday",
             "Two day fields are restricted, and one is enough: this runs on the days " +
                 std::string(day) + " OR on the weekdays " + std::string(weekday) + ".",
             std::move(suggest));
    }

    // "LW * 0" never does: the last weekday is no Sunday.
    bool may_match_both() const {
        auto both = rule();
        both.both = true;
        return Days(both).ever();
    }

    // "1-7 * 1" means the first Monday to those who wrote it.
    std::optional<std::string> nth_weekday() const {
        const auto& days = rule();
        const bool plain = !(days.before_last | days.workday_near | days.workday_before |
                             days.nth_weekdays | days.last_weekdays);
        if (!plain || !std::has_single_bit(days.weekdays)) return std::nullopt;
        for (unsigned week = 0; week < 4; ++week) {
            if (days.days != 0x7FU << 7 * week) continue;
            const auto name =
                kWeekdayNames[static_cast<std::size_t>(std::countr_zero(days.weekdays))];
            std::string nth;
            for (const char c : name.substr(0, 3)) nth += static_cast<char>(c & ~0x20);
            return nth + "#" + std::to_string(week + 1);
        }
        return std::nullopt;
    }

    void look_at_late_days() {
        const auto field = of(Field::day_of_month);
        const bool looked_at_already = field.find_first_of("*/") != string_view::npos;
        if (looked_at_already) return;
        auto told = told_of_late_days(rule());
        if (!told) return;
        const bool only_last = field == "31";
        warn(
            "day-29-31", *std::move(told),
            only_last ? std::optional(Suggestion{.schedule = with({{field, "L"}})}) : std::nullopt);
    }

    void look_for_another_dialect() {
        if (!has_seconds()) return;
        warn("seconds-first", "Six fields: the first one is the second.");
        const bool question_mark = of(Field::day_of_month) == "?" || of(Field::day_of_week) == "?";
        const auto weekday = of(Field::day_of_week);
        if (!question_mark) return;
        const auto named = from_quartz_weekdays(weekday);
        // No digit is a weekday, or they are those of H, which Quartz does not have.
        if (named == weekday || weekday.find('(') != string_view::npos) return;
        std::optional<Suggestion> suggest;
        if (named) suggest = Suggestion{.schedule = with({{weekday, *named}})};
        warn("quartz-digits",
             "Here weekday 1 is Monday. Where '?' is usual (Quartz, EventBridge), 1 is Sunday.",
             std::move(suggest), true);
    }

    const Cron& cron_;
    string_view text_;
    bool is_alone_ = false;
    std::array<string_view, kFields> words_;  // by Field; empty: not written
    std::vector<Warning> found_;
};

}  // namespace

std::vector<Warning> spelling_warnings(const Cron& cron, std::string_view text,
                                       std::string_view entry) {
    return Spelling(cron, text, entry).warnings();
}

}  // namespace cjv::schedule
