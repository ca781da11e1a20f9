#include "dispatch/stranded.h"

#include "support/store.h"

#include <doctest/doctest.h>

namespace cjv::dispatch {
namespace {

using domain::Reason;
using domain::Status;
using support::a_job;
using support::must;

TEST_CASE(
    "what a server with a broker left waits where there is none, says so, and can be cancelled") {
    support::StoreWorld world;
    const auto job = world.create(a_job().celery("t"));
    const auto sent = world.ask(job);
    world.store->observe_sent({.batch = world.batches[0], .at = world.clock.now()});
    world.turn();
    const auto first = world.ask(job), second = world.ask(job);
    const auto local = world.ask(world.create(a_job().name("local")));

    Stranded stranded(*world.store);
    must(stranded.recover());
    world.store->feed().subscribe([&](const store::Commit& commit) { stranded.on_commit(commit); });
    world.turn();

    CHECK(stranded.count() == 2);
    CHECK(world.find(first).status == Status::pending);
    CHECK(world.find(first).reason == Reason::broker_away);
    CHECK(world.find(local).reason == Reason::none);
    CHECK(world.find(sent).status == Status::queued);

    must(world.store->ask_cancel(second.id, false, {}));
    CHECK(stranded.count() == 1);
}

}  // namespace
}  // namespace cjv::dispatch
