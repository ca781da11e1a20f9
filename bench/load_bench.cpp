// What it takes to open a store with many jobs, and to keep them: load_bench [folder [jobs]].

#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "store/store.h"
#include "support/clock.h"
#include "support/job.h"
#include "support/must.h"

namespace {

using namespace cjv;
using support::must;

double seconds(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double resident_mb() {
    long pages = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> pages >> resident;
    return static_cast<double>(resident * sysconf(_SC_PAGESIZE)) / 1e6;
}

std::unique_ptr<store::Store> open(const std::string& path) {
    static const support::MovableClock clock(support::at("00:00:30"));
    static const schedule::Zones zones;
    static Log log({.level = LogLevel::warning}, clock);
    return must(store::Store::open({.path = path}, clock, zones, log));
}

// In a process of its own, so that what it takes is not counted.
void create_jobs(const std::string& path, int jobs) {
    if (fork() == 0) {
        {
            const auto store = open(path);
            for (int i = 0; i < jobs; ++i) {
                const auto cron =
                    std::to_string(i % 60) + " " + std::to_string(i / 60 % 24) + " * * *";
                must(store->create_job(
                    support::a_job().name("nightly report " + std::to_string(i)).cron(cron).job(),
                    {}));
            }
        }  // closes, so that the log is in the file
        std::_Exit(0);
    }
    wait(nullptr);
}

}  // namespace

int main(int count, char** arguments) {
    const std::filesystem::path folder = count > 1 ? arguments[1] : "/var/tmp";
    const int jobs = count > 2 ? std::atoi(arguments[2]) : 10'000;
    const auto path = (folder / "load_bench.db").string();
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
    create_jobs(path, jobs);

    const double resident = resident_mb();
    const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
    const auto store = open(path);
    std::printf(
        "open with %zu jobs: %.1f ms, %.1f ms CPU; %.1f MB resident, of them %.1f MB before\n",
        store->board().size(), (seconds(CLOCK_MONOTONIC) - wall) * 1e3,
        (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e3, resident_mb(), resident);
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
}
