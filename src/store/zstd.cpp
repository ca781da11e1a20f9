#include "store/zstd.h"

#include <zstd.h>
#include <memory>
#include <new>

namespace cjv::store {
namespace {

constexpr int kLevel = 1;  // texts are short: higher levels cost much and save little
constexpr std::size_t kMost = std::size_t(1) << 30;

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

// Of this thread. Its tables are some 100 kB, whose pages cost more to get than a text takes to compress.
ZSTD_CCtx* context() {
    thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> kept{ZSTD_createCCtx()};
    if (!kept) throw std::bad_alloc();
    return kept.get();
}

}  // namespace

std::string compress(std::string_view text) {
    ZSTD_CCtx* const with = context();
    std::string small;
    std::size_t size = 0;
    small.resize_and_overwrite(ZSTD_compressBound(text.size()), [&](char* bytes, std::size_t room) {
        size = ZSTD_compressCCtx(with, bytes, room, text.data(), text.size(), kLevel);
        return ZSTD_isError(size) ? 0 : size;
    });
    if (ZSTD_isError(size)) throw std::bad_alloc();  // there is room: nothing else can fail
    small.shrink_to_fit();                           // it may wait for a while
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
