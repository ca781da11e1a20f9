#include "schedule/every.h"

#include "schedule/civil.h"
#include "schedule/entries.h"
#include "schedule/names.h"
#include "schedule/utf8.h"
#include "schedule/zone.h"

#include <algorithm>
#include <array>

namespace cjv::schedule {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

// A period longer than a century is a slip of the finger.
constexpr std::int64_t kLongest = 36'525 * kDaySeconds;
constexpr std::int64_t kEndOfTime = days_from_civil(10'000, 1, 1) * kDaySeconds;

struct Unit {
    std::string_view name;
    std::int64_t seconds;
};
constexpr std::array<Unit, 21> kUnits = {
    {{"second", 1},   {"seconds", 1},   {"sec", 1},    {"secs", 1},       {"s", 1},
     {"minute", 60},  {"minutes", 60},  {"min", 60},   {"mins", 60},      {"m", 60},
     {"hour", 3'600}, {"hours", 3'600}, {"hr", 3'600}, {"hrs", 3'600},    {"h", 3'600},
     {"day", 86'400}, {"days", 86'400}, {"d", 86'400}, {"week", 604'800}, {"weeks", 604'800},
     {"w", 604'800}}};

// The cron expression that does what an interval cannot: months and years have no fixed length.
constexpr std::array<std::string_view, 5> kCalendarUnits = {"month", "months", "year", "years",
                                                            "mo"};

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

template <class Belongs>
std::string_view take_while(std::string_view& text, Belongs belongs) {
    std::size_t count = 0;
    while (count < text.size() && belongs(text[count])) ++count;
    const auto taken = text.substr(0, count);
    text.remove_prefix(count);
    return taken;
}

void skip_blanks(std::string_view& text) { take_while(text, is_blank); }

std::string_view first_word(std::string_view text) {
    return take_while(text, [](char c) { return !is_blank(c); });
}

// "every" or "@every" in front, with a blank or the end behind it; `text` then begins with the
// rest.
bool take_every(std::string_view& text) {
    auto rest = text;
    skip_blanks(rest);
    const auto word = first_word(rest);
    if (!same_word(word, "every") && !same_word(word, "@every")) return false;
    rest.remove_prefix(word.size());
    skip_blanks(rest);
    text = rest;
    return true;
}

// Reads "1h30m", "5 minutes", "minute".
class DurationReader {
public:
    DurationReader(std::string_view text, std::string_view rest, std::chrono::local_seconds anchor)
        : text_(text), rest_(rest), anchor_(anchor) {}

    Parsed<std::int64_t> read(bool bare_seconds) {
        std::int64_t total = 0;
        for (bool first = true; first || !rest_.empty(); first = false) {
            const auto part = this->part(first, bare_seconds);
            if (!part) return part;
            total += *part;
            if (total > kLongest) return refuse(text_, "out-of-range", "longer than 100 years");
        }
        return total;
    }

private:
    // One number and its unit. Only the first may go without a number ("every day").
    Parsed<std::int64_t> part(bool first, bool bare_seconds) {
        const auto start = rest_;
        const auto digits = take_while(rest_, is_digit);
        const bool is_unit_alone = first && !rest_.empty() && is_letter(rest_[0]);
        if (digits.empty() && !is_unit_alone) return unreadable(rest_.empty() ? text_ : rest_);
        if (digits.size() > 10)
            return refuse(start, "number-too-long",
                          "number " + quoted(digits) + " has too many digits");
        std::int64_t n = digits.empty() ? 1 : 0;
        for (const char c : digits) n = n * 10 + (c - '0');
        if (n == 0) return refuse(start, "out-of-range", "an interval is at least one second");
        if (!rest_.empty() && (rest_[0] == '.' || rest_[0] == ','))
            return refuse(start, "bad-interval", "fractions are not allowed",
                          "write the smaller unit: every 90 minutes");
        skip_blanks(rest_);
        const auto at = rest_;
        const auto word = take_while(rest_, is_letter);
        const auto after = rest_;
        skip_blanks(rest_);
        // "1h 30m" is no duration as Go writes it: one number and its unit, or no blank at all.
        if (!rest_.empty() && (rest_.size() != after.size() || digits.empty()))
            return unreadable(rest_);
        if (word.empty() && bare_seconds && first && rest_.empty()) return n;
        return times_unit(n, at, word);
    }

    Parsed<std::int64_t> times_unit(std::int64_t n, std::string_view at, std::string_view word) {
        for (const auto& unit : kUnits)
            if (same_word(word, unit.name)) return n > kLongest ? kLongest + 1 : n * unit.seconds;
        if (word.empty())
            return refuse(at, "bad-interval", "a unit is missing", "write every 5 minutes");
        for (const auto unit : kCalendarUnits)
            if (same_word(word, unit)) return calendar_unit(n, at, lower(word[0]) == 'y');
        if (same_word(word, "weekday") || same_word(word, "weekend") ||
            place_of(word, kWeekdayNames))
            return refuse(at, "bad-interval", "the time of day is missing",
                          "write every " + std::string(word) + " at 9:30");
        return refuse(at, "unknown-unit", "unknown unit " + quoted(word),
                      "use seconds, minutes, hours, days or weeks");
    }

    // Months and years as a cron expression that begins with the anchor, where they divide a year.
    Parsed<std::int64_t> calendar_unit(std::int64_t n, std::string_view at, bool years) {
        const auto months = years && n == 1 ? 12 : n;
        const bool exact = (!years || n == 1) && 12 % months == 0;
        const auto cron = every_months(exact ? static_cast<unsigned>(months) : years ? 12 : 3);
        auto refusal = refuse(at, "calendar-unit", "months and years have no fixed length",
                              "use a cron expression: " + cron);
        if (exact) refusal.error().suggest = Suggestion{.schedule = cron, .type = Type::cron};
        return refusal;
    }

    std::string every_months(unsigned count) const {
        const auto day = std::chrono::floor<std::chrono::days>(anchor_);
        const std::chrono::year_month_day date{day};
        const auto minute = (anchor_ - day).count() / 60;
        const auto first = (static_cast<unsigned>(date.month()) - 1) % count + 1;
        std::string months = count == 12 || first > 1 ? std::to_string(first) : "*";
        if (count > 1 && count < 12) months += "/" + std::to_string(count);
        return std::to_string(minute % 60) + " " + std::to_string(minute / 60) + " " +
               std::to_string(static_cast<unsigned>(date.day())) + " " + months + " *";
    }

    Parsed<std::int64_t> unreadable(std::string_view piece) {
        if (same_word(first_word(piece), "after"))
            return refuse(piece, "bad-interval",
                          "an interval counts from its anchor, not from the last run",
                          "write every 5 minutes, and say in overlap what becomes of a slot that "
                          "comes while a run goes on");
        if (same_word(first_word(piece), "at"))
            return refuse(piece, "bad-interval", "cannot read " + quoted(piece),
                          "a time of day is 0:00 to 23:59, 9am, noon or midnight: write every day "
                          "at 9:30");
        return refuse(piece, "bad-interval", "cannot read " + quoted(piece),
                      "write every 5 minutes");
    }

    Parsed<std::int64_t> refuse(std::string_view piece, std::string code, std::string message,
                                std::string hint = {}) {
        return std::unexpected(Refusal{.column = column_of(text_, piece),
                                       .code = std::move(code),
                                       .message = std::move(message),
                                       .hint = std::move(hint)});
    }

    std::string_view text_;
    std::string_view rest_;
    std::chrono::local_seconds anchor_;
};

}  // namespace

bool Every::claims(std::string_view text) { return take_every(text); }

Parsed<Every> Every::parse(std::string_view text, bool bare, sys_seconds anchor, const Zone* zone) {
    if (trimmed(text).empty())
        return std::unexpected(Refusal{.code = "empty", .message = "the interval is empty"});
    auto rest = text;
    const bool every = take_every(rest);
    skip_blanks(rest);
    if (!every && !bare)
        return std::unexpected(Refusal{.code = "bad-interval",
                                       .message = "an interval begins with \"every\"",
                                       .hint = "write every 5 minutes"});
    // A number alone are seconds, but "every 5" has lost its unit.
    const std::chrono::local_seconds wall{anchor.time_since_epoch() +
                                          (zone ? zone->offset_at(anchor) : seconds{0})};
    auto period = DurationReader(text, rest, wall).read(bare && !every);
    if (!period) return std::unexpected(std::move(period.error()));
    return Every(seconds{*period}, anchor);
}

std::pair<std::int64_t, std::string_view> Every::in_largest_unit() const {
    for (const std::string_view name : {"week", "day", "hour", "minute"}) {
        const auto unit = std::ranges::find(kUnits, name, &Unit::name);
        if (period_.count() % unit->seconds == 0) return {period_.count() / unit->seconds, name};
    }
    return {period_.count(), "second"};
}

std::optional<sys_seconds> Every::at_or_after(sys_seconds from) const {
    if (from <= anchor_) return anchor_;
    const auto passed = (from - anchor_ + period_ - seconds{1}) / period_;
    const auto at = anchor_ + passed * period_;
    if (at.time_since_epoch().count() >= kEndOfTime) return std::nullopt;
    return at;
}

}  // namespace cjv::schedule
