#include "store/at_start.h"

#include <doctest/doctest.h>

#include "domain/run_id.h"
#include "support/store.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;
using domain::EntryPtr;
using domain::Overlap;
using domain::Reason;
using domain::Status;
using support::a_job;
using support::at;
using support::must;
using support::StoreWorld;

std::vector<JobNumber> start(StoreWorld& world, const EntryPtr& job) {
    return must(world.store->commit_at_start(std::span(&job->number, 1)));
}

std::vector<domain::Run> runs(StoreWorld& world, const EntryPtr& job) {
    return must(world.store->newest_runs(job->number, 10));
}

TEST_CASE("a run of the start has an asked id, no slot and no cursor, and says why it is there") {
    StoreWorld world;
    const auto job = world.create(a_job().cron("@reboot"));

    CHECK(start(world, job).empty());

    REQUIRE(runs(world, job).size() == 1);
    const domain::Run run = runs(world, job)[0];
    CHECK(domain::decode(run.id)->kind == domain::IdKind::asked);
    CHECK(run.trigger == domain::Trigger::schedule);
    CHECK_FALSE(run.slot);
    CHECK(run.at == world.clock.now());
    CHECK(run.status == Status::pending);
    CHECK(run.notes.contains("The server started."));
    CHECK_FALSE(world.entry(job)->next_slot);
    CHECK(world.entry(job)->total_run_count == 1);
    CHECK(world.reloaded()->board().find(job->number)->total_run_count == 1);
}

TEST_CASE("where overlap refuses it the run of the start is recorded as skipped") {
    StoreWorld world;
    const auto job = world.create(a_job().cron("@reboot").overlap(Overlap::skip));
    const auto open = world.ask(job);

    start(world, job);

    REQUIRE(runs(world, job).size() == 2);
    CHECK(runs(world, job)[0].status == Status::skipped);
    CHECK(runs(world, job)[0].reason == Reason::overlap);
    CHECK(runs(world, job)[0].ended_at == world.clock.now());
    CHECK(world.entry(job)->open_count == 1);
    CHECK(world.entry(job)->waiting_count == 0);
    CHECK(world.find(open).status == Status::pending);
}

TEST_CASE("under queue_one the run of the start waits, and of a Celery job no message leaves yet") {
    StoreWorld world;
    const auto job =
        world.create(a_job().celery("sum").cron("@reboot").overlap(Overlap::queue_one));
    world.ask(job);
    world.batches.clear();

    start(world, job);

    CHECK(runs(world, job)[0].reason == Reason::waiting_overlap);
    CHECK(world.batches.empty());
}

TEST_CASE(
    "what is inactive, gone, outside its window or has a time by now does not run at the start") {
    StoreWorld world;
    const auto inactive = world.create(a_job().name("a").cron("@reboot").inactive());
    const auto timed = world.create(a_job().name("b").cron("@daily"));
    const auto gone = world.create(a_job().name("c").cron("@reboot"));
    const auto later = world.create(
        a_job().name("d").window(world.clock.now() + 1us, Instant::max()).cron("@reboot"));
    const auto over =
        world.create(a_job().name("e").window(Instant::min(), world.clock.now()).cron("@reboot"));
    must(world.store->delete_job(gone->number, 0, {}));

    for (const auto& job : {inactive, timed, gone, later, over}) {
        CHECK(start(world, job).empty());
        CHECK(runs(world, job).empty());
    }
}

}  // namespace
}  // namespace cjv::store
