#pragma once
// What a run prints, on its way to the store: the first bytes (the head) are kept, and the last
// (the tail); what the store cannot take in time waits here, within limits, and what is cut is
// counted. Bytes are bytes: characters and colours are the reader's business. One thread.

#include "base/clock.h"
#include "runner/process.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::runner {

// Bytes of one stream that came together. Order within a stream is exact, between streams by
// arrival.
struct Chunk {
    Stream stream = Stream::out;
    Instant at{};              // when its first byte came
    std::uint64_t offset = 0;  // of its first byte, among all bytes of the run; a gap says: cut
    std::string bytes;
    bool operator==(const Chunk&) const = default;
};

// What the store is to do in one step.
struct OutputRound {
    std::vector<Chunk> chunks = {};  // to be kept; by offset, which grows from round to round
    std::uint64_t printed = 0;       // bytes so far
    // Kept chunks that lie within [drop_from, drop_until) are no longer wanted.
    std::uint64_t drop_from = 0, drop_until = 0;
};

struct OutputLimits {
    std::uint64_t head = 4 << 20;
    std::uint64_t tail = 12 << 20;
};

class Output;

// The memory that waiting output of all runs may take together. When it is full, the run that holds
// the most gives way. Outlives the outputs.
class OutputMemory {
public:
    explicit OutputMemory(std::size_t limit = 128 << 20);
    ~OutputMemory();

    std::size_t held() const { return held_; }

private:
    friend class Output;
    struct Zstd;
    std::string compress(const std::string& bytes);
    std::string decompress(const std::string& bytes, std::size_t size);
    void make_room();

    const std::size_t limit_;
    std::size_t held_ = 0;
    std::vector<Output*> outputs_;
    std::unique_ptr<Zstd> zstd_;
};

class Output {
public:
    Output(OutputMemory& memory, const OutputLimits& limits);
    ~Output();
    Output(const Output&) = delete;

    void append(Stream stream, std::string_view bytes, Instant at);

    // The oldest waiting chunks, at most `at_most` bytes of them, for one step of the store. They
    // leave here: whoever takes them brings them home.
    OutputRound take(std::size_t at_most = 256 << 10);
    bool is_waiting() const { return !head_.empty() || !tail_.empty(); }

    std::uint64_t printed() const { return printed_; }
    // Bytes of them that the store does not keep: cut here, or dropped by a round that was taken.
    std::uint64_t cut() const { return cut_; }
    std::size_t held() const { return held_; }  // bytes of memory

private:
    friend class OutputMemory;
    struct Piece {
        Stream stream;
        bool compressed = false;
        std::uint32_t size;  // of what was printed
        std::uint64_t offset;
        Instant at;
        std::string bytes;

        std::size_t cost() const { return sizeof(Piece) + bytes.capacity(); }
    };
    using Pieces = std::deque<Piece>;
    // What the store keeps of the tail, a few neighbouring chunks at a time.
    struct Kept {
        std::uint64_t end;
        std::uint64_t size;
    };

    std::size_t extend(Stream stream, std::string_view bytes, Instant at);
    void seal(Piece& piece);
    void cut_oldest();
    Chunk take_front(Pieces& pieces);
    void note_kept(const Chunk& chunk);
    std::uint64_t drop_passed();
    void account(std::size_t before, std::size_t after);

    OutputMemory& memory_;
    const OutputLimits limits_;
    Pieces head_, tail_;  // waiting; the newest piece may still grow
    std::deque<Kept> kept_;
    std::uint64_t printed_ = 0, cut_ = 0;
    std::size_t held_ = 0;
};

}  // namespace cjv::runner
