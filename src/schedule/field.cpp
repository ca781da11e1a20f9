#include "schedule/field.h"

#include "schedule/hash.h"
#include "schedule/names.h"
#include "schedule/plain_field.h"
#include "schedule/utf8.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace cjv::schedule {
namespace {

struct Limits {
    std::string_view name;
    unsigned low, high;
};
constexpr std::array<Limits, kFields> kLimits = {{{"second", 0, 59},
                                                  {"minute", 0, 59},
                                                  {"hour", 0, 23},
                                                  {"day-of-month", 1, 31},
                                                  {"month", 1, 12},
                                                  {"day-of-week", 0, 7}}};

constexpr std::size_t kLongestNumber = 4;

// Sunday is 0 and 7 in a text, and 0 in a set; everything else knows its own highest value.
constexpr unsigned highest_of(Field field) {
    return field == Field::day_of_week ? 6 : kLimits[static_cast<unsigned>(field)].high;
}

constexpr std::uint64_t every_value(Field field) {
    const auto low = kLimits[static_cast<unsigned>(field)].low;
    return ~std::uint64_t{0} >> (63 - highest_of(field) + low) << low;
}

constexpr unsigned place(Field field) { return static_cast<unsigned>(field); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool all_digits(std::string_view s) { return !s.empty() && std::ranges::all_of(s, is_digit); }
bool all_letters(std::string_view s) { return !s.empty() && std::ranges::all_of(s, is_letter); }
bool is_hash(std::string_view s) { return same_word(s.substr(0, 1), "h"); }

// What may stand in a field at all. One look at a text tells which of the rarer rules it needs.
enum Kind : std::uint8_t {
    foreign = 1,
    digit = 2,
    letter = 4,
    list = 8,      // ','
    special = 16,  // '#', '(' and ')'
    question = 32,
    slash = 64,
    plain = 128,  // '*' and '-'
};

constexpr auto kKinds = [] {
    std::array<std::uint8_t, 256> kinds;
    kinds.fill(foreign);
    for (int c = '0'; c <= '9'; ++c) kinds[c] = digit;
    for (int c = 'a'; c <= 'z'; ++c) kinds[c] = kinds[c - 'a' + 'A'] = letter;
    for (const unsigned char c : {'*', '-'}) kinds[c] = plain;
    for (const unsigned char c : {'#', '(', ')'}) kinds[c] = special;
    kinds[','] = list;
    kinds['?'] = question;
    kinds['/'] = slash;
    return kinds;
}();

Kind kind_of(char c) { return static_cast<Kind>(kKinds[static_cast<unsigned char>(c)]); }

// Reads one field. A function that returns false has said in `refusal` why.
class FieldReader {
public:
    FieldReader(const FieldText& input, DayRule& days)
        : text_(input.text),
          words_(input.words),
          field_(input.field),
          limits_(kLimits[place(input.field)]),
          hash_key_(input.hash_key),
          days_(days) {}

    bool read();

    std::uint64_t values = 0;
    std::optional<Refusal> refusal;

private:
    bool question_mark();
    bool foreign_character();
    bool item(std::string_view words, unsigned kinds);
    bool special_base(std::string_view base, std::string_view words, std::optional<unsigned> step,
                      bool& taken);
    bool step(std::string_view words, unsigned& step);
    bool hash(std::string_view base, std::optional<unsigned> step);
    bool last_day(std::string_view base, std::string_view words);
    bool last_weekday(std::string_view base, bool stepped);
    bool nth_weekday(std::string_view base, bool stepped);
    bool range(std::string_view base, std::optional<unsigned> step);
    bool value(std::string_view word, unsigned& value);
    bool name(std::string_view word, unsigned& value);
    void fill(unsigned from, unsigned to, unsigned step);

    bool is(Field field) const { return field_ == field; }
    bool in_day_field() const { return is(Field::day_of_month) || is(Field::day_of_week); }
    unsigned highest() const { return highest_of(field_); }

    bool refuse(std::string_view piece, std::string_view code, std::string message,
                std::string hint = {});
    bool out_of_range(std::string_view piece, std::string_view number);

    std::string_view text_;
    std::string_view words_;
    Field field_;
    const Limits& limits_;
    std::string_view hash_key_;
    DayRule& days_;
};

bool FieldReader::refuse(std::string_view piece, std::string_view code, std::string message,
                         std::string hint) {
    // What is missing at the end is shown at the last character.
    const bool at_end = piece.empty() && piece.data() == words_.data() + words_.size();
    refusal = Refusal{.field = std::string(limits_.name),
                      .column = column_of(text_, piece) - at_end,
                      .code = std::string(code),
                      .message = std::move(message),
                      .hint = std::move(hint)};
    return false;
}

bool FieldReader::out_of_range(std::string_view piece, std::string_view number) {
    return refuse(piece, "out-of-range",
                  std::string(number) + " is out of range " + std::to_string(limits_.low) + "-" +
                      std::to_string(limits_.high));
}

bool FieldReader::read() {
    unsigned kinds = 0;
    for (const char c : words_) kinds |= kind_of(c);
    if (kinds & foreign) return foreign_character();
    if (kinds & question) return question_mark();
    if (!(kinds & list)) return item(words_, kinds);
    for (auto words = words_;;) {
        const auto comma = words.find(',');
        if (!item(words.substr(0, comma), kinds)) return false;
        if (comma == std::string_view::npos) return true;
        words.remove_prefix(comma + 1);
    }
}

bool FieldReader::foreign_character() {
    const auto at = std::ranges::find(words_, foreign, kind_of);
    const auto piece = words_.substr(static_cast<std::size_t>(at - words_.begin()));
    const auto found = quoted(piece.substr(0, first_character(piece).bytes));
    return refuse(piece, "bad-character", "unexpected character " + found,
                  *at == '~' ? "for a stable place in a range write H(low-high)" : "");
}

bool FieldReader::question_mark() {
    if (!in_day_field())
        return refuse(words_, "question-mark", "'?' is only allowed in the two day fields");
    if (words_ != "?") return refuse(words_, "question-mark", "'?' must stand alone");
    values = every_value(field_);
    return true;
}

bool FieldReader::item(std::string_view words, unsigned kinds) {
    if (words.empty()) return refuse(words, "empty-item", "empty list item");
    auto base = words;
    std::optional<unsigned> by;
    if (const auto at = kinds & slash ? words.find('/') : std::string_view::npos;
        at != std::string_view::npos) {
        base = words.substr(0, at);
        if (words.find('/', at + 1) != std::string_view::npos)
            return refuse(words, "two-steps", "more than one '/'");
        if (base.empty()) return refuse(words, "missing-range", "nothing before '/'");
        if (!step(words.substr(at + 1), by.emplace())) return false;
    }
    if (kinds & (letter | special)) {
        bool taken = true;
        const bool well = special_base(base, words, by, taken);
        if (taken) return well;
    }
    return range(base, by);
}

// Everything that is neither a value nor a range of them; else `taken` becomes false.
bool FieldReader::special_base(std::string_view base, std::string_view words,
                               std::optional<unsigned> step, bool& taken) {
    if (is_hash(base) && (base.size() == 1 || base[1] == '(')) return hash(base, step);
    if (base.find_first_of("()") != std::string_view::npos)
        return refuse(words, "bad-character", "brackets are only allowed after H");
    if (base.find('#') != std::string_view::npos) return nth_weekday(base, step.has_value());
    if (is(Field::day_of_month) && base.find_first_of("LlWw") != std::string_view::npos &&
        base.find_first_not_of("0123456789LlWw-") == std::string_view::npos)
        return last_day(base, words);
    if (is(Field::day_of_week) && lower(base.back()) == 'l' && !place_of(base, kMonthNames))
        return last_weekday(base, step.has_value());
    return taken = false;
}

bool FieldReader::step(std::string_view words, unsigned& step) {
    if (words.empty()) return refuse(words, "missing-step", "a number is missing after '/'");
    if (!all_digits(words))
        return refuse(words, "bad-step",
                      "step " + quoted(words) + " is not a positive whole number");
    if (words.size() > kLongestNumber)
        return refuse(words, "number-too-long", "number " + quoted(words) + " has too many digits");
    step = 0;
    for (const char c : words) step = step * 10 + static_cast<unsigned>(c - '0');
    if (step == 0) return refuse(words, "zero-step", "step must be 1 or more");
    return true;
}

// "H", "H(low-high)"; by default days 1-28, which every month has.
bool FieldReader::hash(std::string_view base, std::optional<unsigned> step) {
    unsigned low = limits_.low, high = is(Field::day_of_month) ? 28 : highest();
    if (base.size() > 1) {
        if (base.back() != ')') return refuse(base, "bad-hash", "')' is missing");
        const auto inner = base.substr(2, base.size() - 3);
        const auto dash = inner.find('-');
        const auto from = inner.substr(0, dash);
        const auto to = dash == std::string_view::npos ? "" : inner.substr(dash + 1);
        if (!all_digits(from) || !all_digits(to))
            return refuse(base, "bad-hash", "write H(low-high)");
        if (from.size() > kLongestNumber || to.size() > kLongestNumber)
            return refuse(base, "number-too-long", "a number has too many digits");
        low = high = 0;
        for (const char c : from) low = low * 10 + static_cast<unsigned>(c - '0');
        for (const char c : to) high = high * 10 + static_cast<unsigned>(c - '0');
        if (low > high) return refuse(base, "bad-hash", "H(low-high) needs low <= high");
        if (low < limits_.low || high > limits_.high)
            return refuse(base, "out-of-range",
                          std::string(base) + " is outside " + std::to_string(limits_.low) + "-" +
                              std::to_string(limits_.high));
    }
    const unsigned size = high - low + 1;
    const auto x = hash_of(hash_key_, place(field_));
    const auto start = low + static_cast<unsigned>(x % (step ? std::min(*step, size) : size));
    fill(start, step ? high : start, step.value_or(1));
    return true;
}

// "L", "L-3", "LW", "L-3W", "15W".
bool FieldReader::last_day(std::string_view base, std::string_view words) {
    const auto unreadable = [&] {
        return refuse(words, "bad-last", "cannot read " + quoted(words), "use L, L-n, LW or nW");
    };
    if (words.size() != base.size()) return unreadable();  // it has a step
    const bool workday = lower(base.back()) == 'w';
    if (workday) base.remove_suffix(1);
    if (all_digits(base)) {
        unsigned day = 0;
        if (!value(base, day)) return false;
        days_.workday_near |= 1U << (day - 1);
        return true;
    }
    if (base.empty() || lower(base[0]) != 'l') return unreadable();
    base.remove_prefix(1);
    unsigned before = 0;
    if (!base.empty()) {
        if (base[0] != '-' || !all_digits(base.substr(1))) return unreadable();
        for (const char c : base.substr(1, kLongestNumber))
            before = before * 10 + static_cast<unsigned>(c - '0');
        if (before < 1 || before > 30) return refuse(words, "out-of-range", "L-n needs n in 1-30");
    }
    (workday ? days_.workday_before : days_.before_last) |= 1U << before;
    return true;
}

// "5L", "FRIL".
bool FieldReader::last_weekday(std::string_view base, bool stepped) {
    if (base.size() == 1)
        return refuse(base, "bare-last",
                      "plain L is ambiguous here; write 5L or FRIL for the last Friday");
    const auto day = base.substr(0, base.size() - 1);
    if (stepped || day.find('-') != std::string_view::npos)
        return refuse(base, "bad-last", "cannot read " + quoted(base),
                      "write 5L or FRIL for the last Friday");
    unsigned weekday = 0;
    if (!value(day, weekday)) return false;
    days_.last_weekdays |= static_cast<std::uint8_t>(1U << weekday % 7);
    return true;
}

// "FRI#2".
bool FieldReader::nth_weekday(std::string_view base, bool stepped) {
    if (!is(Field::day_of_week))
        return refuse(base, "bad-hash-sign", "'#' is only allowed in day-of-week");
    const auto mark = base.find('#');
    const auto day = base.substr(0, mark), nth = base.substr(mark + 1);
    if (day.empty() || stepped || day.find_first_of("-*") != std::string_view::npos)
        return refuse(base, "bad-hash-sign", "write day#n, for example FRI#2");
    unsigned weekday = 0;
    if (!value(day, weekday)) return false;
    if (nth.size() != 1 || nth[0] < '1' || nth[0] > '5')
        return refuse(
            base, "bad-nth", "the number after '#' must be 1-5",
            same_word(nth, "l") ? "for the last one write " + std::string(day) + "L" : "");
    days_.nth_weekdays |= std::uint64_t{1} << (7 * (nth[0] - '1') + weekday % 7);
    return true;
}

bool FieldReader::range(std::string_view base, std::optional<unsigned> step) {
    unsigned from = 0, to = 0;
    if (all_digits(base) || all_letters(base)) {
        if (!value(base, from)) return false;
        if (is(Field::day_of_week) && from == 7) from = 0;
        fill(from, step ? highest() : from, step.value_or(1));
        return true;
    }
    if (base == "*") {
        fill(limits_.low, highest(), step.value_or(1));
        return true;
    }
    if (base.find('*') != std::string_view::npos)
        return refuse(base, "bad-star", "'*' cannot be combined with " + quoted(base));
    const auto dash = base.find('-');
    if (dash == std::string_view::npos)
        return refuse(base, "bad-character", "cannot read " + quoted(base));
    if (base.find('-', dash + 1) != std::string_view::npos)
        return refuse(base, "bad-range", "too many '-' in " + quoted(base));
    if (dash == 0) return refuse(base, "negative", "negative numbers are not allowed");
    if (dash + 1 == base.size())
        return refuse(base, "bad-range", "range " + quoted(base) + " has no end");
    if (!value(base.substr(0, dash), from) || !value(base.substr(dash + 1), to)) return false;
    // At the end of a range 7 closes the week, at its start it opens it.
    if (is(Field::day_of_week) && from == 7) from = to == 7 ? (to = 0) : 0;
    fill(from, to, step.value_or(1));
    return true;
}

bool FieldReader::value(std::string_view word, unsigned& value) {
    if (all_letters(word)) return name(word, value);
    if (!all_digits(word)) return refuse(word, "bad-character", "cannot read " + quoted(word));
    if (word.size() > kLongestNumber)
        return refuse(word, "number-too-long", "number " + quoted(word) + " has too many digits");
    value = 0;
    for (const char c : word) value = value * 10 + static_cast<unsigned>(c - '0');
    if (value < limits_.low || value > limits_.high)
        return out_of_range(word, std::to_string(value));
    return true;
}

bool FieldReader::name(std::string_view word, unsigned& value) {
    const auto month = place_of(word, kMonthNames), weekday = place_of(word, kWeekdayNames);
    if (!is(Field::month) && !is(Field::day_of_week))
        return refuse(word, "name-not-allowed",
                      "names are not allowed here, found " + quoted(word));
    if (is(Field::month) && month) {
        value = *month + 1;
        return true;
    }
    if (is(Field::day_of_week) && weekday) {
        value = *weekday;
        return true;
    }
    if (month) return refuse(word, "wrong-name", quoted(word) + " is a month name");
    if (weekday) return refuse(word, "wrong-name", quoted(word) + " is a day name");
    return refuse(word, "unknown-name", "unknown name " + quoted(word));
}

// Steps through from..to, or from..highest, lowest..to where `to` lies before `from`. In the
// weekday field `to` may be 7.
void FieldReader::fill(unsigned from, unsigned to, unsigned step) {
    const unsigned size = highest() - limits_.low + 1;
    const unsigned count = (to >= from ? to : to + size) - from + 1;
    if (step == 1 && to >= from && to <= highest()) {
        values |= (~std::uint64_t{0} >> (64 - count)) << from;
        return;
    }
    for (unsigned walked = 0, v = from; walked < count; walked += step, v += step) {
        while (v > highest()) v -= size;
        values |= std::uint64_t{1} << v;
    }
}

}  // namespace

std::string_view name_of(Field field) { return kLimits[place(field)].name; }
Bounds bounds_of(Field field) { return {kLimits[place(field)].low, highest_of(field)}; }

Parsed<std::uint64_t> read_field(const FieldText& input, DayRule& days) {
    if (const auto set = PlainField::read(input.words, bounds_of(input.field))) return *set;
    FieldReader reader(input, days);
    if (!reader.read()) return std::unexpected(*std::move(reader.refusal));
    return reader.values;
}

}  // namespace cjv::schedule
