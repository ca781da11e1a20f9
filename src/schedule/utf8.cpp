#include "schedule/utf8.h"

#include <array>
#include <string_view>

namespace cjv::schedule {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;
constexpr int kLongestQuote = 40;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::string name_of(std::uint32_t code) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string name;
    for (; code != 0 || name.size() < 4; code >>= 4) name.insert(0, 1, digits[code & 15]);
    return "U+" + name;
}

}  // namespace

bool is_invisible(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7F && code <= 0xA0) || code == 0xAD || code == 0x34F ||
           code == 0x61C || code == 0x1680 || code == 0x180E ||
           (code >= 0x2000 && code <= 0x200F) || (code >= 0x2028 && code <= 0x202F) ||
           (code >= 0x205F && code <= 0x206F) || code == 0x3000 ||
           (code >= 0xFE00 && code <= 0xFE0F) || code == 0xFEFF || code >= 0xE0000;
}

Character first_character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return {lead, 1};
    const unsigned bytes = lead >= 0xF0 && lead <= 0xF4  ? 4
                           : lead >= 0xE0 && lead < 0xF0 ? 3
                           : lead >= 0xC2 && lead < 0xE0 ? 2
                                                         : 1;
    if (bytes == 1 || text.size() < bytes) return {kReplacement, 1};
    std::uint32_t code = lead & (0x7FU >> bytes);
    for (unsigned i = 1; i < bytes; ++i) {
        if (!continues(text[i])) return {kReplacement, 1};
        code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
    constexpr std::array<std::uint32_t, 5> kShortest = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < kShortest[bytes] || surrogate || code > 0x10FFFF) return {kReplacement, 1};
    return {code, bytes};
}

int length_of(std::string_view text) {
    int count = 0;
    for (; !text.empty(); text.remove_prefix(first_character(text).bytes)) ++count;
    return count;
}

int column_of(std::string_view text, std::string_view piece) {
    return length_of(text.substr(0, static_cast<std::size_t>(piece.data() - text.data()))) + 1;
}

std::string quoted(std::string_view text) {
    std::string quote = "'";
    int count = 0;
    bool named = false;
    while (!text.empty()) {
        if (++count > kLongestQuote) {
            quote += "…";
            break;
        }
        const auto [code, bytes] = first_character(text);
        if (code == kReplacement && bytes == 1)
            quote += "\uFFFD";
        else if (is_invisible(code))
            quote += name_of(code), named = true;
        else
            quote += text.substr(0, bytes);
        text.remove_prefix(bytes);
    }
    // One character that has a name needs no quotation marks.
    return named && count == 1 ? quote.substr(1) : quote + "'";
}

}  // namespace cjv::schedule
