#pragma once
// Our own jobs, kind `internal`: one at a time, on a thread of their own, since they wait for the store.
// What `app` knows how to do besides, it registers.

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "dispatch/forward_step.h"
#include "domain/job.h"
#include "domain/run.h"
#include "store/store.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace cjv::dispatch {

// Does it, and says in one line what it did. Looks at `stop` between its steps, and returns early.
using Action = std::function<Result<std::string>(const domain::InternalTarget& target,
                                                 const std::stop_token& stop)>;

struct Chore {
    RunId run;
    domain::InternalTarget target;
};

// Any thread may call anything.
class Chores {
public:
    // `on_told`: the store has been told the end of a chore.
    Chores(store::Store& store, const Clock& clock, std::string worker,
           std::function<void()> on_told);
    ~Chores();

    // Before the first chore.
    void add(domain::InternalAction action, Action how) { actions_[action] = std::move(how); }

    void start();
    void stop();  // when nothing is going on any more; waits for the thread
    void put(const Chore& chore);
    void cancel(const RunId& run, domain::Reason why);
    void cancel_all(domain::Reason why);
    std::size_t going() const;  // waiting and running

    // One round of the thread, for tests: false when there was nothing to do.
    bool turn();

private:
    void loop(const std::stop_token& stop);
    void perform(const Chore& chore, const std::stop_token& stop);
    void tell_end(const RunId& run, const Result<std::string>& done);

    store::Store& store_;
    const Clock& clock_;
    const std::string worker_;
    const std::function<void()> on_told_;
    std::map<domain::InternalAction, Action> actions_;

    mutable std::mutex mutex_;
    std::condition_variable_any bell_;
    std::deque<Chore> waiting_;
    std::optional<RunId> current_;
    std::stop_source current_stop_;
    std::map<RunId, domain::Reason> cancelled_;
    std::jthread thread_;  // last: it uses all the others
};

// Removes what is older than `days`, slice by slice. `conflict`, and nothing removed, after a step of the
// clock that makes all look old.
Result<std::string> clean_up(store::Store& store, const Clock& clock, ForwardStep& step,
                             std::int64_t days, const std::stop_token& stop);

// Ends runs that the store takes for going while their process is gone and nobody here (`is_ours`)
// knows of them: lost, with the evidence. Age alone proves nothing. A run that a broker carries ends
// lost(no_end_seen) by its job's timeout, because nobody here sees its process.
Result<std::string> health_check(store::Store& store, const Clock& clock,
                                 const std::function<bool(const RunId&)>& is_ours);

}  // namespace cjv::dispatch
