#include "schedule/fields.h"

#include "schedule/entries.h"
#include "schedule/names.h"
#include "schedule/suggest.h"
#include "schedule/utf8.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

namespace cjv::schedule {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kMacros = {
    {{"@yearly", "0 0 1 1 *"},
     {"@annually", "0 0 1 1 *"},
     {"@monthly", "0 0 1 * *"},
     {"@weekly", "0 0 * * 0"},
     {"@daily", "0 0 * * *"},
     {"@midnight", "0 0 * * *"},
     {"@hourly", "0 * * * *"}}};

Parsed<Fields> unknown_macro(std::string_view text, std::string_view entry) {
    Refusal refusal{.column = column_of(text, entry),
                    .code = "unknown-macro",
                    .message = "unknown macro " + quoted(entry)};
    const auto word = entry.substr(0, entry.find_first_of(" \t"));
    if (same_word(word, "@every")) {
        refusal.hint = "write \"every 5 minutes\" with schedule_type interval";
    } else if (same_word(word, "@reboot")) {
        refusal.message = "@reboot has no time, and stands alone";
    } else if (same_word(word, "@quarterly")) {
        refusal.hint = "write 0 0 1 */3 *";
        refusal.suggest = Suggestion{.schedule = "0 0 1 */3 *"};
    } else if (same_word(word, "@minutely")) {
        refusal.hint = "write * * * * *";
        refusal.suggest = Suggestion{.schedule = "* * * * *"};
    }
    return std::unexpected(std::move(refusal));
}

// What is no blank and looks like one, or stands where a blank is missing: then the count is wrong, too.
std::optional<Refusal> hidden_in(std::string_view text, std::string_view entry) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    for (auto rest = entry; !rest.empty();) {
        const auto [code, bytes] = first_character(rest);
        const auto at = rest.data() - entry.data();
        const bool joins = rest[0] == ';' && at > 0 && !is_blank(entry[at - 1]) &&
                           rest.size() > 1 && !is_blank(rest[1]);
        if (code >= 0x80 || joins)
            return Refusal{.column = column_of(text, rest),
                           .code = "bad-character",
                           .message = "unexpected character " + quoted(rest.substr(0, bytes)),
                           .hint = joins ? "between two expressions write ' ; '" : ""};
        rest.remove_prefix(bytes);
    }
    return std::nullopt;
}

Parsed<Fields> wrong_count(std::span<const std::string_view> words, std::size_t count) {
    Refusal refusal{.code = "field-count",
                    .message = "expected 5 or 6 fields, found " + std::to_string(count)};
    if (count == 7) refusal.message += " (years are not supported; set an end date instead)";
    const auto year = count == 7 ? year_of(words[6]) : std::nullopt;
    if (year)
        refusal.hint = "for the year set start_at to " + start_of_year(*year) + " and end_at to " +
                       start_of_year(*year + 1);
    if (count == 1) {
        const auto macro = "@" + std::string(words[0]);
        for (const auto& [name, text] : kMacros)
            if (same_word(name, macro)) {
                refusal.hint = "write " + std::string(name);
                refusal.suggest = Suggestion{.schedule = std::string(name)};
            }
    }
    return std::unexpected(std::move(refusal));
}

bool begins_open(std::string_view words) { return words[0] == '*' || words[0] == '?'; }

}  // namespace

Parsed<Fields> read_fields(std::string_view text, std::string_view entry, DayMatch match,
                           std::string_view hash_key) {
    std::array<std::string_view, 8> words;
    auto count = split(entry, words);
    if (count == 0)
        return std::unexpected(Refusal{.code = "empty", .message = "the expression is empty"});
    if (words[0][0] == '@') {
        const auto macro = std::ranges::find_if(
            kMacros, [&](const auto& m) { return count == 1 && same_word(m.first, words[0]); });
        if (macro == kMacros.end()) {
            const auto end = entry.find_last_not_of(" \t") + 1;
            return unknown_macro(text, entry.substr(0, end).substr(words[0].data() - entry.data()));
        }
        text = macro->second;
        count = split(text, words);
    }
    if (count != 5 && count != 6) {
        if (auto hidden = hidden_in(text, entry)) return std::unexpected(*std::move(hidden));
        return wrong_count(std::span(words).first(std::min(count, words.size())), count);
    }

    Fields fields;
    std::array<std::uint64_t, kFields> sets{1};
    for (std::size_t i = 6 - count; i < kFields; ++i) {
        const auto set = read_field({text, words[i - (6 - count)], static_cast<Field>(i), hash_key},
                                    fields.days);
        if (!set) return std::unexpected(set.error());
        sets[i] = *set;
    }
    const auto clock = std::span(words).first(count - 3);
    const auto day = words[count - 3], weekday = words[count - 1];
    fields.seconds = sets[0];
    fields.minutes = sets[1];
    fields.hours = static_cast<std::uint32_t>(sets[2]);
    fields.days.days = static_cast<std::uint32_t>(sets[3] >> 1);
    fields.days.months = static_cast<std::uint16_t>(sets[4] >> 1);
    fields.days.weekdays = static_cast<std::uint8_t>(sets[5]);
    fields.days.both = match == DayMatch::both || begins_open(day) || begins_open(weekday);
    fields.wildcard = std::ranges::any_of(clock, [](auto words) { return words[0] == '*'; });
    return fields;
}

}  // namespace cjv::schedule
