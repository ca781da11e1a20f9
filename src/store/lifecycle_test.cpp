#include "store/lifecycle.h"

#include <doctest/doctest.h>

#include "support/store.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;
using domain::EntryPtr;
using domain::Overlap;
using domain::Reason;
using domain::Run;
using domain::Status;
using domain::Trigger;
using support::a_job;
using support::at;
using support::must;
using support::StoreWorld;

struct World : StoreWorld {
    Run run = ask(create(a_job().overlap(Overlap::queue_all)));

    Run now() { return find(run); }
    void queue() { must(store->commit_queued({&run.id, 1})); }
    void begin() {
        store->observe_started({.run = run.id, .at = clock.now(), .worker = "here"});
        turn();
    }
    void end(Status status) {
        store->observe_ended({.run = run.id, .at = clock.now(), .status = status});
        turn();
    }
};

TEST_CASE("a run that was never queued does not start") {
    World world;
    world.begin();
    CHECK(world.now().status == Status::pending);
}

TEST_CASE("a run that ended keeps its end, and later news is a note") {
    World world;
    world.queue();
    world.begin();
    world.end(Status::lost);

    world.end(Status::success);

    CHECK(world.now().status == Status::lost);
    CHECK(world.now().notes.find("success") != std::string::npos);
    CHECK(must(world.reloaded()->find_run(world.run.id))->notes == world.now().notes);
}

TEST_CASE("the same end told twice is one end") {
    World world;
    world.queue();
    world.end(Status::failed);
    world.end(Status::failed);
    CHECK(world.now().notes.empty());
    CHECK(world.store->hours_since(0).at(0).failed == 1);
}

TEST_CASE("a start that is told after the end changes nothing") {
    World world;
    world.queue();
    world.end(Status::success);
    world.begin();
    CHECK(world.now().status == Status::success);
    CHECK_FALSE(world.now().started_at);
}

TEST_CASE("a run is late when it starts after its job's grace") {
    World world;
    world.queue();
    world.clock.pass(61s);
    world.begin();
    CHECK(world.now().late);
    CHECK(world.now().worker == "here");
}

TEST_CASE("a run that starts within its grace is not late") {
    World world;
    world.queue();
    world.clock.pass(59s);
    world.begin();
    CHECK_FALSE(world.now().late);
}

TEST_CASE("why a run is pending is told, unless it waits for overlap") {
    World world;
    const Run second = world.ask(world.store->board().find(world.run.job));
    world.store->observe_reason(world.run.id, Reason::no_local_slot);
    world.store->observe_reason(second.id, Reason::no_local_slot);
    world.turn();

    CHECK(world.now().reason == Reason::no_local_slot);
    CHECK(world.find(second).reason == Reason::waiting_overlap);
}

TEST_CASE("only what is free to start is queued") {
    World world;
    const Run second = world.ask(world.store->board().find(world.run.job));
    const std::vector<RunId> both = {world.run.id, second.id};

    CHECK(must(world.store->commit_queued(both)).runs == std::vector<QueuedRun>{{world.run.id}});
    CHECK(must(world.store->commit_queued(both)).runs.empty());
    CHECK(world.find(second).status == Status::pending);
}

TEST_CASE("what is queued tells what it was asked to run with") {
    support::StoreWorld world;
    const auto job = world.create(a_job());
    const std::string overrides = R"({"env": {"LEVEL": "1"}})";
    const RunId run =
        must(world.store->ask_run({.job = job->number, .overrides = overrides}, {})).id;

    CHECK(must(world.store->commit_queued({&run, 1})).runs ==
          std::vector<QueuedRun>{{run, overrides}});
}

TEST_CASE("a pending run is cancelled at once and lets the next one go") {
    World world;
    const Run second = world.ask(world.store->board().find(world.run.job));

    const Run cancelled = must(world.store->ask_cancel(world.run.id, false, {}));

    CHECK(cancelled.status == Status::cancelled);
    CHECK(cancelled.reason == Reason::by_user);
    CHECK(cancelled.ended_at == world.clock.now());
    CHECK(world.find(second).reason == Reason::none);
}

TEST_CASE("of a run that has left a cancel is asked, and it goes on until its end is told") {
    World world;
    world.queue();
    world.begin();
    world.changes.clear();

    const Run asked = must(world.store->ask_cancel(world.run.id, true, {}));

    CHECK(asked.status == Status::running);
    CHECK(asked.cancel_requested);
    REQUIRE(world.changes.size() == 1);
    CHECK(world.changes[0].what == Change::What::cancel_asked);
    CHECK(world.changes[0].terminate);
}

TEST_CASE("a run that has ended cannot be cancelled") {
    World world;
    world.queue();
    world.end(Status::success);
    const auto cancelled = world.store->ask_cancel(world.run.id, false, {});
    REQUIRE_FALSE(cancelled);
    CHECK(cancelled.error().code == Errc::conflict);
}

TEST_CASE("the last status is that of the newest run, not of the one that ended last") {
    StoreWorld world;
    const auto job = world.create(a_job().overlap(Overlap::allow));
    const Run older = world.ask(job);
    world.clock.pass(1s);
    const Run newer = world.ask(job);

    world.finish(newer.id, Status::failed);
    world.finish(older.id, Status::success);

    CHECK(world.entry(job)->last_status == Status::failed);
    CHECK(world.reloaded()->board().find(job->number)->last_status == Status::failed);
}

TEST_CASE("a run that was forced keeps those that wait waiting until it ends, too") {
    StoreWorld world;
    const auto job = world.create(a_job().overlap(Overlap::queue_one));
    const Run first = world.ask(job), waiting = world.ask(job), forced = world.ask(job, true);

    world.finish(first.id);
    CHECK(world.find(waiting).reason == Reason::waiting_overlap);
    world.finish(forced.id);
    CHECK(world.find(waiting).reason == Reason::none);
}

TEST_CASE("who asks while the overlap is skip is told what to do") {
    StoreWorld world;
    const auto job = world.create(a_job().overlap(Overlap::skip));
    world.ask(job);

    const auto asked = world.store->ask_run({.job = job->number}, {});

    REQUIRE_FALSE(asked);
    CHECK(asked.error().code == Errc::conflict);
    CHECK(asked.error().what.find("force") != std::string::npos);
    CHECK(must(world.store->ask_run({.job = job->number, .force = true}, {})).status ==
          Status::pending);
}

TEST_CASE("a run knows who asked for it, and how") {
    StoreWorld world;
    const auto job = world.create(a_job().overlap(Overlap::allow));
    const Run by_hand = must(world.store->ask_run({.job = job->number}, {.user = UserNumber{7}}));
    const Run by_token = must(world.store->ask_run({.job = job->number}, {.by_token = true}));
    const Run again = must(world.store->ask_run({.job = job->number, .rerun_of = by_hand.id}, {}));

    CHECK(world.find(by_hand).asked_by == UserNumber{7});
    CHECK(world.find(by_hand).trigger == Trigger::manual);
    CHECK(world.find(by_token).trigger == Trigger::api);
    CHECK(world.find(again).trigger == Trigger::rerun);
    CHECK(world.find(again).rerun_of == by_hand.id);
    const Run third = must(world.store->ask_run({.job = job->number, .rerun_of = by_hand.id}, {}));
    CHECK(must(world.store->reruns_of(by_hand.id, 20)) == std::vector{third.id, again.id});
    CHECK(must(world.store->reruns_of(by_hand.id, 1)) == std::vector{third.id});
    CHECK(must(world.store->reruns_of(again.id, 20)).empty());
}

}  // namespace
}  // namespace cjv::store
