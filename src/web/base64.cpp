#include "web/base64.h"

#include <cstdint>

namespace cjv::web {

std::string base64(std::string_view bytes) {
    constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t here = bytes.size() - i;
        const auto byte = [&](std::size_t k) -> std::uint32_t {
            return k < here ? static_cast<unsigned char>(bytes[i + k]) : 0;
        };
        const std::uint32_t word = byte(0) << 16 | byte(1) << 8 | byte(2);
        text += kLetters[word >> 18];
        text += kLetters[word >> 12 & 63];
        text += here > 1 ? kLetters[word >> 6 & 63] : '=';
        text += here > 2 ? kLetters[word & 63] : '=';
    }
    return text;
}

}  // namespace cjv::web
