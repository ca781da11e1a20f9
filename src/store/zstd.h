#pragma once
// Texts made small for the disk; the only door to zstd. Any thread.

#include <cstddef>
#include <string>
#include <string_view>

#include "store/sqlite.h"

namespace cjv::store {

// For what is written once and perhaps read: of its levels the fastest that still saves most of it.
std::string compress(std::string_view text);

// The text of `size` bytes that `compressed` was made of; corrupt where it is none.
Result<std::string> decompress(Bytes compressed, std::size_t size);

}  // namespace cjv::store
