#pragma once
// The English names of months and weekdays, as expressions and descriptions use them.

#include <array>
#include <optional>
#include <string_view>

namespace cjv::schedule {

inline constexpr std::array<std::string_view, 12> kMonthNames = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
inline constexpr std::array<std::string_view, 7> kWeekdayNames = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr bool same_word(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

// The place of `word` in `names`: the whole name or its first three letters, in any case.
template <std::size_t N>
constexpr std::optional<unsigned> place_of(std::string_view word,
                                           const std::array<std::string_view, N>& names) {
    if (word.size() < 3) return std::nullopt;
    for (unsigned i = 0; i < N; ++i)
        if (same_word(word, word.size() == 3 ? names[i].substr(0, 3) : names[i])) return i;
    return std::nullopt;
}

}  // namespace cjv::schedule
