#pragma once
// Runs that Celery has and whose end is not known, and when to look after each: soon at first, then ever more
// seldom. Pure; for one thread.

#include <chrono>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "domain/run.h"

namespace cjv::monitor {

class OpenRuns {
public:
    // The run came to be, or has, this status.
    void put(const RunId& run, domain::Status status, Instant now);
    // Look again then, if that is earlier than planned.
    void look_at(const RunId& run, Instant at);

    // At most `most` runs whose time has come, the longest overdue first; each is planned anew.
    std::vector<RunId> due(Instant now, std::size_t most);
    // When the next one is due.
    std::optional<Instant> next() const;

    // How often in a row its worker said that it does not know it.
    int unknown(const RunId& run) const;
    void note_known(const RunId& run, bool is_known);

    std::size_t size() const { return runs_.size(); }

private:
    struct Open {
        domain::Status status = domain::Status::queued;
        std::chrono::milliseconds pause{};
        int unknown = 0;
        Instant look_at{};
    };
    void plan(const RunId& run, Open& open, Instant at);

    std::unordered_map<RunId, Open> runs_;
    std::set<std::pair<Instant, RunId>> plan_;
};

}  // namespace cjv::monitor
