#include "monitor/workers.h"

#include <doctest/doctest.h>

#include "support/event.h"

namespace cjv::monitor {
namespace {

using namespace std::chrono_literals;
using celery::EventType;
using celery::WorkerPhase;
using support::kEventsBegin;
using support::task_event;
using support::worker_event;
using Names = std::vector<std::string>;

constexpr auto kName = "w1@host";

celery::ControlReply reply(std::string value, std::string ok = "") {
    return {.ticket = "t", .worker = kName, .value = std::move(value), .ok = std::move(ok)};
}
const auto kOk = reply(R"({"ok":"task events enabled"})", "task events enabled");
const auto kStats =
    reply(R"({"pid":7,"pool":{"implementation":"celery.concurrency.prefork:TaskPool",)"
          R"("max-concurrency":2,"processes":[8,9]},"total":{}})");
const auto kSolo = reply(R"({"pid":7,"pool":{"implementation":"celery.concurrency.solo:TaskPool",)"
                         R"("max-concurrency":1,"processes":[7]},"total":{}})");

struct World {
    Workers workers;
    void tell(EventType type, std::chrono::milliseconds after) {
        workers.apply(worker_event(type, after), kEventsBegin + after);
    }
    void answer(std::string_view method, const celery::ControlReply& reply,
                std::chrono::milliseconds after) {
        workers.take_answer(kName, method, reply, kEventsBegin + after);
    }
    Names strangers(std::chrono::milliseconds after) {
        return workers.strangers(kEventsBegin + after);
    }
    Worker at(std::chrono::milliseconds after) {
        return workers.find(kName, kEventsBegin + after).value();
    }
};

TEST_CASE("a worker is asked, ever more seldom, until it has said who it is and tells of tasks") {
    World world;
    world.tell(EventType::worker_online, 0ms);
    CHECK(world.strangers(0ms) == Names{kName});
    CHECK(world.strangers(400ms).empty());
    CHECK(world.strangers(500ms) == Names{kName});
    world.answer("stats", kStats, 510ms);
    CHECK(world.strangers(1'400ms).empty());
    CHECK(world.strangers(1'500ms) == Names{kName});
    world.answer("enable_events", kOk, 1'600ms);
    world.tell(EventType::worker_heartbeat, 10s);
    CHECK(world.strangers(10s).empty());
    CHECK(world.at(10s).tells_tasks == true);
    CHECK(world.at(10s).answers->stats->concurrency == 2);
}

TEST_CASE("a worker that was started again is asked again") {
    World world;
    world.tell(EventType::worker_online, 0ms);
    world.answer("stats", kStats, 1ms);
    world.answer("enable_events", kOk, 1ms);
    CHECK(world.strangers(1s).empty());

    world.tell(EventType::worker_online, 20s);

    CHECK(world.strangers(20s) == Names{kName});
    CHECK(world.at(20s).tells_tasks == std::nullopt);
}

TEST_CASE("who was asked three times in vain, and had time to answer, tells of no tasks") {
    World world;
    world.tell(EventType::worker_online, 0ms);
    for (const auto after : {0ms, 500ms, 1'500ms}) REQUIRE(world.strangers(after) == Names{kName});
    CHECK(world.at(1'500ms).tells_tasks == std::nullopt);
    CHECK(world.strangers(3'400ms).empty());
    CHECK(world.at(3'400ms).tells_tasks == std::nullopt);
    REQUIRE(world.strangers(3'500ms) == Names{kName});
    CHECK(world.at(3'500ms).tells_tasks == false);
    world.answer("enable_events", kOk, 4s);
    CHECK(world.at(4s).tells_tasks == true);
}

TEST_CASE("who has told of a task need not be told to") {
    World world;
    world.tell(EventType::worker_online, 0ms);
    world.workers.apply(task_event(EventType::task_started, 1s), kEventsBegin + 1s);
    world.answer("stats", kStats, 1s);
    CHECK(world.strangers(2s).empty());
    CHECK(world.at(2s).tells_tasks == true);
}

TEST_CASE("a silent worker is not asked, and is late, then offline, then gone") {
    World world;
    world.tell(EventType::worker_heartbeat, 0ms);
    CHECK(world.at(4s).phase == WorkerPhase::online);
    CHECK(world.at(5s).phase == WorkerPhase::late);
    CHECK(world.at(17s).phase == WorkerPhase::offline);
    CHECK(world.strangers(17s).empty());
    CHECK(world.workers.all(kEventsBegin + 17s).size() == 1);
    CHECK(world.workers.all(kEventsBegin + 24h).empty());
    world.workers.forget_gone(kEventsBegin + 24h);
    CHECK_FALSE(world.workers.find(kName, kEventsBegin + 24h));
}

TEST_CASE("a solo worker is late at worst while runs are open") {
    World world;
    world.tell(EventType::worker_online, 0ms);
    world.answer("stats", kSolo, 1ms);
    CHECK(world.at(95s).phase == WorkerPhase::offline);
    world.workers.set_has_runs(true);
    CHECK(world.at(95s).phase == WorkerPhase::late);
}

TEST_CASE("a worker without heartbeats lives as long as it answers") {
    World world;
    world.answer("ping", reply(R"({"ok":"pong"})", "pong"), 0ms);
    CHECK(world.at(29s).phase == WorkerPhase::online);
    CHECK(world.strangers(0ms) == Names{kName});
    CHECK(world.at(1min).phase == WorkerPhase::offline);
}

TEST_CASE("a client that sends tasks, and beat, are no workers") {
    World world;
    world.workers.apply(task_event(EventType::task_sent, 0ms, "gen1@client"), kEventsBegin);
    world.workers.take_answer("celerybeat@host", "ping", kOk, kEventsBegin);
    CHECK(world.workers.all(kEventsBegin).empty());
}

TEST_CASE("there is room for ten thousand workers") {
    World world;
    std::size_t taken = 0;
    for (std::size_t i = 0; i < Workers::kMost + 5; ++i) {
        const std::string name = "w@" + std::to_string(i);
        taken +=
            world.workers.apply(worker_event(EventType::worker_online, 0ms, name), kEventsBegin);
    }
    CHECK(taken == Workers::kMost);
}

}  // namespace
}  // namespace cjv::monitor
