#include "celery/worker_state.h"

#include "base/iso8601.h"

#include <doctest/doctest.h>

namespace cjv::celery {
namespace {

using namespace std::chrono_literals;

const Instant kNow = parse_iso8601("2026-12-01T02:00:00Z").value();

Event heartbeat(Instant at, EventType type = EventType::worker_heartbeat) {
    return {.type = type,
            .hostname = "w1@host",
            .pid = 7,
            .at = at,
            .freq = 2.0,
            .active = 1,
            .processed = 20,
            .sw_ident = "py-celery",
            .sw_ver = "5.7.0",
            .sw_sys = "Linux"};
}

Event started(Instant at) {
    return {
        .type = EventType::task_started, .hostname = "w1@host", .pid = 7, .at = at, .task_id = "t"};
}

}  // namespace

TEST_CASE("a worker is online, late, offline and gone by the age of its last word") {
    WorkerState worker;
    worker.apply(heartbeat(kNow), kNow);
    CHECK(worker.phase(kNow + 4s) == WorkerPhase::online);
    CHECK(worker.phase(kNow + 4001ms) == WorkerPhase::late);
    CHECK(worker.phase(kNow + 16s) == WorkerPhase::late);
    CHECK(worker.phase(kNow + 16001ms) == WorkerPhase::offline);
    CHECK(worker.phase(kNow + 24h) == WorkerPhase::gone);

    auto at = kNow;
    for (const auto phase : {WorkerPhase::late, WorkerPhase::offline, WorkerPhase::gone}) {
        at = worker.changes_at(at).value();
        CHECK(worker.phase(at - 1us) != phase);
        CHECK(worker.phase(at) == phase);
    }
    CHECK_FALSE(worker.changes_at(at));
}

TEST_CASE("any event of a task is a sign of life, but for those of clients") {
    WorkerState worker;
    worker.apply(heartbeat(kNow), kNow);
    worker.apply(started(kNow + 30s), kNow + 30s);
    CHECK(worker.phase(kNow + 31s) == WorkerPhase::online);
    auto sent = started(kNow + 60s);
    sent.type = EventType::task_sent;
    worker.apply(sent, kNow + 60s);
    CHECK(worker.phase(kNow + 61s) == WorkerPhase::offline);
}

TEST_CASE("a goodbye counts at once, until there is newer news") {
    WorkerState worker;
    worker.apply(heartbeat(kNow), kNow);
    worker.apply(heartbeat(kNow + 1s, EventType::worker_offline), kNow + 1s);
    CHECK(worker.phase(kNow + 1s) == WorkerPhase::offline);
    worker.apply(started(kNow + 500ms), kNow + 2s);  // it was on its way before
    CHECK(worker.phase(kNow + 2s) == WorkerPhase::offline);
    worker.apply(heartbeat(kNow + 3s, EventType::worker_online), kNow + 3s);
    CHECK(worker.phase(kNow + 3s) == WorkerPhase::online);
    CHECK(worker.online_since() == kNow + 3s);
    worker.apply(heartbeat(kNow + 1s, EventType::worker_offline), kNow + 4s);  // once more, late
    CHECK(worker.phase(kNow + 4s) == WorkerPhase::online);
}

TEST_CASE("a busy solo worker is late at worst") {
    WorkerState worker;
    worker.apply(heartbeat(kNow), kNow);
    CHECK(worker.phase(kNow + 1h, true, true) == WorkerPhase::late);
    CHECK(worker.phase(kNow + 48h, true, true) == WorkerPhase::late);
    CHECK(worker.phase(kNow + 1h, true, false) == WorkerPhase::offline);
    CHECK(worker.phase(kNow + 1h, false, true) == WorkerPhase::offline);
    worker.apply(heartbeat(kNow + 1s, EventType::worker_offline), kNow + 1s);
    CHECK(worker.phase(kNow + 2s, true, true) == WorkerPhase::offline);
}

TEST_CASE("older news never replaces newer") {
    WorkerState worker;
    auto old_one = heartbeat(kNow);
    old_one.processed = 1;
    auto new_one = heartbeat(kNow + 2s);
    new_one.processed = 5;
    new_one.pid = 8;
    new_one.freq = 5;
    worker.apply(new_one, kNow + 2s);
    worker.apply(old_one, kNow + 3s);
    worker.apply(new_one, kNow + 3s);
    CHECK(worker.processed() == 5);
    CHECK(worker.pid() == 8);
    CHECK(worker.freq() == 5);
    CHECK(worker.software() == "py-celery 5.7.0 (Linux)");
    CHECK(worker.version() == "5.7.0");
}

TEST_CASE("a heartbeat that was asked for leaves what it does not tell") {
    WorkerState worker;
    worker.apply(heartbeat(kNow), kNow);
    auto asked = heartbeat(kNow + 1s);
    asked.active.reset();
    asked.processed.reset();
    worker.apply(asked, kNow + 1s);
    CHECK(worker.processed() == 20);
    CHECK(worker.active() == 1);
}

TEST_CASE("a clock is as wrong as the event that travelled fastest says") {
    WorkerState worker;
    CHECK_FALSE(worker.clock_offset());
    const auto ahead = 1h;
    worker.apply(heartbeat(kNow + ahead), kNow + 300ms);
    worker.apply(heartbeat(kNow + ahead + 2s), kNow + 2s + 1ms);
    worker.apply(heartbeat(kNow + ahead + 4s), kNow + 4s + 900ms);
    CHECK(worker.clock_offset() == ahead - 1ms);
    CHECK(worker.phase(kNow + 5s) == WorkerPhase::online);
    for (int i = 0; i < 8; ++i)  // someone set it right
        worker.apply(heartbeat(kNow + ahead + 5s + i * 1us), kNow + ahead + 5s);
    CHECK(worker.clock_offset() < 1ms);
}

TEST_CASE(
    "an answer is a sign of life, as seldom as it is asked for where there are no heartbeats") {
    WorkerState silent;
    silent.hear(kNow, 15s);
    CHECK(silent.phase(kNow + 29s) == WorkerPhase::online);
    CHECK(silent.phase(kNow + 31s) == WorkerPhase::late);

    WorkerState beating;
    beating.apply(heartbeat(kNow), kNow);
    beating.hear(kNow + 10s, 15s);
    CHECK(beating.last_seen() == kNow + 10s);
    CHECK(beating.phase(kNow + 15s) == WorkerPhase::late);
}

TEST_CASE("a frequency that makes no sense is put right") {
    WorkerState worker;
    for (const double freq : {0.0, -1.0, 1e300}) {
        auto event = heartbeat(kNow + std::chrono::microseconds{worker.pid()} + 1s);
        event.freq = freq;
        worker.apply(event, kNow);
        CHECK(worker.freq() <= 3'600);
        CHECK(worker.freq() >= 0.5);
    }
}

}  // namespace cjv::celery
