#pragma once
// RFC 4648, section 4: the common alphabet, with padding.

#include <optional>
#include <string>
#include <string_view>

namespace cjv {

std::string base64(std::string_view bytes);
void append_base64(std::string& out, std::string_view bytes);

// Puts the bytes into `out`, whatever it had before; false when `text` is not base64, blanks included.
bool decode_base64(std::string_view text, std::string& out);

}  // namespace cjv
