#include "celery/python_text.h"

#include "base/utf8.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace cjv::celery {
namespace {

using namespace std::chrono;

constexpr std::string_view kHex = "0123456789abcdef";
constexpr Instant kYear1 = Instant{sys_days{year{1} / 1 / 1}};
constexpr Instant kYear10000 = Instant{sys_days{year{10000} / 1 / 1}};

void append_code_unit(std::string& out, std::uint32_t unit) {
    const char text[] = {
        '\\', 'u', kHex[unit >> 12], kHex[unit >> 8 & 15], kHex[unit >> 4 & 15], kHex[unit & 15]};
    out.append(text, sizeof text);
}

void append_escape(std::string& out, char c) {
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\b': out += "\\b"; return;
        case '\f': out += "\\f"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: append_code_unit(out, static_cast<unsigned char>(c)); return;
    }
}

// How many of the next eight bytes stand in a string as they are: all, or those before the first that does not. Each byte
// is looked at in its place of one word.
std::size_t plain_of_eight(const char* text) {
    constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
    std::uint64_t word = 0;
    std::memcpy(&word, text, sizeof word);
    const auto is_zero = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes & kHighs; };
    // What a borrow marks wrongly stands above what is marked rightly.
    const std::uint64_t below_blank = (word - kOnes * 0x20) & ~word & kHighs;
    const std::uint64_t marked = below_blank | (word & kHighs) | is_zero(word ^ kOnes * '"') |
                                 is_zero(word ^ kOnes * '\\') | is_zero(word ^ kOnes * 0x7F);
    if (marked == 0) return 8;
    if constexpr (std::endian::native == std::endian::big) return 0;
    return std::size_t(std::countr_zero(marked)) / 8;
}

// The character of a sequence that utf8_length() found.
std::uint32_t code_point(std::string_view sequence) {
    const auto byte = [&](std::size_t i) {
        return std::uint32_t(static_cast<unsigned char>(sequence[i]));
    };
    switch (sequence.size()) {
        case 2: return (byte(0) & 31) << 6 | (byte(1) & 63);
        case 3: return (byte(0) & 15) << 12 | (byte(1) & 63) << 6 | (byte(2) & 63);
        default:
            return (byte(0) & 7) << 18 | (byte(1) & 63) << 12 | (byte(2) & 63) << 6 |
                   (byte(3) & 63);
    }
}

void append_digits(std::string& out, unsigned value, int width) {
    char digits[6];
    for (int i = width - 1; i >= 0; --i, value /= 10) digits[i] = char('0' + value % 10);
    out.append(digits, std::size_t(width));
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t kept = 0;  // what stands before it is written
    for (std::size_t at = 0; at < text.size();) {
        if (text.size() - at >= 8) {
            const std::size_t plain = plain_of_eight(text.data() + at);
            at += plain;
            if (plain == 8) continue;
        }
        const auto c = static_cast<unsigned char>(text[at]);
        if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
            ++at;
            continue;
        }
        out.append(text, kept, at - kept);
        if (c < 0x80) {
            append_escape(out, text[at++]);
        } else if (const auto length = utf8_length(text.substr(at)); length == 0) {
            append_code_unit(out, 0xFFFD);
            ++at;
        } else {
            const auto code = code_point(text.substr(at, length));
            if (code >= 0x10000) {
                append_code_unit(out, 0xD800 + ((code - 0x10000) >> 10));
                append_code_unit(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
            } else {
                append_code_unit(out, code);
            }
            at += length;
        }
        kept = at;
    }
    out.append(text, kept);
    out += '"';
}

bool has_isoformat(Instant at) { return at >= kYear1 && at < kYear10000; }

void append_isoformat(std::string& out, Instant at) {
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const auto second = unsigned(duration_cast<seconds>(at - day).count());
    const auto fraction = unsigned(((at - day) % 1s).count());
    append_digits(out, unsigned(int(date.year())), 4);
    out += '-';
    append_digits(out, unsigned(date.month()), 2);
    out += '-';
    append_digits(out, unsigned(date.day()), 2);
    out += 'T';
    append_digits(out, second / 3600, 2);
    out += ':';
    append_digits(out, second / 60 % 60, 2);
    out += ':';
    append_digits(out, second % 60, 2);
    if (fraction != 0) {
        out += '.';
        append_digits(out, fraction, 6);
    }
    out += "+00:00";
}

std::string isoformat(Instant at) {
    std::string out;
    append_isoformat(out, at);
    return out;
}

void append_float(std::string& out, double number) {
    if (std::isnan(number)) {
        out += "nan";
        return;
    }
    if (std::isinf(number)) {
        out += number < 0 ? "-inf" : "inf";
        return;
    }
    const double size = std::fabs(number);
    const bool plain = number == 0 || (size >= 1e-4 && size < 1e16);
    char digits[64];
    const auto [end, error] =
        std::to_chars(digits, digits + sizeof digits, number,
                      plain ? std::chars_format::fixed : std::chars_format::scientific);
    const std::string_view text(digits, std::size_t(end - digits));
    out += text;
    if (plain && !text.contains('.')) out += ".0";
}

double unix_seconds(Instant at) { return double(micros(at)) / 1e6; }

bool read_unix_seconds(double seconds, Instant& at) {
    const double most = double(micros(kYear10000)) / 1e6;
    const bool holds = seconds >= 0 && seconds < most;  // not so for NaN
    if (!holds) return false;
    at = instant_from_micros(std::int64_t(std::llround(seconds * 1e6)));
    return true;
}

}  // namespace cjv::celery
