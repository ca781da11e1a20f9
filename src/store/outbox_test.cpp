#include "store/outbox.h"

#include <doctest/doctest.h>

#include "support/store.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;
using domain::Overlap;
using domain::Status;
using support::a_job;
using support::must;
using support::StoreWorld;

std::vector<std::int64_t> numbers(const std::vector<BatchPtr>& batches) {
    std::vector<std::int64_t> found;
    for (const BatchPtr& batch : batches) found.push_back(batch->number);
    return found;
}

TEST_CASE("a run for a broker and its message are one commit") {
    StoreWorld world;
    const auto run = world.ask(world.create(a_job().celery("erp.close_day")));

    REQUIRE(world.batches.size() == 1);
    const Batch& batch = *world.batches[0];
    CHECK(batch.list == "erp.close_day");
    CHECK(batch.number == 1);
    REQUIRE(batch.items.size() == 1);
    CHECK(batch.items[0].run == run.id);
    CHECK(batch.message(batch.items[0]) == "message of " + to_text(run.id));
    CHECK(must(world.reloaded()->open_batches()).size() == 1);
}

TEST_CASE("a run of our own machine has no message") {
    StoreWorld world;
    world.ask(world.create(a_job()));
    CHECK(world.batches.empty());
    CHECK(must(world.store->open_batches()).empty());
}

TEST_CASE("what the broker has taken is queued, and is not sent again") {
    StoreWorld world;
    const auto run = world.ask(world.create(a_job().celery("t")));
    const Instant sent = world.clock.now();
    world.clock.pass(3s);

    world.store->observe_sent({.batch = world.batches[0], .at = sent});
    world.turn();

    CHECK(world.find(run).status == Status::queued);
    CHECK(world.find(run).queued_at == sent);
    CHECK(must(world.reloaded()->open_batches()).empty());
}

TEST_CASE("a batch read back after a crash is the batch that was written") {
    StoreWorld world;
    const auto job = world.create(a_job().celery("t"));
    world.ask(job);
    world.ask(world.create(a_job().name("other").celery("u")));

    const auto read = must(world.reloaded()->open_batches());

    REQUIRE(read.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(read[i]->list == world.batches[i]->list);
        CHECK(read[i]->number == world.batches[i]->number);
        CHECK(read[i]->bytes == world.batches[i]->bytes);
        REQUIRE(read[i]->items.size() == 1);
        CHECK(read[i]->items[0].run == world.batches[i]->items[0].run);
    }
}

TEST_CASE("numbers grow by list, and a confirmed one is not given again after a restart") {
    StoreWorld world;
    const auto job = world.create(a_job().celery("t"));
    const auto other = world.create(a_job().name("other").celery("u"));
    world.ask(job);
    world.ask(other);
    world.ask(job);
    CHECK(numbers(world.batches) == std::vector<std::int64_t>{1, 1, 2});
    for (const auto& batch : std::vector(world.batches))
        world.store->observe_sent({.batch = batch, .at = world.clock.now()});
    world.turn();
    world.batches.clear();

    const auto alive = world.reader();  // a database in memory lives as long as a connection
    world.open();
    world.ask(job);

    CHECK(numbers(world.batches) == std::vector<std::int64_t>{3});
}

TEST_CASE("a batch has at most 500 messages") {
    StoreWorld world;
    std::vector<domain::Decision> decisions;
    for (int i = 0; i < 501; ++i)
        world.create(a_job().name("job " + std::to_string(i)).celery("t").every("1 hour"));
    world.clock.pass(1h);
    for (const auto& entry : world.store->board().all())
        if (entry->job->kind == domain::Kind::celery)
            decisions.push_back(domain::plan(*entry, {}, world.clock.now()));

    must(world.store->commit(decisions));

    REQUIRE(world.batches.size() == 2);
    CHECK(world.batches[0]->items.size() == 500);
    CHECK(world.batches[1]->items.size() == 1);
    CHECK(world.batches[1]->number == 2);
}

TEST_CASE("a run that waits for another has no message until it may leave") {
    StoreWorld world;
    auto builder = a_job().celery("t").overlap(Overlap::queue_one);
    const auto job = world.create(builder);
    const auto first = world.ask(job);
    const auto second = world.ask(job);
    REQUIRE(world.batches.size() == 1);

    world.store->observe_ended(
        {.run = first.id, .at = world.clock.now(), .status = Status::failed});
    world.turn();

    REQUIRE(world.batches.size() == 2);
    CHECK(world.batches[1]->items[0].run == second.id);
}

TEST_CASE("a decision that is rolled back leaves no message and no gap in the numbers") {
    StoreWorld world;
    const auto job = world.create(a_job().celery("t"));
    world.break_at(3);
    CHECK(!world.store->ask_run({.job = job->number}, {}));
    world.mend();
    CHECK(world.batches.empty());

    world.ask(job);

    CHECK(numbers(world.batches) == std::vector<std::int64_t>{1});
}

TEST_CASE("a start that is known before the sending is a start") {
    StoreWorld world;
    const auto run = world.ask(world.create(a_job().celery("t")));

    world.store->observe_started(
        {.run = run.id, .at = world.clock.now(), .worker = "celery@host", .was_sent = true});
    world.store->observe_sent({.batch = world.batches[0], .at = world.clock.now()});
    world.turn();

    CHECK(world.find(run).status == Status::running);
    CHECK(must(world.store->open_batches()).empty());
}

}  // namespace
}  // namespace cjv::store
