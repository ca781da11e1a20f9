#pragma once
// From what is measured to a state and a sentence for each part of the program. Measuring is the business of
// whoever fills in the facts.

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "celery/worker_state.h"
#include "net/redis_options.h"

namespace cjv::monitor {

enum class State { healthy, degraded, unavailable, not_configured };
std::string_view to_text(State state);

struct Component {
    State state = State::healthy;
    std::string detail = {};            // one sentence: what is wrong, and what to do
    std::optional<Instant> since = {};  // when this state began
    std::optional<std::chrono::microseconds> latency = {};
    bool operator==(const Component&) const = default;
};

struct Health {
    State status = State::healthy;  // the worst of the parts that are configured
    Component database, scheduler, broker, result_backend, workers, queues;
};

// What is known of the broker and those behind it.
struct FleetFacts {
    net::RedisState broker = {};
    std::optional<std::chrono::microseconds> latency = {};  // of the broker's answer
    std::string policy = {};                        // Redis' maxmemory-policy; empty: unknown
    std::uint64_t used_memory = 0, max_memory = 0;  // bytes; 0: unknown, no limit
    std::string refusal = {};      // why it does not take what we send; empty: it does
    std::int64_t waiting = 0;      // messages that it does not have yet
    bool forbids_scripts = false;  // which make sure that no message is sent twice
    std::optional<net::RedisState> results = {};  // nothing: no result backend is configured
    net::RedisState events = {};                  // the subscription
    std::vector<std::pair<std::string, celery::WorkerPhase>> workers = {};
    std::vector<std::string> deaf = {};  // online, and follow no remote control nor tell of tasks
    std::vector<std::string> deserted = {};  // queues of active jobs on which no worker listens
};

struct HealthFacts {
    std::chrono::microseconds last_commit{};  // how long the newest commit took
    std::string store_error = {};             // why nothing is written any more; empty: all is fine
    std::optional<Instant> undecided_since = {};  // since when no slot can be decided
    std::string undecided_why = {};
    std::vector<std::string> stalled = {};  // loops that stand still beyond their limit
    std::optional<Instant> resumes_at =
        {};                                // the clock was set back: until then no slot is decided
    std::chrono::microseconds lateness{};  // how late the newest turn decided its oldest slot
    std::int64_t jobs_in_trouble = 0;      // whose slots cannot be served: domain::Trouble
    bool clock_synchronised = true;        // as the kernel says
    std::int64_t waiting_runs = 0;         // pending for want of a local slot
    std::optional<FleetFacts> fleet = {};  // nothing: no broker is configured
    std::int64_t stranded_runs = 0;        // with messages for one, where none is configured
};

// Pure but for `since`, which judge() leaves to HealthWatch.
Health judge(const HealthFacts& facts);

// Why requests should go elsewhere: nothing can be written, or no slot decided. Empty: it is ready.
std::string not_ready(const Health& health);

// Whether both say the same of every part; latencies and times aside.
bool is_same_news(const Health& a, const Health& b);

// Remembers since when each part is as it is. Any thread.
class HealthWatch {
public:
    Health look(const HealthFacts& facts, Instant now);

private:
    std::mutex mutex_;
    std::optional<Health> last_;
};

}  // namespace cjv::monitor
