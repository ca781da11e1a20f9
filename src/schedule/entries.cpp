#include "schedule/entries.h"

namespace cjv::schedule {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return text.substr(text.size());
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> entries_of(std::string_view text) {
    std::vector<std::string_view> found;
    std::size_t begin = 0;
    const auto ends_word = [&](std::size_t i) { return i >= text.size() || is_blank(text[i]); };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != ';' || (i > 0 && !is_blank(text[i - 1])) || !ends_word(i + 1)) continue;
        found.push_back(text.substr(begin, i - begin));
        begin = i + 1;
    }
    found.push_back(text.substr(begin));
    return found;
}

std::size_t split(std::string_view text, std::array<std::string_view, 8>& pieces) {
    std::size_t count = 0;
    for (std::size_t at = 0;;) {
        while (at < text.size() && is_blank(text[at])) ++at;
        if (at == text.size()) return count;
        const auto begin = at;
        while (at < text.size() && !is_blank(text[at])) ++at;
        if (count < pieces.size()) pieces[count] = text.substr(begin, at - begin);
        ++count;
    }
}

}  // namespace cjv::schedule
