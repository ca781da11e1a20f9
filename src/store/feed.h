#pragma once
// What each commit changed, for whoever subscribed in `app`. Nothing is seen here before it is durable.

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "domain/run.h"
#include "store/batch.h"

namespace cjv::store {

struct Change {
    enum class What : std::uint8_t {
        job,  // put on the board, or replaced: definition or cursor
        job_removed,
        run,           // recorded, or its status or reason changed
        skip,          // a range of slots was recorded as skipped or missed
        output,        // a run has more output
        cancel_asked,  // a person wants a run that is not final to end
    };
    What what = What::job;
    JobNumber job;
    RunId run = {};
    // Of a run; nothing: it is new. One of a job is pending then; a task that others sent is what it is by now.
    std::optional<domain::Status> before = {};
    domain::Status after = domain::Status::pending;
    domain::Reason reason = domain::Reason::none;
    domain::Trigger trigger = domain::Trigger::schedule;
    std::optional<Instant> slot = {};
    bool terminate = false;  // cancel_asked: kill at once
    // Of a run that is queued by its decision: it has one of the machine's places (see places.h), and starts now.
    bool has_place = false;
};

struct Commit {
    std::uint64_t sequence = 0;  // 1, 2, 3 … within one start of the server
    Instant at{};
    std::vector<Change> changes;
    std::vector<BatchPtr> batches = {};  // for the broker, in the order of their lists
};

class Feed {
public:
    // Called on the writer's thread after each commit, in order, after the board has been brought up to date.
    // Must be quick and must not call the store's writing side. Subscribe before the writer starts.
    using Listener = std::function<void(const Commit&)>;
    void subscribe(Listener listener) { listeners_.push_back(std::move(listener)); }
    void publish(const Commit& commit) const {
        for (const auto& listener : listeners_) listener(commit);
    }

private:
    std::vector<Listener> listeners_;
};

// Changes that wait for a thread of the subscriber's own. Any thread may call either.
class Inbox {
public:
    void put(const Commit& commit) {
        const std::scoped_lock lock(mutex_);
        changes_.insert(changes_.end(), commit.changes.begin(), commit.changes.end());
    }
    std::vector<Change> take() {
        const std::scoped_lock lock(mutex_);
        return std::exchange(changes_, {});
    }

private:
    std::mutex mutex_;
    std::vector<Change> changes_;
};

}  // namespace cjv::store
