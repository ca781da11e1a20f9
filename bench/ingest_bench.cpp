// CPU of 100,000 events of tasks that others sent, read, folded and durable: ingest_bench [folder [tasks]]. The
// database is a real file in `folder`. Three events a task, 24 a message, as workers under load send them.

#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/base64.h"
#include "monitor/ingest.h"
#include "support/must.h"

namespace {

using namespace cjv;
using namespace std::chrono_literals;
using support::must;

constexpr int kEventsInMessage = 24;

double cpu() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

long resident_kib() {
    std::ifstream statm("/proc/self/statm");
    long size = 0, resident = 0;
    statm >> size >> resident;
    return resident * 4;
}

std::string event(int task, std::string_view type, double at, const std::string& more) {
    char id[64];
    // Random in front, as ids of Celery are.
    std::snprintf(id, sizeof id, "%08x-0000-4000-8000-%012x", unsigned(task) * 2'654'435'761U,
                  unsigned(task));
    char stamp[32];
    std::snprintf(stamp, sizeof stamp, "%.6f", at);
    return R"({"hostname": "celery@worker-1", "utcoffset": 0, "pid": 24795, "clock": 3, "uuid": ")" +
           std::string(id) + R"(", "timestamp": )" + stamp + R"(, "type": ")" + std::string(type) +
           "\"" + more + "}";
}

std::string message(const std::vector<std::string>& events) {
    std::string body = "[";
    for (const auto& one : events) body += (body.size() > 1 ? ", " : "") + one;
    return R"({"body": ")" + base64(body + "]") +
           R"(", "content-encoding": "utf-8", "content-type": "application/json", "headers":)"
           R"( {"hostname": "celery@worker-1"}, "properties": {"delivery_mode": 1,)"
           R"( "delivery_info": {"exchange": "celeryev", "routing_key": "task.multi"},)"
           R"( "priority": 0, "body_encoding": "base64"}})";
}

std::vector<std::string> messages(int tasks, double at) {
    std::vector<std::string> all;
    std::vector<std::string> events;
    const auto add = [&](std::string one) {
        events.push_back(std::move(one));
        if (int(events.size()) < kEventsInMessage) return;
        all.push_back(message(events));
        events.clear();
    };
    for (int i = 0; i < tasks; ++i) {
        add(event(
            i, "task-received", at,
            R"j(, "name": "erp.billing.close_the_day", "args": "(2, 3)", "kwargs": "{}",)j"
            R"( "root_id": null, "parent_id": null, "retries": 0, "eta": null, "expires": null)"));
        add(event(i, "task-started", at + 0.001, ""));
        add(event(i, "task-succeeded", at + 0.002, R"(, "result": "5", "runtime": 0.001)"));
        at += 0.0001;
    }
    all.push_back(message(events));
    return all;
}

}  // namespace

int main(int count, char** arguments) {
    const std::filesystem::path folder = count > 1 ? arguments[1] : "/var/tmp";
    const int tasks = count > 2 ? std::atoi(arguments[2]) : 33'334;
    const auto path = folder / "ingest_bench.db";
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);

    SystemClock clock;
    const schedule::Zones zones;
    Log log({.level = LogLevel::warning}, clock);
    Progress progress;
    const auto store = must(store::Store::open({.path = path.string()}, clock, zones, log));
    monitor::Workers workers;
    monitor::Ingest ingest(*store, workers, nullptr, clock, log);
    store->start(progress);
    ingest.start(progress);

    const auto all = messages(tasks, double(micros(clock.now())) / 1e6);
    const long resident = resident_kib();
    const double before = cpu();
    for (std::size_t i = 0; i < all.size(); ++i) {
        ingest.put("/0.celeryev/task.multi", all[i]);
        if (i % 208 == 207) std::this_thread::sleep_for(100ms);  // 50,000 events a second
    }
    ingest.stop();
    const double decided = cpu() - before;
    store->stop();
    const double used = cpu() - before;
    const auto counts = ingest.counts();
    const double events = double(counts.received);
    std::printf("events        %10.0f, applied %llu, dropped %zu\n", events,
                static_cast<unsigned long long>(counts.applied), counts.dropped.size());
    std::printf("CPU           %10.2f s for 100,000 events, of it %.2f after the last came\n",
                used / events * 1e5, (used - decided) / events * 1e5);
    std::printf("memory        %10.1f MB more\n", double(resident_kib() - resident) / 1024);
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);
}
