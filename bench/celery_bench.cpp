// One task message written, one event read out of a captured message, one result read. Bars: a
// message 2 µs, an event 2.5 µs, so 100,000 events 0.25 s.

#include "celery/event.h"
#include "celery/python_repr.h"
#include "celery/task_message.h"
#include "celery/task_refusal.h"
#include "celery/task_result.h"

#include "base/base64.h"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace cjv::celery {
namespace {

TaskMessage usual() {
    TaskMessage message{.task = "erp.billing.close_the_day",
                        .id = "0191e0c4-8a70-8001-8000-000500000000",
                        .args = R"(["DE", 2026, {"dry_run": false}])",
                        .kwargs = R"({"notify": ["ops@example.com"], "limit": 1000})",
                        .argsrepr = "['DE', 2026, {'dry_run': False}]",
                        .kwargsrepr = "{'notify': ['ops@example.com'], 'limit': 1000}",
                        .origin = "cjv4711@host",
                        .queue = "celery",
                        .delivery_tag = "0191e0c4-8a70-8001-8000-000500000000"};
    message.provenance = Provenance{.run_id = "0191e0c4-8a70-8001-8000-000500000000",
                                    .job_id = "5f3f3c1e-0e33-4a4e-9a5e-0d8f9a9d2a11",
                                    .scheduled_for = instant_from_micros(1'795'000'000'000'000),
                                    .periodic_task_name = "Close the day"};
    return message;
}

std::string wrapped(std::string_view body, std::string_view key) {
    return R"({"body": ")" + base64(body) +
           R"(", "content-encoding": "utf-8", "content-type": "application/json", "headers":)"
           R"( {"hostname": "celery@worker-1"}, "properties": {"delivery_mode": 1,)"
           R"( "delivery_info": {"exchange": "celeryev", "routing_key": ")" +
           std::string(key) +
           R"("}, "priority": 0, "body_encoding": "base64",)"
           R"( "delivery_tag": "08122550-049c-48a8-a796-3ee8d547e982"}})";
}

constexpr std::string_view kReceived =
    R"({"hostname": "celery@worker-1", "utcoffset": 0, "pid": 24795, "clock": 3,)"
    R"( "uuid": "22222222-0000-4000-8000-000000000001", "name": "erp.billing.close_the_day",)"
    R"j( "args": "(2, 3)", "kwargs": "{}", "root_id": "22222222-0000-4000-8000-000000000001",)j"
    R"( "parent_id": null, "retries": 0, "eta": null, "expires": null,)"
    R"( "timestamp": 1795453839.5019085, "type": "task-received"})";
constexpr std::string_view kStarted =
    R"({"hostname": "celery@worker-1", "utcoffset": 0, "pid": 24795, "clock": 4,)"
    R"( "uuid": "22222222-0000-4000-8000-000000000001", "timestamp": 1795453839.5043542,)"
    R"( "type": "task-started"})";
constexpr std::string_view kSucceeded =
    R"({"hostname": "celery@worker-1", "utcoffset": 0, "pid": 24795, "clock": 5,)"
    R"( "uuid": "22222222-0000-4000-8000-000000000001", "result": "5",)"
    R"( "runtime": 0.006839458000058585, "timestamp": 1795453839.5125566,)"
    R"( "type": "task-succeeded"})";

// For one of the messages or events of an iteration.
void report(benchmark::State& state, std::size_t each) {
    state.counters["one"] =
        benchmark::Counter(static_cast<double>(state.iterations() * each),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void write_task(benchmark::State& state) {
    const auto message = usual();
    std::string out;
    for (auto _ : state) {
        out.clear();
        for (int i = 0; i < 100; ++i) encode(message, out);
        benchmark::DoNotOptimize(out);
    }
    report(state, 100);
    state.counters["bytes"] = static_cast<double>(out.size()) / 100;
}

void repr_of_arguments(benchmark::State& state) {
    const auto message = usual();
    json::Tape tape;
    for (auto _ : state) {
        benchmark::DoNotOptimize(args_repr(tape, message.args));
        benchmark::DoNotOptimize(kwargs_repr(tape, message.kwargs));
    }
}

void refuse_nothing(benchmark::State& state) {
    const auto message = usual();
    const Transport transport;
    for (auto _ : state) benchmark::DoNotOptimize(refusals(message, transport));
}

// A task's three events as workers send them: each in a message of its own, or all in one.
void read_events(benchmark::State& state, bool batched) {
    std::vector<std::string> messages;
    if (batched) {
        std::string body = "[";
        for (const auto event : {kReceived, kStarted, kSucceeded}) {
            if (body.size() > 1) body += ", ";
            body += event;
        }
        messages.push_back(wrapped(body + "]", "task.multi"));
    } else {
        for (const auto event : {kReceived, kStarted, kSucceeded})
            messages.push_back(wrapped("[" + std::string(event) + "]", "task.multi"));
    }
    EventReader reader;
    for (auto _ : state)
        for (const std::string& message : messages) benchmark::DoNotOptimize(reader.read(message));
    report(state, 3);
}

void read_result(benchmark::State& state) {
    constexpr std::string_view kResult =
        R"({"status": "SUCCESS", "result": {"rows": 5, "total": "12.50"}, "traceback": null,)"
        R"( "children": [], "date_done": "2026-11-23T18:11:23.855060+01:00",)"
        R"( "task_id": "22222222-0000-4000-8000-000000000001"})";
    ResultReader reader;
    for (auto _ : state) benchmark::DoNotOptimize(reader.read(kResult));
}

BENCHMARK(write_task);
BENCHMARK(repr_of_arguments);
BENCHMARK(refuse_nothing);
BENCHMARK_CAPTURE(read_events, alone, false);
BENCHMARK_CAPTURE(read_events, batched, true);
BENCHMARK(read_result);

}  // namespace
}  // namespace cjv::celery

BENCHMARK_MAIN();
