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

namespace {

net::RedisState state(net::RedisState::Is is, std::string detail = "") {
    return {.is = is, .detail = std::move(detail)};
}
FleetFacts fleet() {
    const auto ready = state(net::RedisState::Is::ready);
    return {.broker = ready,
            .latency = 1ms,
            .policy = "noeviction",
            .results = ready,
            .events = ready,
            .workers = {{"w1@host", celery::WorkerPhase::online}}};
}

}  // namespace

TEST_CASE("with a broker and a worker all parts are healthy") {
    const Health health = judge({.fleet = fleet()});
    CHECK(health.status == State::healthy);
    CHECK(health.broker.state == State::healthy);
    CHECK(health.broker.latency == 1ms);
    CHECK(health.result_backend.state == State::healthy);
    CHECK(health.workers.state == State::healthy);
}

TEST_CASE("a broker that is away is told with its reason, and its workers cannot be heard") {
    FleetFacts facts = fleet();
    facts.broker = state(net::RedisState::Is::away, "connection refused");
    facts.waiting = 3;
    const Health health = judge({.fleet = facts});
    CHECK(health.broker.state == State::unavailable);
    CHECK(health.broker.detail.find("3 messages") != std::string::npos);
    CHECK(not_ready(health).empty());  // slots are decided all the same
    CHECK(health.broker.detail.find("connection refused") != std::string::npos);
    CHECK(health.workers.state == State::unavailable);
    CHECK(health.result_backend.state == State::healthy);
}

TEST_CASE("a broker that refuses, evicts or is nearly full is told with what to do") {
    FleetFacts facts = fleet();
    SUBCASE("it refuses") {
        facts.refusal = "no memory";
        facts.waiting = 3;
        const auto broker = judge({.fleet = facts}).broker;
        CHECK(broker.state == State::degraded);
        CHECK(broker.detail.find("no memory") != std::string::npos);
        CHECK(broker.detail.find("3 messages") != std::string::npos);
    }
    SUBCASE("it evicts") {
        facts.policy = "allkeys-lru";
        const auto broker = judge({.fleet = facts}).broker;
        CHECK(broker.state == State::degraded);
        CHECK(broker.detail.find("allkeys-lru") != std::string::npos);
        CHECK(broker.detail.find("noeviction") != std::string::npos);
    }
    SUBCASE("it is nearly full") {
        facts.used_memory = 950;
        facts.max_memory = 1'000;
        CHECK(judge({.fleet = facts}).broker.state == State::degraded);
    }
    SUBCASE("its events do not come") {
        facts.events = state(net::RedisState::Is::away, "no permission");
        CHECK(judge({.fleet = facts}).broker.detail.find("no permission") != std::string::npos);
    }
}

TEST_CASE("no worker online is told, and late ones by name") {
    FleetFacts facts = fleet();
    facts.workers = {{"w1@host", celery::WorkerPhase::offline}};
    CHECK(judge({.fleet = facts}).workers.state == State::unavailable);
    facts.workers = {{"w1@host", celery::WorkerPhase::online},
                     {"w2@host", celery::WorkerPhase::late}};
    const auto workers = judge({.fleet = facts}).workers;
    CHECK(workers.state == State::degraded);
    CHECK(workers.detail.find("w2@host") != std::string::npos);
}

TEST_CASE("workers that tell of no tasks are told by name, beside late ones") {
    FleetFacts facts = fleet();
    facts.deaf = {"w3@host"};
    facts.workers = {{"w2@host", celery::WorkerPhase::late},
                     {"w3@host", celery::WorkerPhase::online}};
    const auto workers = judge({.fleet = facts}).workers;
    CHECK(workers.state == State::degraded);
    CHECK(workers.detail ==
          "1 of 2 workers have not been heard of for a while: w2@host. 1 of 2 workers tell of no "
          "tasks and follow no remote control: w3@host. Start them with --task-events, or let them "
          "follow it; which queues they serve cannot be known.");
}

TEST_CASE("queues of jobs on which nobody listens are told by name") {
    FleetFacts facts = fleet();
    CHECK(judge({.fleet = facts}).queues.state == State::healthy);
    facts.deserted = {"mail", "reports"};
    const auto queues = judge({.fleet = facts}).queues;
    CHECK(queues.state == State::degraded);
    CHECK(queues.detail.find("mail, reports") != std::string::npos);
}

TEST_CASE("runs that wait for a place do not hide queues on which nobody listens") {
    FleetFacts facts = fleet();
    facts.deserted = {"mail"};
    const auto both = judge({.waiting_runs = 2, .fleet = facts}).queues;
    CHECK(both.state == State::degraded);
    CHECK(both.detail.find("mail") != std::string::npos);
    CHECK(both.detail.find("2 runs wait") != std::string::npos);
    CHECK(judge({.waiting_runs = 2}).queues.detail.starts_with("2 runs wait"));
    CHECK(judge({.waiting_runs = 2}).queues.state == State::degraded);
}

TEST_CASE("without a result backend that part alone is not configured") {
    FleetFacts facts = fleet();
    facts.results.reset();
    const Health health = judge({.fleet = facts});
    CHECK(health.result_backend.state == State::not_configured);
    CHECK(health.status == State::healthy);
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

TEST_CASE("runs that wait for a broker where none is configured are named, with what to do") {
    CHECK(judge({}).broker.state == State::not_configured);
    const auto one = judge({.stranded_runs = 1});
    CHECK(one.broker.state == State::degraded);
    CHECK(one.status == State::degraded);
    CHECK(one.broker.detail ==
          "No broker is configured, and 1 run waits for one. Set celery.broker (--broker) to the "
          "broker that it was decided for, or cancel it.");
    CHECK(judge({.stranded_runs = 3}).broker.detail.find("3 runs wait for one") !=
          std::string::npos);
}

}  // namespace cjv::monitor
