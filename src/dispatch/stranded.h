#pragma once
// Runs that have a message for a broker, where none is configured: they wait, say so, and leave when one is. Only for a
// server without a broker.

#include "base/error.h"
#include "store/store.h"

#include <cstdint>
#include <mutex>
#include <unordered_set>

namespace cjv::dispatch {

class Stranded {
public:
    explicit Stranded(store::Store& store) : store_(store) {}

    // What servers with a broker left. Before the store's writer starts.
    Result<void> recover();
    // Subscribe this to the store's feed. Writer's thread.
    void on_commit(const store::Commit& commit);
    std::int64_t count() const;  // any thread

private:
    store::Store& store_;
    mutable std::mutex mutex_;
    std::unordered_set<RunId> runs_;
};

}  // namespace cjv::dispatch
