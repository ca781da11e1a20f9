#pragma once
// Asks where nobody tells: for results of runs whose end was not heard, workers for who they are and what they
// know, Redis for how it is. Reads answers and hands them on; what they mean is verdict's, workers' and health's
// business. A thread of its own, which may wait for answers.

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/progress.h"
#include "monitor/ingest.h"
#include "monitor/open_runs.h"
#include "monitor/queues.h"
#include "monitor/remote.h"
#include "monitor/results.h"
#include "monitor/verdict.h"
#include "monitor/workers.h"
#include "net/redis.h"
#include "store/store.h"

namespace cjv::monitor {

// How a Redis is, by its own word.
struct RedisFacts {
    net::RedisState connection = {};
    std::optional<std::chrono::microseconds> latency = {};  // of a PING
    std::string policy = {};                                // maxmemory-policy; empty: unknown
    std::uint64_t used_memory = 0, max_memory = 0;          // bytes; 0: unknown, no limit
    std::vector<std::string> deserted = {};                 // queues of jobs without a worker
    std::string trouble = {};  // it refuses what we ask: a sentence; empty: it does not
};

class Inquiry {
public:
    // All must outlive it. `results` may be null: there is no backend.
    struct Parts {
        store::Store& store;
        Ingest& ingest;
        Workers& workers;
        Remote& remote;
        Queues& queues;
        net::Redis& broker;
        Results* results;
        const Clock& clock;
        Log& log;
    };
    explicit Inquiry(const Parts& parts) : parts_(parts) {}
    ~Inquiry() { stop(); }

    // Learns which runs are open. After the store was opened, before its writer starts.
    Result<void> recover();
    void on_commit(const store::Commit& commit);  // of the store's feed
    void start(Progress& progress);
    void stop();

    RedisFacts broker() const;  // any thread

    // One round. True when more waits already.
    bool turn();

private:
    bool is_with_celery(const domain::Run& run) const;
    void take_changes();
    void revoke(const RunId& id, bool terminate);
    bool look_after_runs();
    void conclude(const std::vector<domain::Run>& runs,
                  const std::vector<celery::ReadResult>& stored);
    void ask_for(const std::map<std::string, std::vector<domain::Run>>& by_worker);
    void seek(const std::vector<domain::Run>& runs);
    void greet();
    void meet_strangers();
    void ask_all();
    void measure();
    void loop(Mark& mark);

    Parts parts_;
    store::Inbox inbox_;
    OpenRuns open_;  // of the thread alone, as are the next four
    // Revoked, and not final: told to workers that come later. By run, the task's id.
    std::map<RunId, std::string> recalled_;
    std::int64_t greeted_ = 0;  // the broker's connection on which all were told
    std::optional<Steady> asked_all_at_, measured_at_;
    json::Tape tape_;

    mutable std::mutex mutex_;
    std::condition_variable bell_;
    RedisFacts broker_;
    bool stopping_ = false;
    bool rung_ = false;

    std::thread thread_;
};

}  // namespace cjv::monitor
