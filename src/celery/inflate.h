#pragma once
// The compression that Kombu calls gzip and that is zlib's own (RFC 1950).

#include <optional>
#include <string>
#include <string_view>

namespace cjv::celery {

// Nothing when it is not that, ends early, or becomes longer than `most` bytes.
std::optional<std::string> inflated(std::string_view bytes, std::size_t most);

}  // namespace cjv::celery
