#include "celery/task_state.h"

#include "base/iso8601.h"
#include "support/golden_celery.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace cjv::celery {
namespace {

using namespace std::chrono_literals;

const Instant kNow = parse_iso8601("2026-12-01T02:00:00Z").value();

Event event(EventType type, std::chrono::milliseconds after, std::string_view worker = "w1") {
    return {.type = type,
            .hostname = worker,
            .pid = 7,
            .clock = after.count(),
            .at = kNow + after,
            .task_id = "t"};
}
Event sent(std::chrono::milliseconds after) {
    auto made = event(EventType::task_sent, after, "gen1@client");
    made.name = "erp.add";
    made.queue = "reports";
    return made;
}
Event received(std::chrono::milliseconds after, int retries = 0, std::string_view worker = "w1") {
    auto made = event(EventType::task_received, after, worker);
    made.name = "erp.add";
    made.args = "(2, 3)";
    made.retries = retries;
    return made;
}
Event started(std::chrono::milliseconds after, std::string_view worker = "w1") {
    return event(EventType::task_started, after, worker);
}
Event retried(std::chrono::milliseconds after, std::string_view worker = "w1") {
    auto made = event(EventType::task_retried, after, worker);
    made.exception = "RuntimeError('flaky')";
    return made;
}
Event succeeded(std::chrono::milliseconds after, std::string_view worker = "w1") {
    auto made = event(EventType::task_succeeded, after, worker);
    made.result = "5";
    made.runtime = 0.5;
    return made;
}
Event failed(std::chrono::milliseconds after, std::string_view traceback = "Traceback…") {
    auto made = event(EventType::task_failed, after);
    made.exception = "ValueError('boom')";
    made.traceback = traceback;
    return made;
}

TaskState state_of(const std::vector<Event>& events) {
    TaskState state;
    for (const Event& each : events) state.apply(each);
    return state;
}
TaskPhase phase_of(const std::vector<Event>& events) { return state_of(events).summary().phase; }

}  // namespace

TEST_CASE("a task goes through its phases") {
    CHECK(phase_of({}) == TaskPhase::unknown);
    CHECK(phase_of({sent(0ms)}) == TaskPhase::sent);
    CHECK(phase_of({sent(0ms), received(1ms)}) == TaskPhase::received);
    CHECK(phase_of({received(1ms), started(2ms)}) == TaskPhase::started);

    const auto state = state_of({sent(0ms), received(1ms), started(2ms), succeeded(502ms)});
    const auto summary = state.summary();
    CHECK(summary.phase == TaskPhase::succeeded);
    CHECK(summary.attempt == 1);
    CHECK(summary.sent_at == kNow);
    CHECK(summary.last.received_at == kNow + 1ms);
    CHECK(summary.last.started_at == kNow + 2ms);
    CHECK(summary.last.ended_at == kNow + 502ms);
    CHECK(summary.last.worker == "w1");
    CHECK(summary.last.end->result == "5");
    CHECK_FALSE(summary.disputed);
    CHECK_FALSE(summary.redelivered);
    CHECK(state.name() == "erp.add");
    CHECK(state.queue() == "reports");
}

TEST_CASE("retries are attempts of one task") {
    std::vector<Event> events = {received(1ms), started(2ms), retried(10ms), received(9ms, 1)};
    CHECK(phase_of(events) == TaskPhase::retrying);
    events.push_back(started(60ms, "w2"));
    CHECK(phase_of(events) == TaskPhase::started);
    CHECK(state_of(events).summary().last.received_at == kNow + 9ms);
    events.push_back(retried(70ms, "w2"));
    events.push_back(received(69ms, 2, "w2"));
    CHECK(phase_of(events) == TaskPhase::retrying);
    events.push_back(started(100ms));
    events.push_back(failed(110ms));
    const auto summary = state_of(events).summary();
    CHECK(summary.phase == TaskPhase::failed);
    CHECK(summary.attempt == 3);
    REQUIRE(summary.earlier.size() == 2);
    CHECK(summary.earlier[0].started_at == kNow + 2ms);
    CHECK(summary.earlier[0].received_at == kNow + 1ms);
    CHECK(summary.earlier[1].started_at == kNow + 60ms);
    CHECK(summary.earlier[1].worker == "w2");
    CHECK(summary.earlier[1].end->exception == "RuntimeError('flaky')");
    CHECK(summary.last.started_at == kNow + 100ms);
    CHECK_FALSE(summary.redelivered);
}

