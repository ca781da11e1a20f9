#include "base/iso8601.h"

#include <array>

namespace cjv {
namespace {

using namespace std::chrono;

// Writes `value` with `width` digits and steps behind them.
void put_digits(char*& at, unsigned value, int width) {
    for (int i = width - 1; i >= 0; --i, value /= 10) at[i] = char('0' + value % 10);
    at += width;
}

void append_clock(std::string& out, Instant at) {
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const auto of_day = at - day;
    const auto second = unsigned(duration_cast<seconds>(of_day).count());
    const auto fraction = unsigned((of_day % 1s).count());

    std::array<char, sizeof "-292277-01-09T04:00:54.775807"> text;
    char* end = text.data();
    int year = int(date.year());
    if (year < 0) *end++ = '-', year = -year;
    put_digits(end, unsigned(year), year > 9999 ? 6 : 4);
    *end++ = '-';
    put_digits(end, unsigned(date.month()), 2);
    *end++ = '-';
    put_digits(end, unsigned(date.day()), 2);
    *end++ = 'T';
    put_digits(end, second / 3600, 2);
    *end++ = ':';
    put_digits(end, second / 60 % 60, 2);
    *end++ = ':';
    put_digits(end, second % 60, 2);
    if (fraction != 0) {
        *end++ = '.';
        put_digits(end, fraction, 6);
        while (end[-1] == '0') --end;
    }
    out.append(text.data(), std::size_t(end - text.data()));
}

// Takes the text piece by piece; each step is false when the piece is not there.
struct Cursor {
    std::string_view rest;

    bool skip(std::string_view any) {
        if (rest.empty() || any.find(rest.front()) == any.npos) return false;
        rest.remove_prefix(1);
        return true;
    }
    bool digit(int& value) {
        if (rest.empty() || rest.front() < '0' || rest.front() > '9') return false;
        value = value * 10 + (rest.front() - '0');
        rest.remove_prefix(1);
        return true;
    }
    bool number(int width, int most, int& value) {
        value = 0;
        for (int i = 0; i < width; ++i)
            if (!digit(value)) return false;
        return value <= most;
    }
};

bool read_date(Cursor& at, sys_days& day) {
    int y = 0, m = 0, d = 0;
    if (!at.number(4, 9999, y) || !at.skip("-") || !at.number(2, 12, m) || !at.skip("-") ||
        !at.number(2, 31, d))
        return false;
    const year_month_day date{year{y}, month{unsigned(m)}, std::chrono::day{unsigned(d)}};
    if (!date.ok()) return false;
    day = date;
    return true;
}

// One to nine digits; what is finer than a microsecond is cut.
bool read_fraction(Cursor& at, microseconds& fraction) {
    int value = 0, taken = 0;
    for (int ignored = 0; taken < 9; ++taken)
        if (!at.digit(taken < 6 ? value : ignored)) break;
    if (taken == 0) return false;
    for (int i = taken; i < 6; ++i) value *= 10;
    fraction = microseconds{value};
    return true;
}

bool read_time(Cursor& at, microseconds& of_day) {
    int h = 0, m = 0, s = 0;
    microseconds fraction{0};
    if (!at.number(2, 23, h) || !at.skip(":") || !at.number(2, 59, m)) return false;
    if (at.skip(":")) {
        if (!at.number(2, 59, s)) return false;
        if (at.skip(".,") && !read_fraction(at, fraction)) return false;
    }
    of_day = hours{h} + minutes{m} + seconds{s} + fraction;
    return true;
}

bool read_zone(Cursor& at, seconds& offset) {
    if (at.rest.empty() || at.skip("Zz")) return true;
    const bool west = at.rest.front() == '-';
    int h = 0, m = 0;
    if (!at.skip("+-") || !at.number(2, 23, h)) return false;
    const bool colon = at.skip(":");
    if ((colon || !at.rest.empty()) && !at.number(2, 59, m)) return false;
    offset = hours{h} + minutes{m};
    if (west) offset = -offset;
    return true;
}

}  // namespace

void append_iso8601(std::string& out, Instant at) {
    append_clock(out, at);
    out += 'Z';
}

std::string to_iso8601(Instant at) {
    std::string text;
    append_iso8601(text, at);
    return text;
}

std::string to_iso8601(Instant at, seconds offset) {
    std::string text;
    append_clock(text, at + offset);
    const auto size = unsigned(abs(offset).count());
    std::array<char, sizeof "+00:00:00"> zone;
    char* end = zone.data();
    *end++ = offset < 0s ? '-' : '+';
    put_digits(end, size / 3600, 2);
    *end++ = ':';
    put_digits(end, size / 60 % 60, 2);
    // Old local mean times have seconds; RFC 3339 has no room for them, ISO 8601-2 does.
    if (size % 60 != 0) {
        *end++ = ':';
        put_digits(end, size % 60, 2);
    }
    return text.append(zone.data(), std::size_t(end - zone.data()));
}

std::optional<Instant> parse_iso8601(std::string_view text) {
    Cursor at{text};
    sys_days day;
    microseconds of_day{0};
    seconds offset{0};
    if (!read_date(at, day)) return std::nullopt;
    if (!at.rest.empty() && (!at.skip("Tt ") || !read_time(at, of_day) || !read_zone(at, offset)))
        return std::nullopt;
    if (!at.rest.empty()) return std::nullopt;
    return day + of_day - offset;
}

bool has_offset(std::string_view iso8601) {
    // Behind the date, signs can only begin an offset.
    constexpr std::size_t kDate = sizeof "2027-01-31" - 1;
    return iso8601.size() > kDate && iso8601.find_first_of("Zz+-", kDate) != iso8601.npos;
}

}  // namespace cjv
