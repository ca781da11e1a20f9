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

// Spaces, and marks that look like nothing or like a blank.
bool is_invisible(std::uint32_t code);

// Characters, not bytes.
int length_of(std::string_view text);

// Where `piece` stands in `text`, which it is a piece of: 1-based, in characters.
int column_of(std::string_view text, std::string_view piece);

// "'5x'", at most forty characters of it, always valid UTF-8. What cannot be seen is named:
// "U+00A0".
std::string quoted(std::string_view text);

}  // namespace cjv::schedule
