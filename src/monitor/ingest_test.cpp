#include "monitor/ingest.h"

#include <doctest/doctest.h>

#include <numeric>

#include "base/base64.h"
#include "support/golden_celery.h"
#include "support/store.h"

namespace cjv::monitor {
namespace {

using namespace std::chrono_literals;
using domain::Status;
using support::a_job;
using support::must;
using support::StoreWorld;

constexpr auto kChannel = "/0.celeryev/task.multi";

std::string message(const std::string& body) {
    return R"({"body":")" + base64(body) +
           R"(","content-encoding":"utf-8","content-type":"application/json","headers":{},)"
           R"("properties":{"body_encoding":"base64"}})";
}

std::string event(std::string_view type, std::string_view task_id, double at,
                  const std::string& more = "") {
    return R"({"type":")" + std::string(type) + R"(","uuid":")" + std::string(task_id) +
           R"(","hostname":"w1@host","pid":7,"clock":1,"utcoffset":0,"timestamp":)" +
           std::to_string(at) + more + "}";
}

struct World : StoreWorld {
    domain::Run run = ask(create(a_job().celery("erp.close_day")));
    Workers workers;
    Ingest ingest{*store, workers, nullptr, clock, log};

    double seconds() { return double(micros(clock.now())) / 1e6; }
    void put(const std::string& payload) { ingest.put(kChannel, payload); }
    void settle() {
        ingest.turn();
        turn();
    }
    void check_sum() {
        const IngestCounts counts = ingest.counts();
        const auto dropped = std::accumulate(
            counts.dropped.begin(), counts.dropped.end(), std::uint64_t{0},
            [](std::uint64_t sum, const auto& reason) { return sum + reason.second; });
        CHECK(counts.received ==
              counts.applied + counts.duplicate + counts.late + counts.malformed + dropped);
    }
};

TEST_CASE("a message of events moves the run on, and shows the worker") {
    World world;
    const std::string id = to_text(world.run.id);
    const double at = world.seconds();
    world.put(message("[" + event("task-received", id, at + 1, R"(,"name":"erp.close_day")") + "," +
                      event("task-started", id, at + 2) + "]"));
    world.settle();
    CHECK(world.find(world.run).status == Status::running);
    CHECK(world.find(world.run).worker == "w1@host");

    world.put(message(event("task-succeeded", id, at + 3, R"(,"result":"42","runtime":1.0)")));
    world.settle();
    CHECK(world.find(world.run).status == Status::success);
    CHECK(world.find(world.run).result == "42");
    CHECK(world.workers.find("w1@host", world.clock.now())->tells_tasks == true);
    CHECK(world.ingest.counts().applied == 3);
    world.check_sum();
}

TEST_CASE("each event is counted once, for what became of it") {
    World world;
    const double at = world.seconds();
    const std::string started = event("task-started", "t", at);
    world.put(message("[" + started + "," + started + "]"));
    world.put(message(event("task-succeeded", "t", at + 1)));
    world.settle();
    world.put(message(event("task-received", "t", at - 1)));
    world.put(message(event("worker-heartbeat", "", at, R"(,"freq":2.0)")));
    world.put(message(event("erp-of-its-own", "", at)));
    world.put("no message");
    world.settle();

    const IngestCounts counts = world.ingest.counts();
    CHECK(counts.received == 7);
    CHECK(counts.applied == 3);
    CHECK(counts.duplicate == 1);
    CHECK(counts.late == 1);
    CHECK(counts.malformed == 1);
    CHECK(counts.dropped.at("type") == 1);
    CHECK_FALSE(counts.last_malformed.empty());
    world.check_sum();
}

TEST_CASE("captured events of every version are taken, each") {
    World world;
    const support::GoldenFile golden("redis_events.json");
    for (const json::Item& captured : golden.list("events"))
        world.ingest.put(support::text_at(captured, "channel"),
                         support::text_at(captured, "payload"));
    world.settle();
    CHECK(world.ingest.counts().received > 40);
    CHECK(world.ingest.counts().malformed == 0);
    CHECK(must(world.store->logs({.triggers = {domain::Trigger::external}}, store::LogOrder::newest,
                                 0, 100))
              .count > 5);
    CHECK_FALSE(world.workers.all(world.clock.now()).empty());
    world.check_sum();
}

TEST_CASE(
    "since when nothing is missing is the subscription's begin, until a message finds no room") {
    World world;
    CHECK_FALSE(world.ingest.complete_since());
    world.ingest.set_subscribed(world.clock.now());
    CHECK(world.ingest.complete_since() == world.clock.now());
    world.clock.pass(1min);
    const std::string big(40 << 20, ' ');
    world.put(big);
    world.put(big);
    CHECK(world.ingest.complete_since() == world.clock.now());
    world.settle();
    CHECK(world.ingest.counts().dropped.at("overflow") == 1);
    world.check_sum();
    world.ingest.set_subscribed(std::nullopt);
    CHECK_FALSE(world.ingest.complete_since());
}

TEST_CASE("what came before the stop is told") {
    World world;
    Progress progress;
    world.ingest.start(progress);
    world.put(message(event("task-started", to_text(world.run.id), world.seconds())));
    world.ingest.stop();
    world.turn();
    CHECK(world.find(world.run).status == Status::running);
}

}  // namespace
}  // namespace cjv::monitor
