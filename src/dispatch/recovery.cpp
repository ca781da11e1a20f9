#include "dispatch/recovery.h"

#include "runner/leftovers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace cjv::dispatch {
namespace {

using domain::Reason;
using domain::Run;
using domain::Status;

// Of a deleted job we no longer know the kind: then its process, or none, has the word. What a broker carried, or a
// worker received, is not here.
bool runs_here(const store::Store& store, const Run& run) {
    if (!run.job || !run.list.empty() || run.received_at) return false;
    const auto entry = store.board().find(run.job);
    return !entry || entry->job->kind == domain::Kind::command ||
           entry->job->kind == domain::Kind::internal;
}

runner::Abandoned abandoned(const Run& run) {
    runner::Abandoned left{.mark = to_text(run.id)};
    if (run.process)
        left.leader = runner::Identity{static_cast<pid_t>(run.process->pid),
                                       run.process->start_time, run.process->boot_id};
    return left;
}

std::string evidence(const Run& run, const runner::Cleared& cleared) {
    std::string text = "The server died while the run was going";
    if (!cleared.ended.empty())
        text += fmt::format("; of its processes {} were still there and were ended.",
                            fmt::join(cleared.ended, ", "));
    else if (run.process)
        text += fmt::format("; its process {} was gone at the next start.", run.process->pid);
    else
        text += "; no process of it was found at the next start.";
    if (!cleared.gone) text += " Not all of them could be ended.";
    return text;
}

store::Ended lost(const Run& run, const runner::Cleared& cleared, Instant now) {
    store::Ended ended{.run = run.id,
                       .at = now,
                       .status = Status::lost,
                       .reason = Reason::server_crashed,
                       .error = evidence(run, cleared)};
    if (!cleared.strays.empty())
        ended.note = fmt::format("What had left its session was left alone: process {}.",
                                 fmt::join(cleared.strays, ", "));
    return ended;
}

// Read after the lost ones have ended: an end releases what waited for it, and at this time the feed
// tells nobody.
Result<std::vector<Run>> pending_runs(store::Store& store) {
    const auto posted = store.posted_runs();
    if (!posted) return fail(posted.error(), "read the runs that have a message");
    std::vector<Run> pending;
    const auto read = store.each_open_run([&](Run run) {
        const bool is_free = run.status == Status::pending && run.reason != Reason::waiting_overlap;
        if (is_free && !std::ranges::binary_search(*posted, run.id))
            pending.push_back(std::move(run));
    });
    if (!read) return fail(read.error(), "read the runs that may start");
    return pending;
}

}  // namespace

Result<std::vector<Run>> recover(store::Store& store, const Clock& clock, Log& log,
                                 std::chrono::milliseconds patience) {
    std::vector<Run> going;
    std::vector<runner::Abandoned> left;
    const auto read = store.each_open_run([&](Run run) {
        if (run.status == Status::pending || !runs_here(store, run)) return;
        left.push_back(abandoned(run));
        going.push_back(std::move(run));
    });
    if (!read) return fail(read.error(), "read the runs that are not final");

    const auto cleared = runner::end_leftovers(left, "CJV_RUN_ID", patience, clock);
    if (!cleared) return fail(cleared.error(), "look for the processes of the last server");
    std::vector<store::Ended> ends;
    for (std::size_t i = 0; i < going.size(); ++i) {
        ends.push_back(lost(going[i], (*cleared)[i], clock.now()));
        log.warn("dispatch.lost", {{"run", to_text(going[i].id)}, {"evidence", ends.back().error}});
    }
    const auto refused = store.commit_ended(ends);
    if (!refused) return std::unexpected(refused.error());
    // What the database refuses now the writer tries again: nobody else will look at these runs.
    for (store::Ended& end : ends)
        if (std::ranges::find(*refused, end.run) != refused->end())
            store.observe_ended(std::move(end));
    return pending_runs(store);
}

}  // namespace cjv::dispatch
