#include "store/outputs.h"

#include <doctest/doctest.h>

#include "support/store.h"

namespace cjv::store {
namespace {

using support::a_job;
using support::must;
using support::StoreWorld;

struct World : StoreWorld {
    RunId run = ask(create(a_job())).id;
    std::uint64_t printed = 0;

    void print(Stream stream, const std::string& text) {
        OutputRound round{.run = run};
        round.chunks.push_back(
            {.stream = stream, .at = clock.now(), .offset = printed, .bytes = text});
        printed += text.size();
        round.printed = printed;
        store->observe_output(round);
    }
    std::vector<OutputChunk> after(std::int64_t number, std::uint64_t max_bytes = 1'000'000) {
        return must(store->output_after(run, number, max_bytes));
    }
};

TEST_CASE("what a run prints is read as it came, by stream and offset") {
    World world;
    world.print(Stream::out, "hello\n");
    world.print(Stream::err, "oh\n");
    world.turn();

    const auto chunks = world.after(0);

    REQUIRE(chunks.size() == 2);
    CHECK(chunks[0].number == 1);
    CHECK(chunks[0].bytes == "hello\n");
    CHECK(chunks[1].stream == Stream::err);
    CHECK(chunks[1].offset == 6);
    CHECK(chunks[1].bytes == "oh\n");
    CHECK(must(world.store->find_run(world.run))->output_size == 9);
}

TEST_CASE("output is told once a transaction, and its bytes count as waiting until then") {
    World world;
    world.changes.clear();
    for (int i = 0; i < 10; ++i) world.print(Stream::out, std::string(1'000, 'x'));
    CHECK(world.store->waiting_output_bytes() > 0);

    world.turn();

    CHECK(world.store->waiting_output_bytes() == 0);
    REQUIRE(world.changes.size() == 1);
    CHECK(world.changes[0].what == Change::What::output);
    CHECK(world.changes[0].run == world.run);
}

TEST_CASE("who follows gets what is new, a part at a time") {
    World world;
    for (const auto* line : {"1\n", "2\n", "3\n"}) world.print(Stream::out, line);
    world.turn();

    CHECK(world.after(1).size() == 2);
    CHECK(world.after(0, 3).size() == 2);
    CHECK(world.after(0, 1).size() == 1);
    CHECK(world.after(3).empty());
}

TEST_CASE("what is no longer wanted goes, and numbers are not used again") {
    World world;
    for (int i = 0; i < 4; ++i) world.print(Stream::out, "1234567890");
    world.turn();
    OutputRound round{.run = world.run, .printed = 50, .drop_from = 10, .drop_until = 35};
    round.chunks.push_back({.at = world.clock.now(), .offset = 40, .bytes = "1234567890"});
    world.store->observe_output(round);
    world.turn();

    std::vector<std::int64_t> numbers;
    for (const auto& chunk : world.after(0)) numbers.push_back(chunk.number);
    CHECK(numbers == std::vector<std::int64_t>{1, 4, 5});  // 4 lies within in part only
}

TEST_CASE("the tail is the last bytes, over the borders of chunks") {
    World world;
    world.print(Stream::out, "abcdef");
    world.print(Stream::err, "ghi");
    world.turn();

    CHECK(must(world.store->output_tail(world.run, 5)) == "efghi");
    CHECK(must(world.store->output_tail(world.run, 100)) == "abcdefghi");
}

TEST_CASE("output of a run that is gone is nothing") {
    World world;
    world.run.bytes[15] ^= 1;
    world.print(Stream::out, "too late");
    world.turn();
    CHECK(world.after(0).empty());
}

TEST_CASE("repetitive output is kept small") {
    PackedRound packed =
        pack({.run = {}, .chunks = {{.bytes = std::string(100'000, 'x')}}, .printed = 100'000});
    CHECK(size_of(packed) < 1'000);
}

}  // namespace
}  // namespace cjv::store
