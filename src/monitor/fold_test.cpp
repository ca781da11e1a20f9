#include "monitor/fold.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "support/clock.h"
#include "support/event.h"

namespace cjv::monitor {
namespace {

using namespace std::chrono_literals;
using celery::Event;
using celery::EventType;
using domain::Reason;
using domain::Status;
using store::TaskNews;
using support::kEventsBegin;
using support::task_event;

std::vector<Event> success() {
    auto received = task_event(EventType::task_received, 10ms);
    received.name = "erp.add";
    auto succeeded = task_event(EventType::task_succeeded, 2s);
    succeeded.result = "5";
    return {received, task_event(EventType::task_started, 20ms), succeeded};
}

TaskNews fold(const std::vector<Event>& events) {
    Fold fold;
    for (const Event& event : events) fold.apply(event, kEventsBegin);
    const auto news = fold.take();
    REQUIRE(news.size() == 1);
    return news[0];
}

TEST_CASE("the events of a task are one piece of news") {
    const TaskNews news = fold(success());
    CHECK(news.task_id == "t");
    CHECK(news.task == "erp.add");
    CHECK(news.status == Status::success);
    CHECK(news.received_at == kEventsBegin + 10ms);
    CHECK(news.started_at == kEventsBegin + 20ms);
    CHECK(news.ended_at == kEventsBegin + 2s);
    CHECK(news.worker == "w1@host");
    CHECK(news.result == "5");
    CHECK(news.attempts.empty());
}

TEST_CASE("any order and any repetition of events is the same news") {
    std::vector<Event> events = success();
    auto retried = task_event(EventType::task_retried, 1s);
    retried.exception = "ValueError('try 0')";
    auto again = task_event(EventType::task_received, 1'100ms);
    again.name = "erp.add";
    again.retries = 1;
    events.insert(events.end(), {retried, again, task_event(EventType::task_started, 1'500ms)});
    const TaskNews expected = fold(events);
    CHECK(expected.attempts.size() == 2);
    CHECK(expected.attempt == 2);

    std::mt19937 random(1);
    for (int i = 0; i < 10'000; ++i) {
        std::vector<Event> mixed = events;
        mixed.push_back(events[random() % events.size()]);
        mixed.push_back(events[random() % events.size()]);
        std::ranges::shuffle(mixed, random);
        Fold fold;
        TaskNews last;
        for (const Event& event : mixed) {
            fold.apply(event, kEventsBegin);
            if (random() % 3 != 0) continue;
            for (TaskNews& news : fold.take()) last = std::move(news);
        }
        for (TaskNews& news : fold.take()) last = std::move(news);
        REQUIRE(last == expected);
        REQUIRE(fold.counts().duplicate == 2);
        REQUIRE(fold.counts().applied + fold.counts().late == events.size());
    }
}

TEST_CASE("what did not change is not told again") {
    Fold fold;
    for (const Event& event : success()) fold.apply(event, kEventsBegin);
    CHECK(fold.take().size() == 1);
    for (const Event& event : success()) fold.apply(event, kEventsBegin);
    CHECK(fold.take().empty());
    CHECK(fold.counts().duplicate == 3);
}

TEST_CASE("news that comes after the end is told, and counted as late") {
    Fold fold;
    const auto events = success();
    fold.apply(events[2], kEventsBegin);
    CHECK(fold.take().at(0).status == Status::success);

    fold.apply(events[0], kEventsBegin);
    CHECK(fold.take().at(0).task == "erp.add");
    CHECK(fold.counts().applied == 1);
    CHECK(fold.counts().late == 1);
}

TEST_CASE("news is in the order in which its tasks came") {
    Fold fold;
    for (const std::string_view id : {"c", "a", "b"}) {
        auto event = task_event(EventType::task_started, 0ms);
        event.task_id = id;
        fold.apply(event, kEventsBegin);
    }
    std::vector<std::string> ids;
    for (const TaskNews& news : fold.take()) ids.push_back(news.task_id);
    CHECK(ids == std::vector<std::string>{"c", "a", "b"});
}

TEST_CASE("memory is bounded, and tasks that were forgotten are counted") {
    Fold fold({.open = 2, .ended = 1});
    const auto tell = [&](std::string_view id, EventType type) {
        auto event = task_event(type, 0ms);
        event.task_id = id;
        fold.apply(event, kEventsBegin);
    };
    for (const std::string_view id : {"a", "b", "c"}) tell(id, EventType::task_started);
    CHECK(fold.take().size() == 3);
    CHECK(fold.size() == 2);
    CHECK(fold.counts().forgotten == 1);

    for (const std::string_view id : {"b", "c"}) tell(id, EventType::task_succeeded);
    CHECK(fold.take().size() == 2);
    CHECK(fold.size() == 1);
    CHECK(fold.counts().forgotten == 1);
}

TEST_CASE("an end waits a little for the start that came before it") {
    const auto at = kEventsBegin;
    Fold fold({.patience = 1});
    fold.apply(task_event(EventType::task_succeeded, 2s), at);
    CHECK(fold.take().empty());
    CHECK(fold.has_waiting());
    fold.apply(task_event(EventType::task_started, 1s), at);
    const auto told = fold.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].status == domain::Status::success);
    CHECK(told[0].started_at == kEventsBegin + 1s);
    CHECK_FALSE(fold.has_waiting());
}

TEST_CASE("an end whose start was missed is told all the same") {
    Fold fold({.patience = 1});
    fold.apply(task_event(EventType::task_succeeded, 2s), kEventsBegin);
    CHECK(fold.take().empty());
    CHECK(fold.take().size() == 1);
    CHECK(fold.take().empty());
}

}  // namespace
}  // namespace cjv::monitor
