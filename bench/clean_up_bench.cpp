// How long clean-up holds the writer, and how long others wait for it: clean_up_bench [folder [runs]]. The database is
// a real file in `folder`, with a month of runs of a hundred jobs, each with output, some with much.

#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "domain/run_id.h"
#include "store/clean_up.h"
#include "store/outputs.h"
#include "store/runs.h"
#include "store/settings.h"
#include "store/store.h"
#include "store/totals.h"
#include "store/writer.h"
#include "support/clock.h"
#include "support/job.h"
#include "support/must.h"

namespace {

using namespace cjv;
using namespace std::chrono_literals;
using support::must;

constexpr int kJobs = 100;
constexpr int kRunsAtOnce = 5'000;  // of one transaction while the store is filled
constexpr int kLongEvery = 3'000;   // so many runs have one that printed much
constexpr int kLongChunks = 40;     // of 64 KiB
constexpr double kBar = 5;          // ms that a slice may hold the writer
constexpr std::chrono::seconds kMonth = 24h * 30;

double now_ms(clockid_t clock = CLOCK_MONOTONIC) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

void print(const char* what, std::vector<double> ms) {
    if (ms.empty()) return;
    std::ranges::sort(ms);
    const auto at = [&](double part) { return ms[std::size_t(part * double(ms.size() - 1))]; };
    std::printf("  %-34s %7zu  p50 %6.2f  p99 %6.2f  max %6.2f ms\n", what, ms.size(), at(0.5),
                at(0.99), ms.back());
}

std::string noise(std::mt19937& random, std::size_t size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

void add_output(store::Transaction& tx, const domain::Run& run, int number, std::mt19937& random) {
    store::OutputRound round{.run = run.id};
    const bool is_long = number % kLongEvery == 0;
    for (int i = 0; i < (is_long ? kLongChunks : 1); ++i) {
        const std::size_t size = is_long ? 64 * 1024 : 200 + random() % 3'000;
        round.chunks.push_back(
            {.at = run.at, .offset = round.printed, .bytes = noise(random, size)});
        round.printed += size;
    }
    must(store::record_output(tx, store::pack(round)));
}

void fill(const std::string& path, int runs, const Clock& clock, Log& log) {
    const schedule::Zones zones;
    store::Memory memory;
    domain::InstallationKey key{};
    {
        const auto store = must(store::Store::open({.path = path}, clock, zones, log));
        for (int i = 0; i < kJobs; ++i)
            must(store->create_job(support::a_job().name("job " + std::to_string(i)).job(), {}));
        key = store->installation_key();
        for (const auto& entry : store->board().all()) memory.board.put(entry);
    }
    store::Feed feed;
    const store::Encode no_broker;
    store::Writer writer(must(store::Database::open(path, store::Access::writer)),
                         {memory, feed, key, no_broker, clock, log});
    std::mt19937 random(1);
    for (int from = 0; from < runs; from += kRunsAtOnce)
        must(writer.commit(store::Order::decision, [&](store::Transaction& tx) -> Result<void> {
            for (int i = from; i < std::min(runs, from + kRunsAtOnce); ++i) {
                domain::Run run;
                run.job = JobNumber{3 + i % kJobs};
                run.slot = run.at =
                    support::at("00:00") - kMonth - 1h + kMonth / (runs / kJobs) * (i / kJobs);
                run.decided_at = run.at;
                run.id = domain::slot_run_id(key, run.job, run.at);
                must(store::insert_run(tx.db, run));
                run.status = i % 7 ? domain::Status::success : domain::Status::failed;
                run.started_at = run.at + 1s;
                run.ended_at = run.at + 3s;
                must(store::update_run(tx.db, run));
                store::add(tx.draft.totals, run.job, store::totals_of(run));
                add_output(tx, run, i, random);
            }
            return {};
        }));
}

// What Store::clean_up_slice does, a transaction at a time, for half of what is there.
void time_slices(const std::string& path, int runs, const Clock& clock, Log& log) {
    store::Memory memory;
    store::Feed feed;
    const domain::InstallationKey key{};
    const store::Encode no_broker;
    const SystemClock real;
    store::Writer writer(must(store::Database::open(path, store::Access::writer)),
                         {memory, feed, key, no_broker, real, log});
    auto reader = must(store::Database::open(path, store::Access::reader));
    std::vector<double> looks, slices, commits, cpu;
    std::size_t gone = 0;
    while (gone < std::size_t(runs) / 2) {
        double before = now_ms();
        const auto old = must(store::find_old(reader, clock.now(), store::kOldAtOnce));
        looks.push_back(now_ms() - before);
        if (old.empty()) break;
        for (std::span<const store::Old> left = old; !left.empty();) {
            before = now_ms();
            const double cpu_before = now_ms(CLOCK_THREAD_CPUTIME_ID);
            must(writer.commit(store::Order::chore, [&](store::Transaction& tx) -> Result<void> {
                const auto some =
                    must(store::remove_old(tx, left, real, real.steady() + store::kCleanUpTime));
                left = left.subspan(some);
                gone += some;
                return {};
            }));
            slices.push_back(now_ms() - before);
            cpu.push_back(now_ms(CLOCK_THREAD_CPUTIME_ID) - cpu_before);
            commits.push_back(double(writer.last_commit_time().count()) / 1e3);
        }
    }
    const auto long_ones = std::ranges::count_if(cpu, [](double ms) { return ms > kBar; });
    std::printf("clean-up alone, %zu runs removed; %td slices computed over %.0f ms\n", gone,
                long_ones, kBar);
    print("a look for what is old (reader)", looks);
    print("a slice (the writer is held)", slices);
    print("  of it, the commit", commits);
    print("  its CPU", cpu);
}

// What somebody waits who promises something meanwhile: a transaction that changes nothing.
void time_waits(const std::string& path, Log& log) {
    const support::MovableClock clock(support::at("00:00"));
    const SystemClock real;
    const schedule::Zones zones;
    Progress progress;
    const auto store = must(store::Store::open({.path = path}, real, zones, log));
    store->start(progress);
    const auto probe = [&](const std::atomic<bool>& stop) {
        std::vector<double> waits;
        while (!stop) {
            const double before = now_ms();
            must(store->commit({}));
            waits.push_back(now_ms() - before);
            std::this_thread::sleep_for(1ms);
        }
        return waits;
    };
    std::atomic<bool> stop = false;
    std::vector<double> waits;
    std::thread prober([&] { waits = probe(stop); });
    std::this_thread::sleep_for(2s);
    stop = true;
    prober.join();
    std::printf("a promise that changes nothing, every millisecond\n");
    print("alone", std::exchange(waits, {}));

    stop = false;
    prober = std::thread([&] { waits = probe(stop); });
    while (must(store->clean_up_slice(clock.now())) > 0) continue;
    stop = true;
    prober.join();
    print("while the rest is cleaned up", std::move(waits));
    store->stop();
}

}  // namespace

int main(int count, char** arguments) {
    const std::filesystem::path folder = count > 1 ? arguments[1] : "/var/tmp";
    const int runs = count > 2 ? std::atoi(arguments[2]) : 300'000;
    const auto path = folder / "clean_up_bench.db";
    const auto remove = [&] {
        for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);
    };
    remove();
    const support::MovableClock clock(support::at("00:00"));
    Log log({.level = LogLevel::warning}, clock);
    fill(path.string(), runs, clock, log);
    std::printf("a store with %d runs and their output, %.0f MB\n", runs,
                double(std::filesystem::file_size(path)) / 1e6);
    time_slices(path.string(), runs, clock, log);
    time_waits(path.string(), log);
    remove();
}
