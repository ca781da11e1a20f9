#include "dispatch/stranded.h"

#include <algorithm>

namespace cjv::dispatch {

Result<void> Stranded::recover() {
    const auto posted = store_.posted_runs();
    if (!posted) return fail(posted.error(), "read the runs that have a message");
    if (posted->empty()) return {};
    const std::scoped_lock lock(mutex_);
    return store_.each_open_run([&](const domain::Run& run) {
        if (run.status != domain::Status::pending || !std::ranges::binary_search(*posted, run.id))
            return;
        runs_.insert(run.id);
        if (run.reason != domain::Reason::broker_away)
            store_.observe_reason(run.id, domain::Reason::broker_away);
    });
}

void Stranded::on_commit(const store::Commit& commit) {
    const std::scoped_lock lock(mutex_);
    if (runs_.empty()) return;
    for (const store::Change& change : commit.changes)
        if (change.what == store::Change::What::run && change.after != domain::Status::pending)
            runs_.erase(change.run);
}

std::int64_t Stranded::count() const {
    const std::scoped_lock lock(mutex_);
    return std::int64_t(runs_.size());
}

}  // namespace cjv::dispatch
