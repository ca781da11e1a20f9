#pragma once
// Which program this is. Defined by the generated library cjv_version, which is linked into the
// program (and its tests) alone, so that a new commit rebuilds one source.

#include <string_view>

namespace cjv {

std::string_view version();  // "0.1.0"
std::string_view commit();   // "3f2a91c04d1b", with "-dirty" behind it; "unknown" outside a clone

}  // namespace cjv
