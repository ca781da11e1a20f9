#include "store/clean_up.h"

#include <doctest/doctest.h>

#include <random>

#include "support/store.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;
using domain::Overlap;
using domain::Run;
using domain::Status;
using support::a_job;
using support::must;
using support::StoreWorld;

std::string noise(std::size_t size) {
    std::mt19937 random(1);
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

struct World : StoreWorld {
    domain::EntryPtr job = create(a_job().every("1 hour").overlap(Overlap::allow));

    std::int64_t clean_up_all(Instant before) {
        std::int64_t all = 0;
        while (const auto gone = must(store->clean_up_slice(before))) all += gone;
        return all;
    }
    std::int64_t rows(std::string_view table) {
        auto db = reader();
        return must(db.find("SELECT count(*) FROM " + std::string(table), {},
                            [](const Row& row) { return row.integer(0); }))
            .value();
    }
};

TEST_CASE("runs that ended before go with their output, and those that ended later stay") {
    World world;
    const Run old = world.ask(world.job);
    world.store->observe_output(
        {.run = old.id, .chunks = {{.at = world.clock.now(), .bytes = "text"}}, .printed = 4});
    world.finish(old.id);
    world.clock.pass(1h);
    const Instant before = world.clock.now();
    const Run young = world.ask(world.job);
    world.finish(young.id);

    CHECK(world.clean_up_all(before) == 1);

    CHECK_FALSE(must(world.store->find_run(old.id)));
    CHECK(must(world.store->find_run(young.id)));
    CHECK(world.rows("outputs") == 0);
}

TEST_CASE("a run that has not ended stays, however old it is") {
    World world;
    const Run run = world.ask(world.job);
    world.clock.pass(24h * 365);
    CHECK(world.clean_up_all(world.clock.now()) == 0);
    CHECK(must(world.store->find_run(run.id)));
}

TEST_CASE("a run that ended after the limit stays, although it began before") {
    World world;
    const Run run = world.ask(world.job);
    world.clock.pass(2h);
    world.finish(run.id);
    CHECK(world.clean_up_all(world.clock.now() - 1h) == 0);
}

TEST_CASE("ranges go by their last slot") {
    World world;
    const auto job = world.create(a_job().name("skips").every("1 minute").overlap(Overlap::skip));
    world.ask(job);
    world.clock.pass(3min);
    world.decide(job);
    CHECK(world.rows("skips") == 1);

    CHECK(world.clean_up_all(world.clock.now()) == 0);
    CHECK(world.clean_up_all(world.clock.now() + 1s) == 1);

    // The next slot begins a new range: there is none to extend.
    world.clock.pass(1min);
    world.decide(job);
    CHECK(world.rows("skips") == 1);
}

TEST_CASE("long output goes a part at a time, and its run with the last part") {
    World world;
    const Run run = world.ask(world.job);
    std::uint64_t offset = 0;
    for (int i = 0; i < 20; ++i, offset += 64'000)
        world.store->observe_output(
            {.run = run.id,
             .chunks = {{.at = world.clock.now(), .offset = offset, .bytes = noise(64'000)}},
             .printed = offset + 64'000});
    world.finish(run.id);

    const auto old = std::vector<Old>{{run.id}};
    CHECK(world.clean_up_all(world.clock.now() + 1s) == 1);
    CHECK(world.rows("outputs") == 0);
    CHECK(world.rows("runs") == 0);
}

TEST_CASE("totals go with the runs they count") {
    World world;
    for (int i = 0; i < 5; ++i)
        world.finish(world.ask(world.job).id, i == 0 ? Status::failed : Status::success);
    REQUIRE(world.store->hours_since(0).size() == 1);
    CHECK(world.store->hours_since(0)[0].success == 4);

    world.clean_up_all(world.clock.now() + 1s);

    CHECK(world.store->hours_since(0).empty());
    CHECK(must(world.store->hours_of_job(world.job->number, 0)).empty());
    CHECK(world.rows("hourly") == 0);
    CHECK(world.entry(world.job)->total_run_count == 5);
}

TEST_CASE("thousands of runs go in slices") {
    World world;
    for (int i = 0; i < 1'203; ++i) world.finish(world.ask(world.job).id);
    CHECK(must(world.store->clean_up_slice(world.clock.now() + 1s)) == 500);
    CHECK(world.clean_up_all(world.clock.now() + 1s) == 703);
}

}  // namespace
}  // namespace cjv::store
