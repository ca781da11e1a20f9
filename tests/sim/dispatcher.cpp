#include "dispatcher.h"

#include <set>
#include <vector>

namespace cjv::sim {

using domain::Reason, domain::Status;

void Dispatcher::on_commit(const store::Commit& commit) {
    std::set<RunId> posted;  // the broker's
    for (const auto& batch : commit.batches)
        for (const auto& item : batch->items) posted.insert(item.run);
    for (const store::Change& change : commit.changes) {
        if (posted.contains(change.run) || change.reason == Reason::broker_away) continue;
        const auto found = tasks_.find(change.run);
        if (change.what == store::Change::What::cancel_asked && found != tasks_.end()) {
            found->second.is_cancelled = true;
            if (found->second.stage == Stage::ended) found->second.due = in(3);
        }
        if (change.what != store::Change::What::run) continue;
        const bool may_go =
            change.after == Status::pending && change.reason != Reason::waiting_overlap;
        if (may_go && found == tasks_.end()) tasks_[change.run] = {.due = in(3)};
        if (change.has_place)
            tasks_[change.run] = {.stage = Stage::started, .due = in(4), .has_place = true};
        // Of what has been started there may be news to come.
        if (is_final(change.after) && found != tasks_.end() && found->second.stage == Stage::ready)
            tasks_.erase(found);
    }
}

Result<void> Dispatcher::recover(store::Store& store) {
    const auto open = store.open_runs();
    if (!open) return std::unexpected(open.error());
    const auto batches = store.open_batches();
    if (!batches) return std::unexpected(batches.error());
    std::set<RunId> posted;
    for (const auto& batch : *batches)
        for (const auto& item : batch->items) posted.insert(item.run);
    std::vector<store::Ended> lost;
    for (const domain::Run& run : *open) {
        if (posted.contains(run.id) || !run.list.empty() || run.received_at) continue;
        if (run.status != Status::pending)
            lost.push_back({.run = run.id,
                            .at = clock_.now(),
                            .status = Status::lost,
                            .reason = Reason::server_crashed,
                            .error = "the server had died"});
        else if (run.reason != Reason::waiting_overlap)
            tasks_[run.id] = {.due = in(3)};
    }
    const auto told = store.commit_ended(lost);
    if (!told) return std::unexpected(told.error());
    return {};
}

void Dispatcher::step(store::Store& store) {
    start_ready(store);
    for (auto at = tasks_.begin(); at != tasks_.end();) {
        const auto here = at++;  // what we do may let others go, or end this one
        const RunId run = here->first;
        Task& task = here->second;
        if (task.due > clock_.now() || task.stage == Stage::ready) continue;
        const bool is_over =
            task.stage == Stage::started ? begin(store, run, task) : end(store, run, task);
        if (!is_over) continue;
        if (task.has_place) store.places().give_back();
        tasks_.erase(here);
    }
}

void Dispatcher::start_ready(store::Store& store) {
    std::vector<RunId> ready;
    std::vector<store::Ended> failed;
    for (const auto& [run, task] : tasks_) {
        if (task.stage != Stage::ready || task.due > clock_.now()) continue;
        if (goes_wrong(20))
            failed.push_back({.run = run,
                              .at = clock_.now(),
                              .status = Status::failed,
                              .reason = Reason::spawn_error});
        else if (goes_wrong(10))
            store.observe_reason(run, Reason::no_local_slot);
        else
            ready.push_back(run);
    }
    if (!failed.empty()) [[maybe_unused]]
        const auto told = store.commit_ended(failed);  // else the next step tries again
    if (ready.empty()) return;

    const auto queued = store.commit_queued(ready);
    if (!queued) return;
    for (const RunId& run : ready) tasks_.erase(run);
    for (const auto& [run, overrides] : queued->runs)
        tasks_[run] = {.stage = Stage::started, .due = in(4)};
}

// True when nothing more will be heard of the run.
bool Dispatcher::begin(store::Store& store, const RunId& run, Task& task) {
    const store::Started started{.run = run, .at = clock_.now(), .worker = "local"};
    task.started_at = started.at;
    task.is_start_told = !goes_wrong(12);
    if (task.is_start_told) store.observe_started(started);
    if (goes_wrong(12)) store.observe_started(started);
    task.stage = goes_wrong(12) ? Stage::vanished : Stage::ended;
    task.due = in(dice_.one_in(3) ? 900 : 40);
    return false;
}

bool Dispatcher::end(store::Store& store, const RunId& run, Task& task) {
    store::Ended ended{.run = run, .at = clock_.now()};
    if (task.stage == Stage::vanished) {
        ended.status = Status::lost;
        ended.reason = Reason::process_gone;
        const store::Ended lost[] = {ended};
        return store.commit_ended(lost).has_value();
    }
    const std::int64_t fate = dice_.roll(10);
    if (task.is_cancelled) {
        ended.status = Status::cancelled;
        ended.reason = Reason::by_user;
    } else if (fate >= 7) {
        ended.status = fate == 7 ? Status::timed_out : Status::failed;
        ended.reason = fate == 7 ? Reason::none : fate == 8 ? Reason::signal : Reason::exit_code;
    }
    store.observe_ended(ended);
    if (goes_wrong(10)) {
        ended.status = dice_.one_in(2) ? Status::success : Status::failed;
        store.observe_ended(ended);
    }
    if (!task.is_start_told && goes_wrong(2))
        store.observe_started({.run = run, .at = task.started_at, .worker = "local"});
    return true;
}

Instant Dispatcher::in(std::int64_t most_seconds) {
    if (is_healed_) return clock_.now();
    return clock_.now() + std::chrono::milliseconds{dice_.roll(most_seconds * 1'000 + 1)};
}

}  // namespace cjv::sim
