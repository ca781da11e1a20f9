#include "base/base64.h"

#include <array>
#include <cstdint>

namespace cjv {
namespace {

constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoLetter = 64;

constexpr auto kValues = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoLetter);
    for (std::size_t i = 0; i < kLetters.size(); ++i)
        values[static_cast<unsigned char>(kLetters[i])] = static_cast<std::uint8_t>(i);
    return values;
}();

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}
std::uint32_t value_at(std::string_view text, std::size_t at) {
    return kValues[static_cast<unsigned char>(text[at])];
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
    const std::size_t before = out.size();
    out.resize(before + (bytes.size() + 2) / 3 * 4);
    char* to = out.data() + before;
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const auto word =
            byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
        *to++ = kLetters[word >> 18];
        *to++ = kLetters[word >> 12 & 63];
        *to++ = kLetters[word >> 6 & 63];
        *to++ = kLetters[word & 63];
    }
    const std::size_t left = bytes.size() - i;
    if (left == 0) return;
    const auto word = byte_at(bytes, i) << 16 | (left == 2 ? byte_at(bytes, i + 1) << 8 : 0);
    *to++ = kLetters[word >> 18];
    *to++ = kLetters[word >> 12 & 63];
    *to++ = left == 2 ? kLetters[word >> 6 & 63] : '=';
    *to++ = '=';
}

std::string base64(std::string_view bytes) {
    std::string text;
    append_base64(text, bytes);
    return text;
}

bool decode_base64(std::string_view text, std::string& out) {
    out.clear();
    if (text.size() % 4 != 0) return false;
    if (text.empty()) return true;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    const std::size_t letters = text.size() - padding;
    out.resize(letters * 3 / 4);
    char* to = out.data();
    std::size_t i = 0;
    std::uint32_t seen = 0;
    for (; i + 4 <= letters; i += 4) {
        const auto a = value_at(text, i), b = value_at(text, i + 1);
        const auto c = value_at(text, i + 2), d = value_at(text, i + 3);
        seen |= a | b | c | d;
        const auto word = a << 18 | b << 12 | c << 6 | d;
        *to++ = static_cast<char>(word >> 16);
        *to++ = static_cast<char>(word >> 8);
        *to++ = static_cast<char>(word);
    }
    std::uint32_t word = 0;
    for (std::size_t k = i; k < letters; ++k) {
        seen |= value_at(text, k);
        word |= value_at(text, k) << (18 - 6 * (k - i));
    }
    if (letters - i >= 2) *to++ = static_cast<char>(word >> 16);
    if (letters - i == 3) *to++ = static_cast<char>(word >> 8);
    if ((seen & kNoLetter) == 0) return true;
    out.clear();
    return false;
}

}  // namespace cjv
