#include "runner/output.h"

#include <zstd.h>
#include <algorithm>
#include <utility>

namespace cjv::runner {
namespace {

constexpr std::size_t kPiece = 32 << 10;  // compressing one takes some 50 µs of an io thread
constexpr std::size_t kPlain = 1 << 20;   // a run that waits with less is not compressed
constexpr std::size_t kChunks = 256;  // a round's rows: 1 ms of the store, however short they are
constexpr int kLevel = 1;
// Bytes that come later than this after the first of a piece start another, with a time of their
// own.
constexpr std::chrono::milliseconds kTogether{100};

}  // namespace

struct OutputMemory::Zstd {
    std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> to{ZSTD_createCCtx(), ZSTD_freeCCtx};
    std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> from{ZSTD_createDCtx(), ZSTD_freeDCtx};
    std::string room = std::string(ZSTD_compressBound(kPiece), '\0');
};

OutputMemory::OutputMemory(std::size_t limit) : limit_(limit), zstd_(std::make_unique<Zstd>()) {}
OutputMemory::~OutputMemory() = default;

// Empty when it does not pay.
std::string OutputMemory::compress(const std::string& bytes) {
    std::string& room = zstd_->room;
    const std::size_t size = ZSTD_compressCCtx(zstd_->to.get(), room.data(), room.size(),
                                               bytes.data(), bytes.size(), kLevel);
    return ZSTD_isError(size) || size > bytes.size() / 8 * 7 ? "" : room.substr(0, size);
}

std::string OutputMemory::decompress(const std::string& bytes, std::size_t size) {
    std::string plain(size, '\0');
    ZSTD_decompressDCtx(zstd_->from.get(), plain.data(), plain.size(), bytes.data(), bytes.size());
    return plain;
}

void OutputMemory::make_room() {
    while (held_ > limit_) {
        const auto most = std::ranges::max_element(outputs_, {}, &Output::held);
        (*most)->cut_oldest();
    }
}

Output::Output(OutputMemory& memory, const OutputLimits& limits)
    : memory_(memory), limits_(limits) {
    memory_.outputs_.push_back(this);
}

Output::~Output() {
    account(held_, 0);
    std::erase(memory_.outputs_, this);
}

void Output::account(std::size_t before, std::size_t after) {
    held_ += after - before;
    memory_.held_ += after - before;
}

void Output::append(Stream stream, std::string_view bytes, Instant at) {
    // One piece more, so that small limits do not founder on what a piece costs by itself.
    const std::size_t may_hold = std::max(limits_.head, limits_.tail) + kPiece;
    while (!bytes.empty()) {
        bytes.remove_prefix(extend(stream, bytes, at));
        while (!tail_.empty() &&
               (held_ > may_hold ||
                tail_.front().offset + tail_.front().size + limits_.tail <= printed_))
            cut_oldest();
        memory_.make_room();
    }
}

// Takes as much as one piece holds; says how much.
std::size_t Output::extend(Stream stream, std::string_view bytes, Instant at) {
    Pieces& pieces = printed_ < limits_.head ? head_ : tail_;
    const bool grows = !pieces.empty() && pieces.back().stream == stream &&
                       !pieces.back().compressed &&
                       pieces.back().offset + pieces.back().size == printed_ &&
                       pieces.back().size < kPiece && at - pieces.back().at < kTogether;
    if (!grows) {
        pieces.push_back({.stream = stream, .size = 0, .offset = printed_, .at = at, .bytes = {}});
        account(0, pieces.back().cost());
    }

    Piece& piece = pieces.back();
    std::uint64_t room = kPiece - piece.size;
    if (printed_ < limits_.head)
        room = std::min(room, limits_.head - printed_);  // no piece is in both
    const auto taken = std::size_t(std::min<std::uint64_t>(room, bytes.size()));

    const std::size_t before = piece.cost();
    piece.bytes.append(bytes.substr(0, taken));
    piece.size += std::uint32_t(taken);
    printed_ += taken;
    account(before, piece.cost());
    if (piece.size == kPiece && held_ > kPlain) seal(piece);
    return taken;
}

void Output::seal(Piece& piece) {
    std::string smaller = memory_.compress(piece.bytes);
    if (smaller.empty()) return;
    const std::size_t before = piece.cost();
    piece.bytes = std::move(smaller);
    piece.compressed = true;
    account(before, piece.cost());
}

// The head is what the run is remembered by: it goes last.
void Output::cut_oldest() {
    Pieces& pieces = tail_.empty() ? head_ : tail_;
    cut_ += pieces.front().size;
    account(pieces.front().cost(), 0);
    pieces.pop_front();
}

Chunk Output::take_front(Pieces& pieces) {
    Piece& piece = pieces.front();
    account(piece.cost(), 0);
    Chunk chunk{piece.stream, piece.at, piece.offset, std::move(piece.bytes)};
    if (piece.compressed) chunk.bytes = memory_.decompress(chunk.bytes, piece.size);
    pieces.pop_front();
    return chunk;
}

void Output::note_kept(const Chunk& chunk) {
    if (chunk.offset < limits_.head) return;
    if (kept_.empty() || kept_.back().size >= kPiece) kept_.push_back({});
    kept_.back().end = chunk.offset + chunk.bytes.size();
    kept_.back().size += chunk.bytes.size();
}

// Up to where the store's part of the tail is too old by now; 0: nowhere.
std::uint64_t Output::drop_passed() {
    std::uint64_t until = 0;
    for (; !kept_.empty() && kept_.front().end + limits_.tail <= printed_; kept_.pop_front()) {
        cut_ += kept_.front().size;
        until = kept_.front().end;
    }
    return until;
}

OutputRound Output::take(std::size_t at_most) {
    OutputRound round{.printed = printed_, .drop_from = limits_.head};
    for (std::size_t size = 0; is_waiting() && round.chunks.size() < kChunks;) {
        Pieces& pieces = head_.empty() ? tail_ : head_;
        size += pieces.front().size;
        if (size > at_most && !round.chunks.empty()) break;
        round.chunks.push_back(take_front(pieces));
        note_kept(round.chunks.back());
    }
    round.drop_until = drop_passed();
    return round;
}

}  // namespace cjv::runner
