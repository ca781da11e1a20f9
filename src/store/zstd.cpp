#include "store/zstd.h"

#include <zstd.h>
#include <memory>

namespace cjv::store {
namespace {

constexpr int kLevel = 1;  // texts are short: higher levels cost much and save little
constexpr std::size_t kMost = std::size_t(1) << 30;

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

}  // namespace

std::string compress(std::string_view text) {
    // Its tables are some 100 kB, whose pages cost more to get than a text takes to compress.
    thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context{ZSTD_createCCtx()};
    std::string small;
    small.resize_and_overwrite(ZSTD_compressBound(text.size()), [&](char* bytes, std::size_t room) {
        return ZSTD_compressCCtx(context.get(), bytes, room, text.data(), text.size(), kLevel);
    });
    small.shrink_to_fit();  // it may wait for a while
    return small;
}

Result<std::string> decompress(Bytes compressed, std::size_t size) {
    // What is damaged may name any size: nothing is set aside for it unless both say the same.
    const auto told = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
    if (told != size || size > kMost) return fail(Errc::corrupt, "compressed text is damaged");
    std::string text;
    text.resize_and_overwrite(size, [&](char* bytes, std::size_t room) {
        const auto got = ZSTD_decompress(bytes, room, compressed.data(), compressed.size());
        return ZSTD_isError(got) ? 0 : got;
    });
    if (text.size() != size) return fail(Errc::corrupt, "compressed text cannot be read");
    return text;
}

}  // namespace cjv::store
