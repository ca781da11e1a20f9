#include "base/id.h"

namespace cjv {
namespace {

constexpr std::size_t kUuidText = 36;  // characters
constexpr std::string_view kDigits = "0123456789abcdef";

bool dash_before(std::size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

void append_text(std::string& out, const Uuid& id) {
    std::array<char, kUuidText> text;
    char* at = text.data();
    for (std::size_t i = 0; i < id.bytes.size(); ++i) {
        if (dash_before(i)) *at++ = '-';
        *at++ = kDigits[id.bytes[i] >> 4];
        *at++ = kDigits[id.bytes[i] & 15];
    }
    out.append(text.data(), text.size());
}

std::string to_text(const Uuid& id) {
    std::string text;
    append_text(text, id);
    return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
    if (text.size() != kUuidText) return std::nullopt;
    Uuid id;
    std::size_t at = 0;
    for (std::size_t i = 0; i < id.bytes.size(); ++i) {
        if (dash_before(i) && text[at++] != '-') return std::nullopt;
        const int high = digit(text[at]), low = digit(text[at + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
        at += 2;
    }
    return id;
}

}  // namespace cjv
