#pragma once
// The value of one setting as text, both ways: "12 h", "4 MiB", "owners". Which settings there are
// is config.cpp's business.

#include "base/config.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cjv::config {

struct Bytes {
    std::int64_t* value;
};
struct Whole {
    std::int64_t* value;
    std::int64_t least, most;
};
// Where a setting's value lives, and so how its text is read.
using Place = std::variant<std::string*, bool*, std::chrono::seconds*, std::vector<std::string>*,
                           Bytes, Whole, CommandsAllowed*, LogLevel*, LogFormat*>;

// Sets what `place` holds; else says what would be right: "must be a size such as \"4 MiB\"".
using Refusal = std::optional<std::string>;
Refusal read_value(const Place& place, std::string_view text);
std::string write_value(const Place& place);

// Digits alone, with a sign where negative.
std::optional<std::int64_t> whole_number(std::string_view text);

}  // namespace cjv::config
