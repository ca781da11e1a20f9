// CPU per decided slot when all jobs are due at once, durable: decide_bench [folder [jobs]]. The database is a real
// file in `folder`.

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "store/store.h"
#include "support/clock.h"
#include "support/job.h"
#include "support/must.h"

namespace {

using namespace cjv;
using namespace std::chrono_literals;
using support::must;

constexpr int kRounds = 9;
constexpr std::size_t kBatch = 1'000;  // what the beat decides a turn

double seconds(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}
double cpu() { return seconds(CLOCK_PROCESS_CPUTIME_ID); }
double wall() { return seconds(CLOCK_MONOTONIC); }
double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

struct Figures {
    std::vector<double> planned, written,
        waited;  // seconds a round: CPU of plan, CPU of the writer, wall clock
};

void decide_all(store::Store& store, Instant now, Figures& figures) {
    const auto entries = store.board().all();
    double planned = 0, written = 0;
    const double began = wall();
    for (std::size_t from = 0; from < entries.size(); from += kBatch) {
        double before = cpu();
        std::vector<domain::Decision> decisions;
        for (std::size_t i = from; i < std::min(from + kBatch, entries.size()); ++i)
            if (entries[i]->next_slot && *entries[i]->next_slot <= now)
                decisions.push_back(domain::plan(*entries[i], {}, now));
        planned += cpu() - before;
        before = cpu();
        must(store.commit(decisions));
        written += cpu() - before;
    }
    figures.planned.push_back(planned);
    figures.written.push_back(written);
    figures.waited.push_back(wall() - began);
}

}  // namespace

int main(int count, char** arguments) {
    const std::filesystem::path folder = count > 1 ? arguments[1] : "/var/tmp";
    const int jobs = count > 2 ? std::atoi(arguments[2]) : 10'000;
    const auto path = folder / "decide_bench.db";
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);

    support::MovableClock clock(support::at("00:00:30"));
    const schedule::Zones zones;
    Log log({.level = LogLevel::warning}, clock);
    Progress progress;
    Figures figures;
    {
        const auto store = must(store::Store::open({.path = path.string()}, clock, zones, log));
        for (int i = 0; i < jobs; ++i)
            must(store->create_job(support::a_job()
                                       .name("job " + std::to_string(i))
                                       .cron("* * * * *")
                                       .overlap(domain::Overlap::allow)
                                       .job(),
                                   {}));
        store->start(progress);
        for (int i = 0; i < kRounds; ++i) {
            clock.pass(1min);
            decide_all(*store, clock.now(), figures);
        }
        store->stop();
    }
    const double per_slot = 1e6 / jobs;
    std::printf("%d slots due at once, in commits of %zu, medians of %d rounds\n", jobs, kBatch,
                kRounds);
    std::printf("  plan             %6.2f us CPU a slot\n", median(figures.planned) * per_slot);
    std::printf("  record, durable  %6.2f us CPU a slot (caller and writer)\n",
                median(figures.written) * per_slot);
    std::printf("  all decided in   %6.1f ms\n", median(figures.waited) * 1e3);

    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);
}
