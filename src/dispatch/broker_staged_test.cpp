// What is put together before its instant, and what may come between.
#include "support/broker.h"

#include <doctest/doctest.h>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;
using domain::Status;
using support::a_job;
using support::at;
using support::BrokerWorld;
using support::must;

using Texts = std::vector<std::string>;

constexpr auto kSlot = "02:00";

// Two tasks whose next slot is staged, and put together.
struct StagedWorld : BrokerWorld {
    StagedWorld() {
        before = ask(a_task());  // so that the list has a number
        run();
        for (int i = 0; i < 2; ++i)
            jobs.push_back(create(a_job().celery("t").name("staged " + std::to_string(i))));
    }
    void stage() {
        clock.set(at(kSlot) - 20ms);
        std::vector<domain::Decision> decisions;
        for (const auto& job : jobs)
            decisions.push_back(domain::plan(*entry(job), {}, at(kSlot), 1));
        REQUIRE(store->stage(decisions, true, at(kSlot), clock.steady() + 100ms));
        store->finish_stage();
        while (broker->turn()) continue;
    }
    void commit() {
        clock.set(at(kSlot));
        REQUIRE(must(store->commit_staged()));
    }
    domain::Run run_of(std::size_t job) { return StoreWorld::run_of(jobs[job], at(kSlot)); }
    // What was pushed, but for the first.
    Texts pushed() const {
        auto all = BrokerWorld::pushed(1);
        all.erase(all.begin());
        return all;
    }

    domain::Run before;
    std::vector<domain::EntryPtr> jobs;
};

TEST_CASE("what is staged is not pushed before its commit, and once by it") {
    StagedWorld world;
    world.stage();
    CHECK(world.pushed().empty());
    CHECK(world.broker->report().waiting == 0);

    world.commit();
    world.run();
    CHECK(world.pushed() == Texts{world.message(world.run_of(0)), world.message(world.run_of(1))});
    CHECK(world.run_of(1).status == Status::queued);
    CHECK(world.broker->report().sent_ready == 1);
}

TEST_CASE("what is staged and taken back is pushed as it is decided then, once") {
    StagedWorld world;
    world.stage();
    const auto asked = world.ask(world.jobs[0]);  // a write, under the number that was staged
    CHECK_FALSE(must(world.store->commit_staged()));
    world.clock.set(at(kSlot));
    for (const auto& job : world.jobs) world.decide(job);
    world.run();

    CHECK(world.pushed() == Texts{world.message(asked), world.message(world.run_of(0)),
                                  world.message(world.run_of(1))});
    CHECK(world.broker->report().sent_ready == 0);
}

TEST_CASE("a message of what is staged is left out when its run has ended before it could leave") {
    StagedWorld world;
    world.stage();
    world.redis.cut();
    world.commit();
    while (world.broker->turn()) continue;
    must(world.store->ask_cancel(world.run_of(0).id, false, {}));
    world.redis.connect();
    world.run();

    CHECK(world.pushed() == Texts{world.message(world.run_of(1))});
    CHECK(world.run_of(0).status == Status::cancelled);
}

TEST_CASE("a broker that forbids scripts is sent what is staged plainly, once") {
    StagedWorld world;
    world.stage();
    world.redis.forbids_scripts = true;
    world.commit();
    world.run();
    CHECK(world.pushed() == Texts{world.message(world.run_of(0)), world.message(world.run_of(1))});
}

TEST_CASE("what waits already leaves before what is staged") {
    StagedWorld world;
    world.redis.cut();
    const auto waiting = world.ask(world.jobs[0]);
    world.run();
    world.stage();
    world.commit();
    world.redis.connect();
    world.run();

    CHECK(world.pushed() == Texts{world.message(waiting), world.message(world.run_of(0)),
                                  world.message(world.run_of(1))});
}

TEST_CASE(
    "a broker that lost its data after what is staged was put together has it once, and what it "
    "lost") {
    StagedWorld world;
    world.stage();
    world.redis.lose_data();
    world.commit();
    world.redis.connect();
    world.run();

    auto now = static_cast<const BrokerWorld&>(world).pushed(2);
    std::ranges::sort(now);
    Texts wanted{world.message(world.before), world.message(world.run_of(0)),
                 world.message(world.run_of(1))};
    std::ranges::sort(wanted);
    CHECK(now == wanted);
}

TEST_CASE("what is staged of many lists and batches is pushed as it would have been") {
    BrokerWorld world;
    world.run();  // it meets the broker
    std::vector<domain::Decision> decisions;
    std::vector<domain::EntryPtr> jobs;
    world.clock.set(at(kSlot) - 20ms);
    for (int i = 0; i < 3'000; ++i) {
        jobs.push_back(world.create(
            a_job().name("job " + std::to_string(i)).celery(i % 3 == 0 ? "one" : "two")));
        decisions.push_back(domain::plan(*jobs.back(), {}, at(kSlot), 1));
    }
    const auto all = std::span(decisions);
    const Steady until = world.clock.steady() + 1s;
    for (std::size_t first = 0; first < all.size(); first += 1'000)
        REQUIRE(world.store->stage(all.subspan(first, 1'000), first == 0, at(kSlot), until));
    world.store->finish_stage();
    while (world.broker->turn()) continue;
    world.clock.set(at(kSlot));
    REQUIRE(must(world.store->commit_staged()));
    world.run();

    std::map<std::string, Texts> pushed, wanted;
    for (const auto& push : world.redis.pushes) pushed[push.list].push_back(push.message);
    for (const auto& job : jobs)
        wanted[job->job->task].push_back(
            "message of " +
            to_text(domain::slot_run_id(world.store->installation_key(), job->number, at(kSlot))));
    CHECK(pushed == wanted);
    CHECK(world.broker->report().sent_ready == 3);
    CHECK(world.broker->report().waiting == 0);
}

}  // namespace
}  // namespace cjv::dispatch