TEST_CASE("a next attempt may start before the retry is told") {
    CHECK(phase_of({started(2ms), started(9ms, "w2"), retried(10ms)}) == TaskPhase::started);
}

TEST_CASE("a state that was cleared is as good as new") {
    const std::vector<Event> events = {sent(0ms), received(1ms), started(2ms), succeeded(502ms)};
    auto state = state_of({received(1ms, 2), started(3ms, "w2"), retried(10ms), failed(600ms)});
    state.clear();
    CHECK(state == TaskState());
    for (const Event& each : events) CHECK(state.apply(each));
    CHECK(state == state_of(events));
}

TEST_CASE("what is missing is worked out where it can be") {
    const auto summary = state_of({succeeded(502ms)}).summary();
    CHECK(summary.phase == TaskPhase::succeeded);
    CHECK(summary.last.started_at == kNow + 2ms);  // from its run time
    CHECK(summary.last.worker == "w1");
    CHECK_FALSE(summary.last.received_at);
    // Unregistered and expired tasks are never received.
    CHECK(phase_of({failed(1ms, "")}) == TaskPhase::failed);
}

TEST_CASE("of several ends one counts, whatever came first") {
    CHECK(phase_of({failed(5ms), succeeded(9ms)}) == TaskPhase::succeeded);
    CHECK(state_of({failed(5ms), succeeded(9ms)}).summary().disputed);
    const auto revoked = event(EventType::task_revoked, 1ms);
    CHECK(phase_of({revoked, failed(5ms)}) == TaskPhase::failed);
    // Celery 5.7 tells a hard time limit twice.
    const auto twice = state_of({failed(5ms, ""), failed(6ms)}).summary();
    CHECK_FALSE(twice.disputed);
    CHECK(twice.last.end->traceback == "Traceback…");
}

TEST_CASE("a rejected task ends only when it is not put back") {
    auto rejected = event(EventType::task_rejected, 5ms);
    CHECK(phase_of({received(1ms), started(2ms), rejected}) == TaskPhase::rejected);
    rejected.requeue = true;
    CHECK(phase_of({received(1ms), started(2ms), rejected}) == TaskPhase::received);
    CHECK(phase_of({received(1ms), started(2ms), rejected, started(9ms)}) == TaskPhase::started);
}

TEST_CASE("a cancelled start waits to be delivered again") {
    const auto cancelled = event(EventType::task_cancelled, 5ms);
    CHECK(phase_of({received(1ms), started(2ms), cancelled}) == TaskPhase::received);
    CHECK(phase_of({started(2ms), cancelled}) == TaskPhase::unknown);
    CHECK(phase_of({received(1ms), started(2ms), cancelled, started(9ms, "w2")}) ==
          TaskPhase::started);
}

TEST_CASE("a second delivery is one run that was delivered twice") {
    const auto summary = state_of({received(1ms), started(2ms), received(3'600'000ms, 0, "w2"),
                                   started(3'600'001ms, "w2"), succeeded(3'600'100ms)})
                             .summary();
    CHECK(summary.redelivered);
    CHECK(summary.attempt == 1);
    CHECK(summary.last.started_at == kNow + 2ms);  // of the worker that told the end
}

TEST_CASE("the same event twice is one") {
    TaskState state;
    CHECK(state.apply(started(1ms)));
    CHECK_FALSE(state.apply(started(1ms)));
    CHECK(state.apply(started(1ms, "w2")));
    CHECK_FALSE(state.apply({.type = EventType::worker_online, .hostname = "w1"}));
}

