#pragma once
// The text of a schedule, cut where several expressions stand in it, and at blanks.

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace cjv::schedule {

// Without the blanks and tabs around it.
std::string_view trimmed(std::string_view text);

// The pieces between semicolons that stand alone; at least one.
std::vector<std::string_view> entries_of(std::string_view text);

// Cuts at blanks and tabs. Returns how many pieces there are; only the first `pieces.size()` are
// kept.
std::size_t split(std::string_view text, std::array<std::string_view, 8>& pieces);

}  // namespace cjv::schedule
