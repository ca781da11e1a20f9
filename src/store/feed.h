#pragma once
// What each commit changed, for whoever subscribed in `app`. Nothing is seen here before it is durable, but for what is
// staged, which is to be got ready for and no more.

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <iterator>
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
    bool is_posted = false;  // of a run that is pending: a batch of the same commit has its message
    // Of a run that is queued by its decision: it has one of the machine's places (see places.h), and starts now.
    bool has_place = false;
};

struct Commit {
    std::uint64_t sequence = 0;  // 1, 2, 3 … within one start of the server
    Instant at{};
    std::vector<Change> changes;
    std::vector<BatchPtr> batches = {};  // for the broker, in the order of their lists
};

// What a commit will say, if it comes to be: see stage.h. Whoever gets ready lets go of it at `until`, for nobody is told
// when it is taken back.
struct Staged {
    const std::vector<Change>& changes;
    const std::vector<BatchPtr>& batches;
    Steady until;
};

class Feed {
public:
    // Called on the writer's thread after each commit, in order, after the board has been brought up to date.
    // Must be quick and must not call the store's writing side. Subscribe before the writer starts.
    using Listener = std::function<void(const Commit&)>;
    void subscribe(Listener listener) { listeners_.push_back(std::move(listener)); }
    // The same, before the board is up to date: for who looks at the commit alone and is in a hurry.
    void subscribe_first(Listener listener) { first_.push_back(std::move(listener)); }
    // The same, once all of it is staged. None of it has happened, and most likely all of it will.
    using StagedListener = std::function<void(const Staged&)>;
    void subscribe_to_staged(StagedListener listener) {
        staged_listeners_.push_back(std::move(listener));
    }
    void publish_first(const Commit& commit) const {
        for (const auto& listener : first_) listener(commit);
    }
    void publish(const Commit& commit) const {
        for (const auto& listener : listeners_) listener(commit);
    }

    void publish(const Staged& staged) const {
        for (const auto& listener : staged_listeners_) listener(staged);
    }

private:
    std::vector<Listener> first_, listeners_;
    std::vector<StagedListener> staged_listeners_;
};

// Changes that wait for a thread of the subscriber's own. Any thread may call either.
class Inbox {
public:
    void put(const Commit& commit) {
        const std::scoped_lock lock(mutex_);
        changes_.insert(changes_.end(), commit.changes.begin(), commit.changes.end());
    }
    // Those that are `wanted`. False: none is.
    template <std::predicate<const Change&> Wanted>
    bool put(const std::vector<Change>& changes, Wanted wanted) {
        const auto first = std::ranges::find_if(changes, wanted);
        if (first == changes.end()) return false;
        const std::scoped_lock lock(mutex_);
        std::copy_if(first, changes.end(), std::back_inserter(changes_), wanted);
        return true;
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
