#pragma once
// Strangers' text, one character at a time: to count columns and to quote what was found.

#include <cstdint>
#include <string>
#include <string_view>

namespace cjv::schedule {

struct Character {
    std::uint32_t code = 0;  // U+FFFD where the bytes are not UTF-8
    unsigned bytes = 1;
};

// `text` is not empty. Bytes that are not UTF-8 count as one character each.
Character first_character(std::string_view text);

// Characters, not bytes.
int length(std::string_view text);

// "'5x'", at most forty characters of it, always valid UTF-8. What cannot be seen is named:
// "U+00A0".
std::string quoted(std::string_view text);

}  // namespace cjv::schedule
