#pragma once
// The queues on the broker: how deep they are, who listens, what lies in them. Asks Redis when asked.

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "celery/task_routes.h"
#include "celery/transport.h"
#include "monitor/workers.h"
#include "net/redis.h"
#include "store/store.h"

namespace cjv::monitor {

struct Queue {
    std::string name;
    std::int64_t depth = 0;                 // messages that wait, of all priorities
    std::optional<std::int64_t> unacked{};  // that workers hold; nothing: too many to be counted
    std::int64_t consumers = 0;             // workers that are online or late
    // When the message that is served next was sent; known of ours alone.
    std::optional<Instant> oldest_at = {};
};

// A message in a queue; what cannot be read is empty.
struct QueuedMessage {
    std::string task = {};
    std::string id = {};
    std::string args = {};  // Python's repr, as its sender wrote it
    std::string kwargs = {};
    std::optional<Instant> eta = {};
    std::optional<Instant> expires = {};
    int priority = 0;
    std::int64_t retries = 0;
    std::string unread = {};  // why the message, or its body, was not read; empty: it was
};

// Any thread but the io thread; several may ask at a time. Errors are `unavailable`.
class Queues {
public:
    // All must outlive it.
    Queues(store::Store& store, net::Redis& broker, celery::Transport transport,
           celery::TaskRoutes routes, const Workers& workers, const Clock& clock)
        : store_(store),
          broker_(broker),
          transport_(std::move(transport)),
          routes_(std::move(routes)),
          workers_(workers),
          clock_(clock) {}

    // Every queue that workers listen on, that a job names, or that is bound on the broker; by name.
    Result<std::vector<Queue>> measure();
    // At most `limit` messages, those that are served next first.
    Result<std::vector<QueuedMessage>> messages(const std::string& queue, std::int64_t limit);

    // Queues of active jobs on which nobody listens, by name. None while there is no worker to ask.
    std::vector<std::string> deserted() const;

private:
    std::set<std::string> queues_of_jobs(bool active_only) const;
    std::map<std::string, std::int64_t> consumers() const;
    // Looks for what is bound as often as the size of Redis allows.
    Result<std::set<std::string>> bound();
    Result<std::set<std::string>> scan() const;
    Result<std::optional<std::map<std::string, std::int64_t>>> unacked() const;
    Result<void> look_at_heads(std::vector<Queue>& queues,
                               const std::vector<std::vector<std::int64_t>>& depths) const;

    store::Store& store_;
    net::Redis& broker_;
    const celery::Transport transport_;
    const celery::TaskRoutes routes_;
    const Workers& workers_;
    const Clock& clock_;

    std::mutex mutex_;
    std::set<std::string> bound_;
    std::optional<Steady> scan_at_ = {};
};

}  // namespace cjv::monitor
