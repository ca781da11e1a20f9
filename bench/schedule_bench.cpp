// One next slot and one parse, over twenty expressions of all sorts. `mean` asks from 256 random instants of
// 2024-2034, `chain` takes 16 slots in a row; times are for one answer. `single` measures call by call, less
// what the clock itself takes: of nine rounds the best, so that what interrupts us does not count.

#include "schedule/schedule.h"
#include "schedule/zones.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
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

std::shared_ptr<const Zone> zone_named(const char* name) {
    static const Zones zones([](std::string_view name) -> std::optional<std::string> {
        std::ifstream file("/usr/share/zoneinfo/" + std::string(name), std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    });
    return zones.find(name);
}

Schedule schedule(const char* expression, bool zoned) {
    Options options{.type = Type::cron};
    if (zoned) options.zone = zone_named("Europe/Berlin");
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
    schedules.reserve(count);
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

// What one call takes, for each expression and instant. The expressions that search longest are among them.
void next_single(benchmark::State& state, const char* zone) {
    constexpr int kRounds = 9;
    constexpr std::array<const char*, 5> kRare = {"0 0 29 2 *", "0 0 L-30W 2-5 *", "* 2 * 3 0#2",
                                                  "0 0 31 10 MON#5", "0 0 29 2 1#5"};
    Options options{.type = Type::cron, .day_match = DayMatch::both, .zone = zone_named(zone)};
    std::vector<Schedule> asked;
    asked.reserve(kExpressions.size() + kRare.size());
    for (const auto* expression : kExpressions)
        asked.push_back(Schedule::parse(expression, options).value());
    for (const auto* expression : kRare)
        if (auto schedule = Schedule::parse(expression, options)) asked.push_back(*schedule);
    auto from = instants();
    from.push_back(
        instant_from_micros(3'981'000'000'000'000));  // 2096: eight years without 29 February
    const auto best = [&](auto call) {
        auto shortest = std::chrono::nanoseconds::max();
        for (int round = 0; round < kRounds; ++round) {
            const auto start = std::chrono::steady_clock::now();
            call();
            shortest = std::min<std::chrono::nanoseconds>(shortest,
                                                          std::chrono::steady_clock::now() - start);
        }
        return shortest;
    };
    for (auto _ : state) {
        const auto clock = best([] {});
        std::vector<double> all;
        for (const auto& schedule : asked)
            for (const auto at : from)
                all.push_back(static_cast<double>(
                    (best([&] { benchmark::DoNotOptimize(schedule.next_after(at)); }) - clock)
                        .count()));
        std::ranges::sort(all);
        state.counters["p50"] = all[all.size() / 2];
        state.counters["p99"] = all[all.size() * 99 / 100];
        state.counters["worst"] = all.back();
    }
}

// All next slots of a million jobs, each with a schedule of its own. They fill 96 MB, and calculating is quicker than
// memory: who walks through that many asks for those that come next.
void sweep(benchmark::State& state, bool zoned) {
    constexpr std::size_t kJobs = 1'000'000;
    std::vector<Schedule> jobs;
    jobs.reserve(kJobs);
    for (std::size_t i = 0; i < kJobs; ++i)
        jobs.push_back(schedule(kExpressions[i % kExpressions.size()], zoned));
    const auto now = instant_from_micros(1'795'000'000'000'000);
    constexpr std::size_t kAhead = 16;
    for (auto _ : state)
        for (std::size_t i = 0; i < kJobs; ++i) {
            const auto* ahead =
                reinterpret_cast<const char*>(&jobs[std::min(i + kAhead, kJobs - 1)]);
            __builtin_prefetch(ahead);
            __builtin_prefetch(ahead + sizeof(Schedule) - 1);
            benchmark::DoNotOptimize(jobs[i].next_after(now));
        }
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
BENCHMARK_CAPTURE(next_single, utc, "UTC")->Iterations(1);
BENCHMARK_CAPTURE(next_single, new_york, "America/New_York")->Iterations(1);
BENCHMARK(parse);
BENCHMARK_CAPTURE(sweep, utc, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(sweep, berlin, true)->Unit(benchmark::kMillisecond);
BENCHMARK(load_zone);

}  // namespace
}  // namespace cjv::schedule

BENCHMARK_MAIN();
