#include "schedule/field.h"

#include "schedule/hash.h"
#include "schedule/names.h"
#include "schedule/utf8.h"

#include <algorithm>
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

constexpr unsigned place(Field field) { return static_cast<unsigned>(field); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool all_digits(std::string_view s) { return !s.empty() && std::ranges::all_of(s, is_digit); }
bool all_letters(std::string_view s) { return !s.empty() && std::ranges::all_of(s, is_letter); }
bool is_hash(std::string_view s) { return same_word(s.substr(0, 1), "h"); }

// What may stand in a field at all; everything else is refused where it stands.
bool may_stand(char c) {
    return is_digit(c) || is_letter(c) ||
           std::string_view{"*/-,?#()"}.find(c) != std::string_view::npos;
}

// Reads one field. A function that returns false has said in `refusal` why.
class FieldReader {
public:
    // `words` is the field, a piece of `text`.
    FieldReader(std::string_view text, std::string_view words, Field field,
                std::string_view hash_key, Spelling& spelling)
        : text_(text),
          words_(words),
          field_(field),
          limits_(kLimits[place(field)]),
          hash_key_(hash_key),
          spelling_(spelling) {}

    bool read();

    FieldValues values;
    std::optional<Refusal> refusal;

private:
    bool question_mark();
    bool item(std::string_view words);
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
    // Sunday is 0 and 7; everything else knows its own highest value.
    unsigned highest() const { return is(Field::day_of_week) ? 6 : limits_.high; }

    bool refuse(std::string_view piece, std::string_view code, std::string message,
                std::string hint = {});
    bool out_of_range(std::string_view piece, std::string_view number);

    std::string_view text_;
    std::string_view words_;
    Field field_;
    const Limits& limits_;
    std::string_view hash_key_;
    Spelling& spelling_;
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
    if (words_ == "*") {
        fill(limits_.low, highest(), 1);
        spelling_.stars |= static_cast<std::uint8_t>(1U << place(field_));
        return true;
    }
    const auto odd = std::ranges::find_if_not(words_, may_stand);
    if (odd != words_.end()) {
        const auto piece = words_.substr(static_cast<std::size_t>(odd - words_.begin()));
        const auto found = quoted(piece.substr(0, first_character(piece).bytes));
        return refuse(piece, "bad-character", "unexpected character " + found,
                      *odd == '~' ? "for a stable place in a range write H(low-high)" : "");
    }
    if (words_.find('?') != std::string_view::npos) return question_mark();
    for (auto words = words_;;) {
        const auto comma = words.find(',');
        if (!item(words.substr(0, comma))) return false;
        if (comma == std::string_view::npos) return true;
        words.remove_prefix(comma + 1);
    }
}

bool FieldReader::question_mark() {
    if (!in_day_field())
        return refuse(words_, "question-mark", "'?' is only allowed in the two day fields");
    if (words_ != "?") return refuse(words_, "question-mark", "'?' must stand alone");
    spelling_.question_mark = true;
    fill(limits_.low, highest(), 1);
    return true;
}

bool FieldReader::item(std::string_view words) {
    if (words.empty()) return refuse(words, "empty-item", "empty list item");
    const auto slash = words.find('/');
    const auto base = words.substr(0, slash);
    const bool stepped = slash != std::string_view::npos;
    std::optional<unsigned> by;
    if (stepped) {
        if (words.find('/', slash + 1) != std::string_view::npos)
            return refuse(words, "two-steps", "more than one '/'");
        if (base.empty()) return refuse(words, "missing-range", "nothing before '/'");
        if (!step(words.substr(slash + 1), by.emplace())) return false;
    }
    if (is_hash(base) && (base.size() == 1 || base[1] == '(')) return hash(base, by);
    if (base.find_first_of("()") != std::string_view::npos)
        return refuse(words, "bad-character", "brackets are only allowed after H");
    if (base.find('#') != std::string_view::npos) return nth_weekday(base, stepped);
    if (is(Field::day_of_month) && base.find_first_of("LlWw") != std::string_view::npos &&
        base.find_first_not_of("0123456789LlWw-") == std::string_view::npos)
        return last_day(base, words);
    if (is(Field::day_of_week) && lower(base.back()) == 'l' && !place_of(base, kMonthNames))
        return last_weekday(base, stepped);
    return range(base, by);
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
        values.days.workday_near |= 1U << (day - 1);
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
    (workday ? values.days.workday_before : values.days.before_last) |= 1U << before;
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
    values.days.last_weekdays |= static_cast<std::uint8_t>(1U << weekday % 7);
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
    values.days.nth_weekdays |= std::uint64_t{1} << (7 * (nth[0] - '1') + weekday % 7);
    return true;
}

bool FieldReader::range(std::string_view base, std::optional<unsigned> step) {
    if (base == "*") {
        fill(limits_.low, highest(), step.value_or(1));
        return true;
    }
    if (base.find('*') != std::string_view::npos)
        return refuse(base, "bad-star", "'*' cannot be combined with " + quoted(base));
    const auto dash = base.find('-');
    unsigned from = 0, to = 0;
    if (dash == std::string_view::npos) {
        if (!value(base, from)) return false;
        if (is(Field::day_of_week) && from == 7) from = 0;
        fill(from, step ? highest() : from, step.value_or(1));
        return true;
    }
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
    if (is(Field::day_of_week)) spelling_.weekday_digits = true;
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
    if (step >= count && count > 1)
        spelling_.long_steps |= static_cast<std::uint8_t>(1U << place(field_));
    if (step == 1 && to >= from && to <= highest()) {
        values.set |= (~std::uint64_t{0} >> (64 - count)) << from;
        return;
    }
    for (unsigned walked = 0, v = from; walked < count; walked += step, v += step) {
        while (v > highest()) v -= size;
        values.set |= std::uint64_t{1} << v;
    }
}

}  // namespace

std::string_view name_of(Field field) { return kLimits[place(field)].name; }

Parsed<FieldValues> read_field(std::string_view text, std::string_view words, Field field,
                               std::string_view hash_key, Spelling& spelling) {
    FieldReader reader(text, words, field, hash_key, spelling);
    if (!reader.read()) return std::unexpected(*std::move(reader.refusal));
    return reader.values;
}

}  // namespace cjv::schedule
