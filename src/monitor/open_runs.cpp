#include "monitor/open_runs.h"

#include <algorithm>

namespace cjv::monitor {
namespace {

using namespace std::chrono_literals;
using domain::Status;

// What is told by events ends long before its first look.
constexpr auto kFirstPause = 3'000ms;
constexpr auto kRunningMost =
    10'000ms;  // a worker that dies takes its runs with it: found within a minute
constexpr auto kWaitingMost = 60'000ms;

}  // namespace

void OpenRuns::plan(const RunId& run, Open& open, Instant at) {
    plan_.erase({open.look_at, run});
    open.look_at = at;
    plan_.insert({at, run});
}

void OpenRuns::put(const RunId& run, Status status, Instant now) {
    const bool is_with_celery = !is_final(status) && status != Status::pending;
    const auto at = runs_.find(run);
    if (!is_with_celery) {
        if (at == runs_.end()) return;
        plan_.erase({at->second.look_at, run});
        runs_.erase(at);
        return;
    }
    Open& open = at == runs_.end() ? runs_[run] : at->second;
    if (at != runs_.end() && open.status == status) return;
    open.status = status;
    open.pause = kFirstPause;
    open.unknown = 0;
    plan(run, open, now + kFirstPause);
}

void OpenRuns::look_at(const RunId& run, Instant at) {
    const auto found = runs_.find(run);
    if (found != runs_.end() && at < found->second.look_at) plan(run, found->second, at);
}

std::vector<RunId> OpenRuns::due(Instant now, std::size_t most) {
    std::vector<RunId> due;
    while (due.size() < most && !plan_.empty() && plan_.begin()->first <= now) {
        const RunId run = plan_.begin()->second;
        Open& open = runs_.at(run);
        const std::chrono::milliseconds longest =
            open.status == Status::running ? kRunningMost : kWaitingMost;
        plan(run, open, now + open.pause);
        open.pause = std::min(2 * open.pause, longest);
        due.push_back(run);
    }
    return due;
}

std::optional<Instant> OpenRuns::next() const {
    if (plan_.empty()) return std::nullopt;
    return plan_.begin()->first;
}

int OpenRuns::unknown(const RunId& run) const {
    const auto at = runs_.find(run);
    return at == runs_.end() ? 0 : at->second.unknown;
}

void OpenRuns::note_known(const RunId& run, bool is_known) {
    if (const auto at = runs_.find(run); at != runs_.end())
        at->second.unknown = is_known ? 0 : at->second.unknown + 1;
}

}  // namespace cjv::monitor
