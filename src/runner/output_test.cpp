#include "runner/output.h"

#include <doctest/doctest.h>

#include <random>

namespace cjv::runner {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{1h};

std::string noise(std::size_t size) {
    std::mt19937_64 random(size);
    std::string bytes;
    while (bytes.size() < size) bytes += char(random());
    return bytes;
}

// The store's side: keeps what it is given and drops what it is told to.
struct Kept {
    std::vector<Chunk> chunks;
    std::uint64_t printed = 0;

    void step(OutputRound round) {
        for (Chunk& chunk : round.chunks) chunks.push_back(std::move(chunk));
        std::erase_if(chunks, [&](const Chunk& chunk) {
            return chunk.offset >= round.drop_from &&
                   chunk.offset + chunk.bytes.size() <= round.drop_until;
        });
        printed = round.printed;
    }
    void drain(Output& output) {
        while (output.is_waiting()) step(output.take());
    }
    std::uint64_t size() const {
        std::uint64_t size = 0;
        for (const Chunk& chunk : chunks) size += chunk.bytes.size();
        return size;
    }
    // All kept bytes, `[n]` where n were cut.
    std::string text() const {
        std::string text;
        std::uint64_t at = 0;
        for (const Chunk& chunk : chunks) {
            if (chunk.offset != at) text += "[" + std::to_string(chunk.offset - at) + "]";
            text += chunk.bytes;
            at = chunk.offset + chunk.bytes.size();
        }
        return text;
    }
};

TEST_CASE("bytes leave in the order in which they came, by stream and with their time") {
    OutputMemory memory;
    Output output(memory, {});

    output.append(Stream::out, "one ", kStart);
    output.append(Stream::out, "two\n", kStart + 5ms);
    output.append(Stream::err, "oops\n", kStart + 6ms);
    output.append(Stream::out, "three\n", kStart + 7ms);
    output.append(Stream::out, "much later\n", kStart + 1s);

    CHECK(output.take().chunks ==
          std::vector<Chunk>{{Stream::out, kStart, 0, "one two\n"},
                             {Stream::err, kStart + 6ms, 8, "oops\n"},
                             {Stream::out, kStart + 7ms, 13, "three\n"},
                             {Stream::out, kStart + 1s, 19, "much later\n"}});
    CHECK_FALSE(output.is_waiting());
    CHECK(memory.held() == 0);
}

TEST_CASE("what was taken is not extended by what comes next") {
    OutputMemory memory;
    Output output(memory, {});

    output.append(Stream::out, "a", kStart);
    CHECK(output.take().chunks.size() == 1);
    output.append(Stream::out, "b", kStart);

    CHECK(output.take().chunks == std::vector<Chunk>{{Stream::out, kStart, 1, "b"}});
}

TEST_CASE("a round is at most as large as the store wants it") {
    OutputMemory memory;
    Output output(memory, {});
    const std::string bytes = noise(1 << 20);
    output.append(Stream::out, bytes, kStart);

    Kept kept;
    int rounds = 0;
    for (; output.is_waiting(); ++rounds) {
        const OutputRound round = output.take(256 << 10);
        std::size_t size = 0;
        for (const Chunk& chunk : round.chunks) size += chunk.bytes.size();
        CHECK(size <= 256 << 10);
        kept.step(round);
    }

    CHECK(rounds == 4);
    CHECK((kept.text() == bytes));
}

TEST_CASE("of a short output nothing is cut") {
    OutputMemory memory;
    Output output(memory, {.head = 100, .tail = 1000});
    const std::string bytes = noise(1100);

    for (char byte : bytes) output.append(Stream::out, {&byte, 1}, kStart);
    Kept kept;
    kept.drain(output);

    CHECK((kept.text() == bytes));
    CHECK(output.cut() == 0);
}

TEST_CASE("of a long output the first and the last bytes are kept, however it is taken") {
    const std::string bytes = noise(40 << 20);
    for (const int taken_every : {0, 7, 1}) {
        OutputMemory memory;
        Output output(memory, {});
        Kept kept;
        for (std::size_t at = 0, n = 1; at < bytes.size(); at += 64 << 10, ++n) {
            output.append(Stream::out, std::string_view(bytes).substr(at, 64 << 10), kStart);
            CHECK(output.held() <= (12 << 20) + (32 << 10));
            if (taken_every && n % taken_every == 0) kept.step(output.take());
        }
        kept.drain(output);

        const std::string text = kept.text();
        CHECK(kept.printed == bytes.size());
        CHECK((text.substr(0, 4 << 20) == bytes.substr(0, 4 << 20)));
        // Noise cannot be compressed, so the waiting head takes from the tail's 12 MiB where
        // nothing was taken; a little goes to the pieces themselves.
        const std::size_t tail = (taken_every == 0 ? 8 << 20 : 12 << 20) - (128 << 10);
        CHECK(text.ends_with(bytes.substr(bytes.size() - tail)));
        CHECK(kept.size() < (16 << 20) + (64 << 10));
        CHECK(kept.size() + output.cut() == output.printed());
    }
}

TEST_CASE("what compresses well waits without loss") {
    OutputMemory memory;
    Output output(memory, {});
    std::string bytes;
    while (bytes.size() < 16 << 20)
        bytes += std::to_string(bytes.size()) + " lines like the one before\n";
    bytes.resize(16 << 20);

    output.append(Stream::out, bytes, kStart);
    CHECK(output.held() < 8 << 20);
    Kept kept;
    kept.drain(output);

    CHECK((kept.text() == bytes));
}

TEST_CASE("every byte is either kept or counted as cut") {
    OutputMemory memory(100'000);
    Output output(memory, {.head = 10'000, .tail = 50'000});
    std::mt19937 random(7);
    Kept kept;

    for (int i = 0; i < 2'000; ++i) {
        output.append(random() % 2 ? Stream::out : Stream::err, noise(random() % 500), kStart);
        if (random() % 20 == 0) kept.step(output.take(random() % 5'000));
    }
    kept.drain(output);

    CHECK(output.cut() > 0);
    CHECK(kept.size() + output.cut() == output.printed());
}

TEST_CASE("single bytes that alternate between the streams do not escape the limit") {
    OutputMemory memory;
    Output output(memory, {.head = 1'000, .tail = 100'000});

    for (int i = 0; i < 100'000; ++i) output.append(i % 2 ? Stream::out : Stream::err, "x", kStart);

    CHECK(output.held() <= 100'000 + (32 << 10));
    CHECK(output.take().chunks.size() == 256);
}

TEST_CASE("when the memory of all is full the run that holds the most gives way") {
    OutputMemory memory(1 << 20);
    Output quiet(memory, {}), loud(memory, {});

    quiet.append(Stream::out, noise(100'000), kStart);
    loud.append(Stream::out, noise(5 << 20), kStart);

    CHECK(memory.held() <= 1 << 20);
    CHECK(quiet.cut() == 0);
    CHECK(loud.cut() > 3 << 20);
}

TEST_CASE("a run that is over gives its memory back") {
    OutputMemory memory;
    {
        Output output(memory, {});
        output.append(Stream::out, noise(100'000), kStart);
        CHECK(memory.held() >= 100'000);
    }
    CHECK(memory.held() == 0);
}

}  // namespace
}  // namespace cjv::runner
