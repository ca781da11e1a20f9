#pragma once
// RFC 4648, with padding.

#include <string>
#include <string_view>

namespace cjv::web {

std::string base64(std::string_view bytes);

}  // namespace cjv::web
