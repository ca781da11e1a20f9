#include "monitor/health.h"

#include <doctest/doctest.h>

namespace cjv::monitor {

using namespace std::chrono_literals;

TEST_CASE("without a broker the parts that need one are not configured, and the whole is healthy") {
    const Health health = judge({});
    CHECK(health.status == State::healthy);
    CHECK(health.broker.state == State::not_configured);
    CHECK(health.workers.state == State::not_configured);
}

TEST_CASE("a broker that takes messages is healthy, and what nobody reads is not called so") {
    const Health health = judge({.broker = BrokerFacts{.is_ready = true}});
    CHECK(health.status == State::healthy);
    CHECK(health.broker.state == State::healthy);
    CHECK(health.workers.state == State::not_configured);
    CHECK(health.workers.detail.find("No broker") == std::string::npos);
}

TEST_CASE("a broker that is away is told with the reason and with what waits") {
    const Health health = judge({.broker = BrokerFacts{.why = "connection refused", .waiting = 3}});
    CHECK(health.status == State::unavailable);
    CHECK(health.broker.detail.find("connection refused") != std::string::npos);
    CHECK(health.broker.detail.find("3 messages") != std::string::npos);
    CHECK(not_ready(health).empty());  // slots are decided all the same
}

TEST_CASE("a broker that refuses messages is degraded") {
    const Health health =
        judge({.broker = BrokerFacts{.is_ready = true, .refusal = "no memory", .waiting = 1}});
    CHECK(health.broker.state == State::degraded);
    CHECK(health.broker.detail.find("no memory") != std::string::npos);
}

TEST_CASE("a loop that stands still makes the scheduler unavailable, by name") {
    const Health health = judge({.stalled = {"beat"}});
    CHECK(health.status == State::unavailable);
    CHECK(health.scheduler.detail.find("beat") != std::string::npos);
}

TEST_CASE("after the clock was set back health says when slots resume") {
    const Health health = judge({.resumes_at = instant_from_micros(1'796'000'400'000'000)});
    CHECK(health.scheduler.state == State::degraded);
    CHECK(health.scheduler.detail.find("2026-11-30T") != std::string::npos);
}

TEST_CASE("a failed write is told with what it means") {
    const Health health = judge({.store_error = "disk full"});
    CHECK(health.database.state == State::unavailable);
    CHECK(health.database.detail.find("disk full") != std::string::npos);
}

TEST_CASE(
    "while no slot can be decided the scheduler is unavailable, says why, and nobody is sent "
    "here") {
    const Health health = judge({.undecided_since = instant_from_micros(1'796'000'400'000'000),
                                 .undecided_why = "commit decisions: database or disk is full"});
    CHECK(health.status == State::unavailable);
    CHECK(health.scheduler.state == State::unavailable);
    CHECK(health.scheduler.detail.find("Slots cannot be decided since 2026-11-30T") == 0);
    CHECK(health.scheduler.detail.find("disk is full") != std::string::npos);
    CHECK(not_ready(health) == health.scheduler.detail);
}

TEST_CASE("a server is ready while it writes and decides, however slowly") {
    CHECK(not_ready(judge({})).empty());
    CHECK(not_ready(judge({.last_commit = 5s, .lateness = 5s})).empty());
    CHECK_FALSE(not_ready(judge({.store_error = "disk full"})).empty());
}

TEST_CASE("jobs that cannot be served degrade the scheduler, and how many they are is told") {
    const Health health = judge({.jobs_in_trouble = 2});
    CHECK(health.status == State::degraded);
    CHECK(health.scheduler.detail.find("2 jobs cannot be served") != std::string::npos);
    CHECK(judge({.jobs_in_trouble = 1}).scheduler.detail.find("1 job ") == 0);
}

TEST_CASE("since tells when a state began, however often one looks") {
    HealthWatch watch;
    const Instant start = instant_from_micros(1'000'000);
    CHECK(watch.look({}, start).scheduler.since == start);
    CHECK(watch.look({}, start + 5s).scheduler.since == start);
    CHECK(watch.look({.stalled = {"beat"}}, start + 9s).scheduler.since == start + 9s);
    CHECK(watch.look({.stalled = {"beat"}}, start + 20s).scheduler.since == start + 9s);
}

TEST_CASE("another latency is no news, another state is") {
    CHECK(is_same_news(judge({.last_commit = 1ms}), judge({.last_commit = 2ms})));
    CHECK_FALSE(is_same_news(judge({}), judge({.stalled = {"beat"}})));
}

}  // namespace cjv::monitor
