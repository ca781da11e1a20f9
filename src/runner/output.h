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
    std::uint64_t printed = 0;       // bytes so far; what is not kept of them was cut
    std::uint64_t head = 0;          // kept chunks from offset `head` on …
    std::uint64_t tail_begin = 0;  // … that end at or before this one are no longer wanted; 0: none
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
    std::uint64_t cut() const { return cut_; }  // bytes that no round will have
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

    std::size_t extend(Stream stream, std::string_view bytes, Instant at);
    void seal(Piece& piece);
    void cut_oldest();
    Chunk take_front(Pieces& pieces);
    void account(std::size_t before, std::size_t after);

    OutputMemory& memory_;
    const OutputLimits limits_;
    Pieces head_, tail_;  // waiting; the newest piece may still grow
    std::uint64_t printed_ = 0, cut_ = 0;
    std::size_t held_ = 0;
};

}  // namespace cjv::runner
