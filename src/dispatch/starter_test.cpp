#include "dispatch/starter.h"

#include "support/store.h"

#include <doctest/doctest.h>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;
using domain::Reason;
using domain::Status;
using support::a_job;
using support::at;
using support::must;

// A starter over a real store; what would start is kept.
struct World : support::StoreWorld {
    World() {
        store->places().open(1);
        store->feed().subscribe([this](const store::Commit& commit) {
            ++commits;
            for (const auto& change : commit.changes) starter.follow(change);
        });
    }
    // Its slot at 02:00.
    RunId decided(const char* name) {
        const auto job = create(a_job().name(name).every("1 hour"));
        clock.set(at("02:00"));
        decide(job);
        return run_of(job, at("02:00")).id;
    }

    Settings settings{.path = "/usr/bin:/bin", .home = "/"};
    std::vector<RunId> started, expected;
    int commits = 0;
    Starter starter{*store,
                    clock,
                    log,
                    settings,
                    {.command = [this](const Prepared& ready) { started.push_back(ready.run); },
                     .soon = [this](const Prepared& ready) { expected.push_back(ready.run); },
                     .chore = [](const Chore&) {}}};
};

}  // namespace

TEST_CASE("a run that its decision has queued starts without another commit") {
    World world;
    const RunId run = world.decided("one");
    world.commits = 0;

    world.starter.turn();
    CHECK(world.started == std::vector{run});
    CHECK(world.commits == 0);
    CHECK(world.starter.has(run));
}

TEST_CASE("a run that is staged is expected, and starts when its decision has come to be") {
    World world;
    const auto job = world.create(a_job().name("one").every("1 hour"));
    const auto other = world.create(a_job().name("two").every("1 hour"));
    world.store->feed().subscribe_to_staged([&](const store::Staged& staged) {
        for (const auto& change : staged.changes)
            if (change.has_place) world.starter.expect(change);
    });
    world.clock.set(at("02:00"));
    const std::vector decisions{domain::plan(*job, {}, at("02:00")),
                                domain::plan(*other, {}, at("02:00"))};
    REQUIRE(world.store->stage(decisions, true, at("02:00"), world.clock.steady() + 1s));
    CHECK(world.expected.empty());
    world.store->finish_stage();
    REQUIRE(world.expected.size() == 1);  // there is one place
    world.starter.turn();
    CHECK(world.started.empty());

    REQUIRE(must(world.store->commit_staged()));
    world.starter.turn();
    CHECK(world.started == world.expected);
}

TEST_CASE("runs for which there was no place start when one is free, by a commit of their own") {
    World world;
    const RunId first = world.decided("one");
    world.clock.set(at("01:00"));
    const RunId second = world.decided("two");
    world.starter.turn();
    CHECK(world.started == std::vector{first});
    CHECK(world.starter.waiting() == 1);
    CHECK_FALSE(world.store->places().take_at_once());

    world.starter.free_place();
    world.starter.turn();
    CHECK(world.started == std::vector{first, second});
    CHECK(must(world.store->find_run(second))->status == Status::queued);
}

TEST_CASE("what was queued by its decision and did not start before a stop ends, and says why") {
    World world;
    const RunId run = world.decided("one");
    world.starter.start_nothing_more();
    world.starter.turn();
    world.turn();

    CHECK(world.started.empty());
    const auto ended = must(world.store->find_run(run)).value();
    CHECK(ended.status == Status::cancelled);
    CHECK(ended.reason == Reason::shutdown);
    CHECK_FALSE(ended.error.empty());
}

TEST_CASE("a run of a job that is deleted before it starts ends once, and its place is free") {
    World world;
    const auto job = world.create(a_job().name("short").every("1 hour"));
    world.clock.set(at("02:00"));
    world.decide(job);
    const RunId run = world.run_of(job, at("02:00")).id;
    must(world.store->delete_job(job->number, 0, {}));
    world.starter.turn();
    world.turn();

    CHECK(world.started.empty());
    const auto ended = must(world.store->find_run(run)).value();
    CHECK(is_final(ended.status));
    CHECK(ended.notes.empty());
    CHECK(world.store->places().take());
}

TEST_CASE("a run that cannot start gives back its place") {
    World world;
    auto job = a_job().name("shell").every("1 hour").job();
    job.target = R"({"argv": ["true"], "shell": true})";
    const auto created = must(world.store->create_job(job, {}));
    world.clock.set(at("02:00"));
    world.decide(created);
    world.starter.turn();
    world.turn();

    CHECK(world.started.empty());
    CHECK(world.run_of(created, at("02:00")).status == Status::failed);
    CHECK(world.store->places().take());
}

}  // namespace cjv::dispatch
