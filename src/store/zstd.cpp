#include "store/zstd.h"

#include <zstd.h>

namespace cjv::store {
namespace {

constexpr int kLevel = 1;  // texts are short: higher levels cost much and save little
constexpr std::size_t kMost = std::size_t(1) << 30;

}  // namespace

std::string compress(std::string_view text) {
    std::string small(ZSTD_compressBound(text.size()), '\0');
    small.resize(ZSTD_compress(small.data(), small.size(), text.data(), text.size(), kLevel));
    small.shrink_to_fit();  // it may wait for a while
    return small;
}

Result<std::string> decompress(Bytes compressed, std::size_t size) {
    // What is damaged may name any size: nothing is set aside for it unless both say the same.
    const auto told = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
    if (told != size || size > kMost) return fail(Errc::corrupt, "compressed text is damaged");
    std::string text(size, '\0');
    const std::size_t got =
        ZSTD_decompress(text.data(), text.size(), compressed.data(), compressed.size());
    if (ZSTD_isError(got) || got != size)
        return fail(Errc::corrupt, "compressed text cannot be read");
    return text;
}

}  // namespace cjv::store
