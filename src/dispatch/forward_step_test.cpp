#include "dispatch/forward_step.h"

#include "base/iso8601.h"
#include "dispatch/chores.h"
#include "support/store.h"

#include <doctest/doctest.h>

namespace cjv::dispatch {

using namespace std::chrono_literals;
using support::a_job;
using support::at;
using support::must;

TEST_CASE("time that passes, however long, is no step") {
    support::MovableClock clock(at("01:00"));
    ForwardStep step(clock, at("01:00") - 23h);
    CHECK(step.refusal().empty());
    clock.pass(40 * 24h);
    CHECK(step.refusal().empty());
}

TEST_CASE(
    "a clock that is set forward by more than a day holds back what removes by age, for a day") {
    support::MovableClock clock(at("01:00"));
    ForwardStep step(clock, at("01:00"));

    clock.set(at("01:00") + 23h);
    CHECK(step.refusal().empty());
    clock.set(at("01:00") + 40 * 24h);
    const std::string why = step.refusal();
    CHECK(why.ends_with("goes on at " + to_iso8601(at("01:00") + 41 * 24h) + "."));
    clock.pass(23h);
    CHECK(step.refusal() == why);
    clock.pass(1h);
    CHECK(step.refusal().empty());
}

TEST_CASE("a start with a clock far ahead of all that the store has seen is such a step") {
    support::MovableClock clock(at("01:00"));
    ForwardStep step(clock, at("01:00") - 25h);
    CHECK_FALSE(step.refusal().empty());
    clock.pass(24h);
    CHECK(step.refusal().empty());
}

TEST_CASE("clean-up removes nothing for a day after the clock was set far forward") {
    support::StoreWorld world;
    const domain::Run run = world.ask(world.create(a_job()));
    world.finish(run.id);
    ForwardStep step(world.clock, world.clock.now());
    world.clock.set(world.clock.now() + 3'650 * 24h);

    const auto refused = clean_up(*world.store, world.clock, step, 90, {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what.starts_with("Nothing was removed: the clock went from "));
    CHECK(world.find(run).status == domain::Status::success);

    world.clock.pass(24h);
    CHECK(must(clean_up(*world.store, world.clock, step, 90, {})) ==
          "Removed 1 run older than 90 days.");
}

}  // namespace cjv::dispatch
