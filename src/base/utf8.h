#pragma once
// Whether bytes are UTF-8 (Unicode 15, table 3-7: no overlong forms, no surrogates).

#include <cstddef>
#include <string_view>

namespace cjv {

// The length of the sequence at the front of `text`, which is not empty; 0 when there is none.
std::size_t utf8_length(std::string_view text);
bool is_utf8(std::string_view text);

}  // namespace cjv
