#include "schedule/suggest.h"

#include "schedule/entries.h"
#include "schedule/names.h"
#include "schedule/quartz.h"
#include "schedule/utf8.h"
#include "schedule/zones.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace cjv::schedule {
namespace {

using std::string_view;

constexpr std::size_t kLongestText = 1'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(string_view s) { return !s.empty() && std::ranges::all_of(s, is_digit); }

std::vector<string_view> words_of(string_view text) {
    std::vector<string_view> words;
    for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
        words.push_back(text.substr(0, text.find_first_of(" \t")));
        text.remove_prefix(words.back().size());
    }
    return words;
}

std::string joined(const std::vector<string_view>& words, std::size_t from, std::size_t to) {
    std::string text;
    for (std::size_t i = from; i < to; ++i) text += (i > from ? " " : "") + std::string(words[i]);
    return text;
}

// Each of these changes the text, and perhaps more, or leaves it alone and says so.

// Spaces of other widths, marks that nobody sees, digits as wide as a Chinese character.
bool make_plain(Suggestion& meant) {
    std::string plain;
    for (string_view rest = meant.schedule; !rest.empty();) {
        const auto [code, bytes] = first_character(rest);
        if (code < 0x80)
            plain += code < 0x20 || code == 0x7F ? ' ' : static_cast<char>(code);
        else if (code == 0xA0 || code == 0x3000 || code == 0x202F || code == 0x205F ||
                 (code >= 0x2000 && code <= 0x200A))
            plain += ' ';
        else if (code >= 0xFF01 && code <= 0xFF5E)
            plain += static_cast<char>(code - 0xFF01 + '!');
        else if (!is_invisible(code))
            plain += rest.substr(0, bytes);
        rest.remove_prefix(bytes);
    }
    plain = trimmed(plain);
    return std::exchange(meant.schedule, plain) != plain;
}

bool take_off_quotes(Suggestion& meant) {
    const string_view text = meant.schedule;
    for (const char quote : {'"', '\'', '`'})
        if (text.size() > 2 && text.front() == quote && text.back() == quote) {
            meant.schedule = trimmed(std::string(text.substr(1, text.size() - 2)));
            return true;
        }
    return false;
}

bool cut_comment(Suggestion& meant) {
    const auto at = std::min(meant.schedule.find(" #"), meant.schedule.find("\t#"));
    if (at == std::string::npos) return false;
    meant.schedule = trimmed(string_view(meant.schedule).substr(0, at));
    return true;
}

// "TZ=Europe/Berlin 0 9 * * *"
bool take_zone_in_front(Suggestion& meant) {
    const auto words = words_of(meant.schedule);
    if (words.size() < 2) return false;
    for (const string_view mark : {"TZ=", "CRON_TZ="})
        if (words[0].starts_with(mark) && is_zone_name(words[0].substr(mark.size()))) {
            meant.timezone = words[0].substr(mark.size());
            meant.schedule = joined(words, 1, words.size());
            return true;
        }
    return false;
}

// "0 9 * * * Europe/Berlin"
bool take_zone_behind(Suggestion& meant) {
    const auto words = words_of(meant.schedule);
    if (words.size() < 2) return false;
    const auto last = words.back();
    const auto slash = last.find('/');
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    const bool place = slash != string_view::npos && slash + 1 < last.size() &&
                       is_capital(last[0]) && is_capital(last[slash + 1]);
    if (!is_zone_name(last) || (last != "UTC" && !place)) return false;
    meant.timezone = last;
    meant.schedule = joined(words, 0, words.size() - 1);
    return true;
}

// EventBridge's "rate(5 minutes)" and "cron(0 10 ? * 2-6 *)", which counts weekdays from Sunday = 1
// and has a year.
bool unpack_eventbridge(Suggestion& meant) {
    const string_view text = meant.schedule;
    const auto open = text.find('(');
    if (open == string_view::npos || !text.ends_with(')')) return false;
    const auto inner = text.substr(open + 1, text.size() - open - 2);
    if (same_word(text.substr(0, open), "rate")) {
        meant = {.schedule = "every " + std::string(inner), .type = Type::interval};
        return true;
    }
    if (!same_word(text.substr(0, open), "cron")) return false;
    const auto words = words_of(inner);
    if (words.size() != 6) return meant.schedule = inner, true;
    const auto weekdays = from_quartz_weekdays(words[4]);
    if (!weekdays) return false;
    meant.schedule = joined(words, 0, 4) + " " + *weekdays;
    meant.year = year_of(words[5]).value_or(0);
    return true;
}

// The year that Quartz and EventBridge have behind the weekday becomes start and end.
bool drop_year(Suggestion& meant) {
    const auto words = words_of(meant.schedule);
    const bool seven = words.size() == 7 && (words[6] == "*" || year_of(words[6]));
    const bool six = words.size() == 6 && year_of(words[5]);
    if (!seven && !six) return false;
    meant.year = year_of(words.back()).value_or(0);
    // Who writes a year and a question mark counts weekdays from Sunday = 1.
    const auto weekdays = words.size() - 2;
    if (std::ranges::find(words, "?") == words.end())
        return meant.schedule = joined(words, 0, weekdays + 1), true;
    const auto names = from_quartz_weekdays(words[weekdays]);
    if (!names) return false;
    meant.schedule = joined(words, 0, weekdays) + " " + *names;
    return true;
}

