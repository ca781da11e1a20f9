#include "monitor/news.h"

#include <doctest/doctest.h>

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

std::optional<TaskNews> news(const std::vector<Event>& events) {
    celery::TaskState state;
    for (const Event& event : events) state.apply(event);
    return news_of("t", state, kEventsBegin);
}

Event failed(std::string_view exception, std::string_view traceback = "") {
    auto event = task_event(EventType::task_failed, 1s);
    event.exception = exception;
    event.traceback = traceback;
    return event;
}

celery::ReadResult stored(std::string_view json) { return celery::ResultReader().read(json); }

void check_end(const std::optional<TaskNews>& news, Status status, Reason reason) {
    REQUIRE(news);
    CHECK(to_text(news->status) == to_text(status));
    CHECK(to_text(news->reason) == to_text(reason));
    CHECK(news->ended_at);
}

TEST_CASE("each way to end is told by its status and reason") {
    check_end(news({failed("ValueError('boom')", "Traceback…\nValueError: boom")}), Status::failed,
              Reason::exception);
    check_end(news({failed("NotRegistered('erp.gone')")}), Status::failed, Reason::not_registered);
    check_end(news({failed("reject requeue=False: no")}), Status::failed, Reason::rejected);
    check_end(news({failed("SoftTimeLimitExceeded()")}), Status::timed_out, Reason::none);
    check_end(news({task_event(EventType::task_rejected, 1s)}), Status::failed, Reason::rejected);
    check_end(news({task_event(EventType::task_revoked, 1s)}), Status::cancelled, Reason::revoked);
    auto expired = task_event(EventType::task_revoked, 1s);
    expired.expired = true;
    check_end(news({expired}), Status::missed, Reason::expired);
}

TEST_CASE("a killed child is told by the end of its traceback") {
    const auto told = news({failed("ExceptionWithTraceback()",
                                   "Traceback…\nbilliard.exceptions.TimeLimitExceeded: (1.0,)\n")});
    check_end(told, Status::timed_out, Reason::none);
    CHECK(told->error == "billiard.exceptions.TimeLimitExceeded: (1.0,)");
}

TEST_CASE("a task that no worker knows has its name from the failure") {
    CHECK(news({failed("NotRegistered('erp.gone')")})->task == "erp.gone");
}

TEST_CASE("a message that was given back is no news") {
    auto requeued = task_event(EventType::task_rejected, 1s);
    requeued.requeue = true;
    CHECK_FALSE(news({requeued}));
}

TEST_CASE("a retry waits with its error, and is the first of the attempts") {
    auto retried = task_event(EventType::task_retried, 1s);
    retried.exception = "OSError('away')";
    auto again = task_event(EventType::task_received, 1'001ms);
    again.retries = 1;
    const auto told = news({task_event(EventType::task_received, 0s),
                            task_event(EventType::task_started, 1ms), retried, again});
    REQUIRE(told);
    CHECK(told->status == Status::retrying);
    CHECK(told->error == "OSError('away')");
    CHECK(told->attempt == 2);
    CHECK(told->started_at == kEventsBegin + 1ms);
    REQUIRE(told->attempts.size() == 2);
    CHECK(told->attempts[0].status == Status::retrying);
    CHECK(told->attempts[0].error == "OSError('away')");
    CHECK(told->attempts[1].n == 2);
    CHECK(told->attempts[1].status == Status::queued);
}

TEST_CASE("a retry that expired calls the run off") {
    auto expired = task_event(EventType::task_revoked, 5s);
    expired.expired = true;
    const auto told = news({task_event(EventType::task_started, 1ms),
                            task_event(EventType::task_retried, 1s), expired});
    check_end(told, Status::cancelled, Reason::revoked);
    CHECK_FALSE(told->error.empty());
}

TEST_CASE("a task that ran twice says so") {
    const auto told = news({task_event(EventType::task_started, 1ms),
                            task_event(EventType::task_started, 5ms, "w2@host"),
                            task_event(EventType::task_succeeded, 1s, "w2@host")});
    REQUIRE(told);
    CHECK(told->note.find("more than once") != std::string::npos);
    CHECK(told->worker == "w2@host");
}

TEST_CASE("the result is told whole, where the event has the beginning of its repr") {
    auto succeeded = task_event(EventType::task_succeeded, 1s);
    succeeded.result = "{'a': 'xxx...";
    auto told = news({succeeded});
    add_result(*told, stored(R"({"status":"SUCCESS","result":{"a":"xxxx"},"traceback":null,)"
                             R"("children":[],"date_done":"2026-12-01T02:00:01","task_id":"t"})"));
    CHECK(told->result == R"({"a": "xxxx"})");
    CHECK(told->ended_at == kEventsBegin + 1s);
}

TEST_CASE("the result says why a child was killed") {
    auto told = news({failed("ExceptionWithTraceback()")});
    add_result(*told, stored(R"({"status":"FAILURE","result":{"exc_type":"TimeLimitExceeded",)"
                             R"("exc_message":[1.0],"exc_module":"billiard.exceptions"},)"
                             R"("traceback":"Traceback…","task_id":"t"})"));
    check_end(told, Status::timed_out, Reason::none);
    CHECK(told->error.find("TimeLimitExceeded") == 0);
    CHECK(told->traceback == "Traceback…");
}

TEST_CASE("a result that cannot be read is named and never decoded") {
    auto told = news({task_event(EventType::task_succeeded, 1s)});
    add_result(*told, stored("\x80\x04\x95"));
    CHECK(told->result.find("not decoded") != std::string::npos);
}

TEST_CASE("a result that contradicts the event is left alone") {
    auto succeeded = task_event(EventType::task_succeeded, 1s);
    succeeded.result = "5";
    auto told = news({succeeded});
    add_result(*told, stored(R"({"status":"FAILURE","result":{"exc_type":"ValueError",)"
                             R"("exc_message":["x"],"exc_module":"builtins"},"task_id":"t"})"));
    CHECK(told->status == Status::success);
    CHECK(told->result == "5");
}

TEST_CASE("a run whose events were lost ends as its result says") {
    const auto told = news_of(
        "t",
        stored(R"({"status":"FAILURE","result":{"exc_type":"ValueError",)"
               R"("exc_message":["boom"],"exc_module":"builtins"},"traceback":"Traceback…",)"
               R"("date_done":"2026-12-01T02:00:07+00:00","task_id":"t"})"),
        kEventsBegin + 1min);
    check_end(told, Status::failed, Reason::exception);
    CHECK(told->error == "ValueError: boom");
    CHECK(told->traceback == "Traceback…");
    CHECK(told->ended_at == kEventsBegin + 7s);
}

TEST_CASE("a state in which a task goes on, or one of its own, is no end") {
    for (const auto* state : {"PENDING", "STARTED", "RETRY", "PROGRESS"}) {
        const std::string text =
            std::string(R"({"status":")") + state + R"(","result":null,"task_id":"t"})";
        CHECK_FALSE(news_of("t", stored(text), kEventsBegin));
    }
}

TEST_CASE("an expired result is a missed run, a revoked one a cancelled run") {
    const auto revoked = [](const std::string& why) {
        return stored(
            R"({"status":"REVOKED","result":{"exc_type":"TaskRevokedError","exc_message":[")" +
            why + R"("],"exc_module":"celery.exceptions"},"task_id":"t"})");
    };
    check_end(news_of("t", revoked("expired"), kEventsBegin), Status::missed, Reason::expired);
    check_end(news_of("t", revoked("revoked"), kEventsBegin), Status::cancelled, Reason::revoked);
}

}  // namespace
}  // namespace cjv::monitor
