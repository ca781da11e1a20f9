#pragma once
// How a decided run leaves, and how it is called back. Nobody calls this: what is pending in the store
// is what there is to do, and the commit feed says when to look.

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "dispatch/settings.h"
#include "store/store.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace cjv::dispatch {

class Dispatch {
public:
    // Everything given must outlive it. The store is open and its writer has not started.
    Dispatch(store::Store& store, const Clock& clock, Log& log, Progress& progress,
             Settings settings);
    // Without a stop() before, what runs is abandoned, as if the server had died.
    ~Dispatch();

    // Before start(): ends what is left of the runs that were going when a server died, and records
    // them as lost(server_crashed). Pending ones stay, and start with the rest. The writer may not
    // run yet.
    Result<void> recover();

    // Subscribe this to the store's feed, before its writer starts. Writer's thread.
    void on_commit(const store::Commit& commit);
    // Subscribe this to what is staged: processes are made for it, which wait. Writer's thread.
    void on_staged(const store::Staged& staged);

    // Starts the threads that run commands and chores, with what is pending.
    void start();
    // Starts nothing more, waits `patience` for what runs, then TERM, ten seconds, KILL; each run
    // ends with what it did, or cancelled(shutdown). `hurry` is asked now and then whether to skip
    // the waiting. Returns when the store has been told all ends and the threads have gone.
    void stop(std::chrono::seconds patience, const std::function<bool()>& hurry);

    // Runs that wait for a free place. Any thread.
    std::int64_t waiting() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace cjv::dispatch