// "0~30" is a random minute to OpenBSD and cronie; ours is stable.
bool spread(Suggestion& meant) {
    // The lowest and the highest of each field, for a range that is open to one side.
    constexpr std::array<std::pair<string_view, string_view>, 6> kLimits = {
        {{"0", "59"}, {"0", "59"}, {"0", "23"}, {"1", "31"}, {"1", "12"}, {"0", "6"}}};
    const auto words = words_of(meant.schedule);
    if (meant.schedule.find('~') == std::string::npos || words.size() < 5 || words.size() > 6)
        return false;
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto [low, high] = kLimits[i + 6 - words.size()];
        text += text.empty() ? "" : " ";
        for (auto rest = words[i];;) {
            const auto item = rest.substr(0, rest.find(','));
            const auto base = item.substr(0, item.find('/'));
            const auto mark = base.find('~');
            if (mark == string_view::npos)
                text += base;
            else if (base.size() == 1)
                text += "H";
            else
                text += "H(" + std::string(mark == 0 ? low : base.substr(0, mark)) + "-" +
                        std::string(mark + 1 == base.size() ? high : base.substr(mark + 1)) + ")";
            text += item.substr(base.size());
            if (item.size() == rest.size()) break;
            text += ',';
            rest.remove_prefix(item.size() + 1);
        }
    }
    meant.schedule = text;
    return true;
}

// "2027-01-01 09:00" is a time, and "at" says that it is meant to run then.
bool add_at(Suggestion& meant) {
    const string_view text = meant.schedule;
    if (text.size() < 8 || !all_digits(text.substr(0, 4)) || text[4] != '-') return false;
    meant.schedule.insert(0, "at ");
    meant.type = Type::clocked;
    return true;
}

bool count_elapsed_time(Suggestion& meant) {
    auto interval = as_interval(meant.schedule);
    if (!interval) return false;
    meant.schedule = std::move(interval->schedule);
    meant.type = interval->type;
    return true;
}

// How many letters have to be put in, taken out or changed to come from one word to the other.
std::size_t letters_between(string_view a, string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const auto changed = diagonal + (lower(a[i]) == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

// "every 5 minuts" and "every 0 minutes": the unit that is meant, and the shortest time of it.
bool mend_interval(Suggestion& meant) {
    constexpr std::array<string_view, 5> kUnits = {"seconds", "minutes", "hours", "days", "weeks"};
    constexpr std::size_t kSlip = 2;
    const auto words = words_of(meant.schedule);
    if (words.size() != 3 || !same_word(words[0], "every") || !all_digits(words[1])) return false;
    const auto unit = words[2].ends_with('s') ? std::string(words[2]) : std::string(words[2]) + "s";
    const auto found = std::ranges::min_element(
        kUnits, {}, [&](string_view name) { return letters_between(unit, name); });
    if (unit.size() < 4 || letters_between(unit, *found) > kSlip) return false;
    const bool nothing = words[1].find_first_not_of('0') == string_view::npos;
    const auto number = nothing ? "1" : std::string(words[1]);
    meant.schedule = "every " + number + " " + std::string(*found);
    if (number == "1") meant.schedule.pop_back();
    return true;
}

// "daily" and "DAILY" for "@daily".
bool add_macro_sign(Suggestion& meant) {
    if (meant.schedule.empty() || meant.schedule.find_first_of("@ \t") != std::string::npos)
        return false;
    meant.schedule.insert(0, 1, '@');
    return true;
}

// A line of a crontab: what comes behind the five fields, or the macro, is a command.
bool cut_command(Suggestion& meant) {
    const auto words = words_of(meant.schedule);
    const std::size_t count = !words.empty() && words[0].starts_with('@') ? 1 : 5;
    if (words.size() <= count) return false;
    const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
    const bool command =
        std::ranges::any_of(words[count], is_small) && !place_of(words[count], kWeekdayNames);
    if (!command) return false;
    meant.schedule = joined(words, 0, count);
    return true;
}

constexpr std::array kRewritings = {
    make_plain,       take_off_quotes, cut_comment, take_zone_in_front, unpack_eventbridge,
    drop_year,        spread,          add_at,      count_elapsed_time, mend_interval,
    take_zone_behind, add_macro_sign,  cut_command};

// What one rewriting makes of it, or one and some of those behind it in the list.
std::optional<Suggestion> rewritten(const Suggestion& meant, std::size_t first,
                                    const std::function<bool(const Suggestion&)>& accepts) {
    for (auto i = first; i < kRewritings.size(); ++i) {
        auto next = meant;
        if (!kRewritings[i](next) || next.schedule.empty()) continue;
        if (accepts(next)) return next;
        if (auto found = rewritten(next, i + 1, accepts)) return found;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Suggestion> as_interval(string_view text) {
    text = trimmed(text);
    const auto words = words_of(text);
    if (words.empty() || words.size() > 3) return std::nullopt;
    if (same_word(words[0], "every"))
        return Suggestion{.schedule = std::string(text), .type = Type::interval};
    if (same_word(words[0], "@every")) text = trimmed(text.substr(words[0].size()));
    if (text.empty() || !is_digit(text[0])) return std::nullopt;
    return Suggestion{
        .schedule = "every " + std::string(text) + (all_digits(text) ? " seconds" : ""),
        .type = Type::interval};
}

std::optional<int> year_of(string_view word) {
    if (word.size() != 4 || !all_digits(word) || word < "1970" || word > "2199")
        return std::nullopt;
    return std::stoi(std::string(word));
}

std::optional<Suggestion> suggestion_for(string_view text,
                                         const std::function<bool(const Suggestion&)>& accepts) {
    if (text.size() > kLongestText) return std::nullopt;
    return rewritten({.schedule = std::string(trimmed(text))}, 0, accepts);
}

}  // namespace cjv::schedule
