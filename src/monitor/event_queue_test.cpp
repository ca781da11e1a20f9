#include "monitor/event_queue.h"

#include <doctest/doctest.h>

#include <vector>

#include "support/event.h"

namespace cjv::monitor {
namespace {

using support::kEventsBegin;
using Put = EventQueue::Put;
constexpr auto kTask = "/0.celeryev/task.multi";
constexpr auto kHeartbeat = "/0.celeryev/worker.heartbeat";

TEST_CASE("messages come out in the order in which they went in, with their times") {
    EventQueue queue;
    std::vector<RawEvents> taken;
    CHECK(queue.put(kTask, "a", kEventsBegin) == Put::first);
    CHECK(queue.put(kHeartbeat, "b", kEventsBegin + std::chrono::seconds{1}) == Put::more);
    const auto all = queue.take(taken);
    REQUIRE(all.size() == 2);
    CHECK(all[0].payload == "a");
    CHECK(all[1].at == kEventsBegin + std::chrono::seconds{1});
    CHECK(queue.empty());
    CHECK(queue.put(kTask, "c", kEventsBegin) == Put::first);
    const auto next = queue.take(taken);
    REQUIRE(next.size() == 1);
    CHECK(next[0].payload == "c");
    CHECK(queue.take(taken).empty());
}

TEST_CASE("heartbeats go first when there is little room, and each drop is counted") {
    EventQueue queue({.bytes = 1'000, .messages = 4});
    CHECK(queue.put(kTask, "1", kEventsBegin) == Put::first);
    CHECK(queue.put(kTask, "2", kEventsBegin) == Put::more);
    CHECK(queue.put(kHeartbeat, "x", kEventsBegin) == Put::dropped);
    CHECK(queue.put(kTask, "3", kEventsBegin) == Put::more);
    CHECK(queue.put(kTask, "4", kEventsBegin) == Put::more);
    CHECK(queue.put(kTask, "5", kEventsBegin) == Put::dropped);
    CHECK(queue.drops().heartbeats == 1);
    CHECK(queue.drops().others == 1);
    std::vector<RawEvents> taken;
    CHECK(queue.take(taken).size() == 4);
    CHECK(queue.put(kHeartbeat, "x", kEventsBegin) == Put::first);
}

TEST_CASE("bytes are bounded as well") {
    EventQueue queue({.bytes = 10, .messages = 100});
    CHECK(queue.put(kTask, "12345678", kEventsBegin) == Put::first);
    CHECK(queue.put(kTask, "123", kEventsBegin) == Put::dropped);
    CHECK(queue.put(kTask, "12", kEventsBegin) == Put::more);
}

}  // namespace
}  // namespace cjv::monitor