TEST_CASE("a task with endless retries keeps the newest, in any order") {
    std::vector<Event> events;
    for (int i = 0; i < 400; ++i) {
        const auto at = std::chrono::milliseconds{i * 10};
        events.push_back(started(at));
        events.push_back(retried(at + 5ms));
    }
    events.push_back(succeeded(-3'600'000ms));  // of a worker whose clock is an hour slow
    for (int i = 0; i < 40; ++i) events.push_back(failed(std::chrono::milliseconds{5'000 + i}));
    auto backwards = events;
    std::ranges::reverse(backwards);
    CHECK(state_of(events) == state_of(backwards));
    const auto summary = state_of(events).summary();
    CHECK(summary.crowded);
    CHECK(summary.phase == TaskPhase::succeeded);
    CHECK(summary.earlier.size() == 128);
}

TEST_CASE("the captured events of every task end as they did") {
    const support::GoldenFile golden("redis_events.json");
    std::map<std::string, TaskState> tasks;
    std::vector<std::string> payloads;
    EventReader reader;
    for (const json::Item& capture : golden.list("events")) {
        if (support::text_at(capture, "celery") != "5.6.3") continue;
        const auto payload = support::text_at(capture, "payload");
        for (const Event& each : reader.read(payload))
            if (is_task(each.type)) tasks[std::string(each.task_id)].apply(each);
    }
    const auto phase = [&](std::string_view last) {
        return tasks.at("22222222-0000-4000-8000-0000000000" + std::string(last)).summary().phase;
    };
    CHECK(phase("01") == TaskPhase::succeeded);
    CHECK(phase("02") == TaskPhase::failed);
    CHECK(phase("03") == TaskPhase::failed);
    CHECK(phase("07") == TaskPhase::rejected);
    CHECK(phase("09") == TaskPhase::revoked);
    CHECK(phase("0a") == TaskPhase::failed);
    CHECK(phase("0c") == TaskPhase::revoked);
}

// I-17: whatever order, however often.
TEST_CASE("ten thousand shuffles with duplicates give the same task") {
    std::mt19937_64 random(17);
    const auto pick = [&](int most) { return int(random() % std::uint64_t(most)); };
    const auto some_event = [&] {
        constexpr std::string_view kWorkers[] = {"w1", "w2", "w3"};
        constexpr std::string_view kTexts[] = {"", "a", "b"};
        // Few instants, so that many collide; clocks that go an hour wrong.
        auto made = event(static_cast<EventType>(int(EventType::task_sent) + pick(9)),
                          std::chrono::milliseconds{pick(12) * 10 + (pick(5) == 0 ? 3'600'000 : 0)},
                          kWorkers[pick(3)]);
        made.clock = pick(4);
        made.retries = pick(3);
        made.name = kTexts[pick(3)];
        made.args = kTexts[pick(3)];
        made.queue = kTexts[pick(3)];
        made.exception = kTexts[pick(3)];
        made.traceback = kTexts[pick(3)];
        made.result = kTexts[pick(3)];
        made.requeue = pick(2) == 0;
        if (pick(2) == 0) made.runtime = pick(3);
        return made;
    };
    for (int world = 0; world < 100; ++world) {
        std::vector<Event> events;
        const int count = 1 + pick(14);
        for (int i = 0; i < count; ++i) events.push_back(some_event());
        const auto expected = state_of(events);
        const auto summary = expected.summary();
        for (int shuffle = 0; shuffle < 100; ++shuffle) {
            auto again = events;
            for (int twice = pick(6); twice > 0; --twice)
                again.push_back(events[std::size_t(pick(count))]);
            std::ranges::shuffle(again, random);
            const auto state = state_of(again);
            REQUIRE(state == expected);
            REQUIRE(state.summary() == summary);
        }
    }
}

}  // namespace cjv::celery
