// One next slot and one parse, over the twenty expressions of docs/reference/schedule.md. `mean` asks from
// 256 random instants of 2024-2034, `chain` takes 16 slots in a row; times are for one answer.

#include "schedule/schedule.h"
#include "schedule/zones.h"

#include <benchmark/benchmark.h>

#include <array>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

namespace cjv::schedule {
namespace {

constexpr std::array<const char*, 20> kExpressions = {
    "* * * * *",         "*/5 * * * *", "*/15 * * * *", "0 * * * *",         "30 * * * *",
    "0 */2 * * *",       "0 0 * * *",   "30 2 * * *",   "15 3 * * *",        "0 9 * * 1-5",
    "*/10 9-17 * * 1-5", "0 22 * * 5",  "0 0 * * 0",    "0 4 * * 0,6",       "0 0 1 * *",
    "0 12 15 * *",       "0 0 1 1 *",   "0 6 1 */3 *",  "5,35 8-18/2 * * *", "0 0 29 2 *"};

std::shared_ptr<const Zone> berlin() {
    static const Zones zones([](std::string_view name) -> std::optional<std::string> {
        std::ifstream file("/usr/share/zoneinfo/" + std::string(name), std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    });
    return zones.find("Europe/Berlin");
}

Schedule schedule(const char* expression, bool zoned) {
    Options options{.type = Type::cron};
    if (zoned) options.zone = berlin();
    return Schedule::parse(expression, options).value();
}

std::vector<Instant> instants() {
    std::mt19937_64 random(5'489);  // the same instants in every run
    std::uniform_int_distribution<std::int64_t> micros(1'704'067'200'000'000,
                                                       2'019'686'400'000'000);
    std::vector<Instant> instants(256);
    for (auto& at : instants) at = instant_from_micros(micros(random));
    return instants;
}

std::vector<Schedule> schedules(bool zoned, std::size_t count = kExpressions.size()) {
    std::vector<Schedule> schedules;
    for (std::size_t i = 0; i < count; ++i) schedules.push_back(schedule(kExpressions[i], zoned));
    return schedules;
}

// Nanoseconds for one of the answers of an iteration.
void report(benchmark::State& state, std::size_t answers) {
    state.counters["one"] =
        benchmark::Counter(static_cast<double>(state.iterations() * answers),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void next_mean(benchmark::State& state, bool zoned, std::size_t expressions) {
    const auto asked = schedules(zoned, expressions);
    const auto from = instants();
    for (auto _ : state)
        for (const auto& schedule : asked)
            for (const auto at : from) benchmark::DoNotOptimize(schedule.next_after(at));
    report(state, asked.size() * from.size());
}

void next_chain(benchmark::State& state, bool zoned) {
    constexpr std::size_t kLinks = 16;
    const auto asked = schedules(zoned);
    const auto start = instant_from_micros(1'735'689'600'000'000);  // 2025-01-01
    for (auto _ : state)
        for (const auto& schedule : asked) {
            auto at = start;
            for (std::size_t i = 0; i < kLinks; ++i) at = schedule.next_after(at).value();
            benchmark::DoNotOptimize(at);
        }
    report(state, asked.size() * kLinks);
}

void parse(benchmark::State& state) {
    const Options options{.type = Type::cron};
    for (auto _ : state)
        for (const auto* expression : kExpressions)
            benchmark::DoNotOptimize(Schedule::parse(expression, options));
    report(state, kExpressions.size());
}

// All next slots of a million jobs, each with a schedule of its own.
void sweep(benchmark::State& state, bool zoned) {
    constexpr std::size_t kJobs = 1'000'000;
    std::vector<Schedule> jobs;
    jobs.reserve(kJobs);
    for (std::size_t i = 0; i < kJobs; ++i)
        jobs.push_back(schedule(kExpressions[i % kExpressions.size()], zoned));
    const auto now = instant_from_micros(1'795'000'000'000'000);
    for (auto _ : state)
        for (const auto& job : jobs) benchmark::DoNotOptimize(job.next_after(now));
    report(state, kJobs);
}

void load_zone(benchmark::State& state) {
    std::ifstream file("/usr/share/zoneinfo/Europe/Berlin", std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    for (auto _ : state) benchmark::DoNotOptimize(Zone::read("Europe/Berlin", bytes));
}

BENCHMARK_CAPTURE(next_mean, utc, false, 20);
BENCHMARK_CAPTURE(next_mean, utc_without_leap_day, false, 19);
BENCHMARK_CAPTURE(next_mean, berlin, true, 20);
BENCHMARK_CAPTURE(next_mean, berlin_without_leap_day, true, 19);
BENCHMARK_CAPTURE(next_chain, utc, false);
BENCHMARK_CAPTURE(next_chain, berlin, true);
BENCHMARK(parse);
BENCHMARK_CAPTURE(sweep, utc, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(sweep, berlin, true)->Unit(benchmark::kMillisecond);
BENCHMARK(load_zone);

}  // namespace
}  // namespace cjv::schedule

BENCHMARK_MAIN();
