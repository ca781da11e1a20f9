#include "schedule/posix_rule.h"

#include "schedule/civil.h"

namespace cjv::schedule {
namespace {

using std::chrono::local_seconds;
using std::chrono::seconds;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Takes pieces from the front. After a failure `ok` is false and what comes back means nothing.
struct RuleReader {
    std::string_view rest;
    bool ok = true;

    bool take(char c) {
        if (rest.empty() || rest[0] != c) return false;
        rest.remove_prefix(1);
        return true;
    }

    unsigned number(unsigned low, unsigned high) {
        unsigned value = 0, digits = 0;
        for (; !rest.empty() && is_digit(rest[0]) && digits < 4; ++digits) {
            value = value * 10 + static_cast<unsigned>(rest[0] - '0');
            rest.remove_prefix(1);
        }
        ok = ok && digits > 0 && value >= low && value <= high;
        return value;
    }

    // "CET" or "<+0330>".
    void name() {
        std::size_t letters = 0;
        if (take('<')) {
            while (letters < rest.size() && rest[letters] != '>') ++letters;
            ok = ok && letters < rest.size();
            rest.remove_prefix(ok ? letters + 1 : rest.size());
        } else {
            while (letters < rest.size() && is_letter(rest[letters])) ++letters;
            rest.remove_prefix(letters);
        }
        ok = ok && letters >= 3;
    }

    // "[+-]h[:m[:s]]"
    seconds time(unsigned highest_hour) {
        const bool negative = take('-');
        if (!negative) take('+');
        unsigned total = 3'600 * number(0, highest_hour);
        if (take(':')) total += 60 * number(0, 59);
        if (take(':')) total += number(0, 59);
        return seconds{negative ? -static_cast<int>(total) : static_cast<int>(total)};
    }

    PosixRule::YearlyChange change() {
        using Day = PosixRule::YearlyChange::Day;
        PosixRule::YearlyChange change;
        ok = ok && take(',');
        if (take('M')) {
            change.month = number(1, 12);
            ok = ok && take('.');
            change.week = number(1, 5);
            ok = ok && take('.');
            change.weekday = number(0, 6);
        } else if (take('J')) {
            change.kind = Day::of_year_not_leap;
            change.day = number(1, 365);
        } else {
            change.kind = Day::of_year;
            change.day = number(0, 365);
        }
        if (take('/')) change.time = time(167);
        return change;
    }
};

}  // namespace

local_seconds PosixRule::YearlyChange::in(std::int32_t year) const {
    std::int32_t days = 0;
    switch (kind) {
        case Day::of_year: days = days_from_civil(year, 1, 1) + static_cast<int>(day); break;
        case Day::of_year_not_leap:
            days = days_from_civil(year, 1, 1) + static_cast<int>(day) - 1;
            if (is_leap(year) && day >= 60) ++days;
            break;
        case Day::of_month: {
            const auto first = days_from_civil(year, month, 1);
            unsigned of_month = (weekday + 7 - schedule::weekday(first)) % 7 + 7 * (week - 1);
            if (of_month >= month_length(year, month)) of_month -= 7;
            days = first + static_cast<int>(of_month);
        }
    }
    return local_seconds{seconds{days * kDaySeconds} + time};
}

std::optional<PosixRule> parse_posix_rule(std::string_view text) {
    RuleReader reader{text};
    PosixRule rule{};
    reader.name();
    rule.standard = -reader.time(24);
    if (reader.ok && !reader.rest.empty()) {
        PosixRule::Summer summer{
            .offset = rule.standard + seconds{3'600}, .begins = {}, .ends = {}};
        reader.name();
        if (!reader.rest.starts_with(',')) summer.offset = -reader.time(24);
        summer.begins = reader.change();
        summer.ends = reader.change();
        rule.summer = summer;
    }
    if (!reader.ok || !reader.rest.empty()) return std::nullopt;
    return rule;
}

}  // namespace cjv::schedule
