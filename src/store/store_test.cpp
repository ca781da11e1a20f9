#include "store/store.h"

#include <doctest/doctest.h>

#include "domain/run_id.h"
#include "support/store.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;
using domain::Overlap;
using domain::Reason;
using domain::Status;
using support::a_job;
using support::at;
using support::must;
using support::StoreWorld;

TEST_CASE("a first start makes our own jobs, and the next one makes no more") {
    StoreWorld world;
    const auto keep_alive =
        must(Store::open({.path = world.path}, world.clock, world.zones, world.log));
    CHECK(world.store->board().size() == 2);
    CHECK(world.store->start_number() == 1);

    world.open();

    CHECK(world.store->board().size() == 2);
    CHECK(world.store->start_number() == 3);
    CHECK(world.store->board().find_by_name("Clean up old logs")->job->owner == UserNumber{0});
}

TEST_CASE("two installations share no key, and one keeps its own") {
    StoreWorld world;
    const auto open = [&](const std::string& path) {
        return must(Store::open({.path = path}, world.clock, world.zones, world.log));
    };
    const std::string path = support::memory_path();
    const auto one = open(path), other = open(support::memory_path());
    CHECK(one->installation_key() != other->installation_key());
    CHECK(one->installation_key() != domain::InstallationKey{});
    CHECK(open(path)->installation_key() == one->installation_key());
}

TEST_CASE("a job of our own gets another name where somebody has that one") {
    StoreWorld world;
    const auto keep_alive = must(Database::open(world.path, Access::writer));
    must(must(Database::open(world.path, Access::writer))
             .script("UPDATE jobs SET kind = 'command', target = '{\"shell\":\"true\"}' "
                     "WHERE name = 'Clean up old logs'"));

    world.open();

    CHECK(world.store->board().find_by_name("Clean up old logs (system)"));
}

TEST_CASE("a decided slot is a run, and the cursor stands on the next one") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 hour"));
    CHECK(job->next_slot == at("02:00"));
    world.clock.set(at("02:00") + 1s);

    world.decide(job);

    CHECK(world.run_of(job, at("02:00")).status == Status::pending);
    CHECK(world.entry(job)->next_slot == at("03:00"));
    CHECK(world.entry(job)->decided_until == at("02:00"));
    CHECK(world.entry(job)->open_count == 1);
    CHECK(world.entry(job)->total_run_count == 1);
}

TEST_CASE("a run goes from pending to its end, and the feed tells each step") {
    StoreWorld world;
    const auto job = world.create(a_job());
    const auto asked = must(world.store->ask_run({.job = job->number}, {.user = UserNumber{0}}));
    world.changes.clear();

    world.finish(asked.id);

    std::vector<Status> steps;
    for (const Change& change : world.changes)
        if (change.what == Change::What::run) steps.push_back(change.after);
    CHECK(steps == std::vector{Status::queued, Status::running, Status::success});
    CHECK(world.entry(job)->open_count == 0);
    CHECK(world.entry(job)->running_count == 0);
    CHECK(world.entry(job)->last_status == Status::success);
    CHECK(world.entry(job)->last_run_at == world.clock.now());
}

TEST_CASE("runs that go on are those of a process, and those that were handed over before a time") {
    StoreWorld world;
    const auto job = world.create(a_job().overlap(Overlap::allow));
    const auto task = world.create(a_job().name("task").celery("t").overlap(Overlap::allow));
    const auto ended = world.ask(job), has_process = world.ask(job);
    world.ask(task);  // nobody has it
    const auto old = world.ask(task);
    world.finish(ended.id);
    must(world.store->commit_queued(std::vector{has_process.id, old.id}));
    world.clock.pass(60s);
    const auto young = world.ask(task);
    must(world.store->commit_queued({&young.id, 1}));
    world.clock.pass(1s);
    const auto process = domain::ProcessId{1, 1, "boot"};
    world.store->observe_started(
        {.run = has_process.id, .at = world.clock.now(), .process = process});
    world.turn();

    std::vector<RunId> going;
    for (const auto& run : must(world.store->going_runs(world.clock.now() - 30s)))
        going.push_back(run.id);

    CHECK(going == std::vector{has_process.id, old.id});
    CHECK(must(world.store->count_open_runs()) == 4);
}

TEST_CASE("what was committed is there after a restart") {
    StoreWorld world;
    const auto job = world.create(a_job());
    const auto asked = must(world.store->ask_run({.job = job->number}, {}));
    const auto keep_alive =
        must(Store::open({.path = world.path}, world.clock, world.zones, world.log));

    world.open();

    const auto entry = world.entry(job);
    REQUIRE(entry);
    CHECK(entry->job->name == job->job->name);
    CHECK(entry->next_slot == job->next_slot);
    CHECK(entry->open_count == 1);
    CHECK(must(world.store->open_runs()).front().id == asked.id);
}

TEST_CASE("a list of logs is runs and ranges together, newest first") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 hour").overlap(Overlap::skip));
    world.clock.set(at("04:30"));
    world.decide(job);  // 02:00 runs; 03:00 and 04:00 are skipped

    const auto page = must(world.store->logs({.job = job->number}, LogOrder::newest, 0, 10));

    REQUIRE(page.lines.size() == 2);
    CHECK(page.count == 2);
    CHECK(page.lines[0].skip->first == at("03:00"));
    CHECK(page.lines[0].skip->last == at("04:00"));
    CHECK(page.lines[0].skip->count == 2);
    CHECK(page.lines[0].skip->reason == Reason::overlap);
    CHECK(page.lines[1].run->slot == at("02:00"));
}

}  // namespace
}  // namespace cjv::store
