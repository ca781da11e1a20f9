#include "dispatch/chores.h"

#include "runner/process_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cjv::dispatch {

using domain::Reason;
using domain::Status;

Chores::Chores(store::Store& store, const Clock& clock, std::string worker,
               std::function<void()> on_told)
    : store_(store), clock_(clock), worker_(std::move(worker)), on_told_(std::move(on_told)) {}

Chores::~Chores() { cancel_all(Reason::shutdown); }

void Chores::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { loop(stop); });
}

void Chores::stop() { thread_ = {}; }

void Chores::put(const Chore& chore) {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(chore);
    bell_.notify_all();
}

void Chores::cancel(const RunId& run, Reason why) {
    const std::scoped_lock lock(mutex_);
    const bool waits = std::ranges::find(waiting_, run, &Chore::run) != waiting_.end();
    if (waits || current_ == run) cancelled_.emplace(run, why);
    if (current_ == run) current_stop_.request_stop();
}

void Chores::cancel_all(Reason why) {
    const std::scoped_lock lock(mutex_);
    for (const Chore& chore : waiting_) cancelled_.emplace(chore.run, why);
    if (current_) cancelled_.emplace(*current_, why);
    current_stop_.request_stop();
}

std::size_t Chores::going() const {
    const std::scoped_lock lock(mutex_);
    return waiting_.size() + (current_ ? 1 : 0);
}

void Chores::loop(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        while (turn()) {
        }
        std::unique_lock lock(mutex_);
        bell_.wait(lock, stop, [this] { return !waiting_.empty(); });
    }
}

bool Chores::turn() {
    Chore chore;
    std::stop_token stop;
    {
        const std::scoped_lock lock(mutex_);
        if (waiting_.empty()) return false;
        chore = waiting_.front();
        waiting_.pop_front();
        current_ = chore.run;
        current_stop_ = {};
        if (cancelled_.contains(chore.run)) current_stop_.request_stop();
        stop = current_stop_.get_token();
    }
    perform(chore, stop);
    {
        const std::scoped_lock lock(mutex_);
        cancelled_.erase(chore.run);
        current_.reset();
    }
    on_told_();
    return true;
}

void Chores::perform(const Chore& chore, const std::stop_token& stop) {
    if (stop.stop_requested()) return tell_end(chore.run, std::string());
    store_.observe_started({.run = chore.run, .at = clock_.now(), .worker = worker_});
    const auto action = actions_.find(chore.target.action);
    if (action == actions_.end())
        return tell_end(chore.run, fail(Errc::corrupt, "this server has no such action"));
    const auto done = action->second(chore.target, stop);
    if (done && !done->empty()) {
        store::OutputRound said{.run = chore.run, .chunks = {}, .printed = done->size() + 1};
        said.chunks.push_back({.at = clock_.now(), .bytes = *done + "\n"});
        store_.observe_output(said);
    }
    tell_end(chore.run, done);
}

void Chores::tell_end(const RunId& run, const Result<std::string>& done) {
    store::Ended ended{.run = run, .at = clock_.now()};
    {
        const std::scoped_lock lock(mutex_);
        if (const auto why = cancelled_.find(run); why != cancelled_.end()) {
            ended.status = Status::cancelled;
            ended.reason = why->second;
        } else if (!done) {
            ended.status = Status::failed;
            ended.reason = Reason::exception;
        }
    }
    if (!done) ended.error = done.error().what;
    if (done && !done->empty()) ended.output_size = done->size() + 1;
    store_.observe_ended(std::move(ended));
}

Result<std::string> clean_up(store::Store& store, const Clock& clock, ForwardStep& step,
                             std::int64_t days, const std::stop_token& stop) {
    if (std::string why = step.refusal(); !why.empty()) return fail(Errc::conflict, std::move(why));
    const Instant before = clock.now() - std::chrono::days{days};
    std::int64_t removed = 0;
    while (!stop.stop_requested()) {
        const auto slice = store.clean_up_slice(before);
        if (!slice) return fail(slice.error(), fmt::format("clean up, after {} runs", removed));
        if (*slice == 0) break;
        removed += *slice;
    }
    return fmt::format("Removed {} {} older than {} days{}.", removed,
                       removed == 1 ? "run" : "runs", days,
                       stop.stop_requested() ? ", and was stopped" : "");
}

namespace {

// What shows that nobody runs it any more; empty: nothing does.
Result<std::string> evidence(const domain::Run& run, const std::string& boot_id) {
    if (!run.process) return std::string();
    const auto& [pid, start_time, its_boot] = *run.process;
    const auto alive = runner::is_alive({static_cast<pid_t>(pid), start_time, its_boot}, boot_id);
    if (!alive) return std::unexpected(alive.error());
    if (*alive) return std::string();
    if (its_boot != boot_id)
        return fmt::format("Its process {} was started before the machine's last start.", pid);
    return fmt::format("Its process {} is gone, and nobody told how it ended.", pid);
}

// Whoever reads results ends an overdue run at once, with the result that is stored. Where nobody does, because
// the broker was taken out of the configuration or the result backend is away, this check does, after that.
constexpr std::chrono::minutes kGrace{1};

// Of a run that a broker carries: why its end is not waited for any longer; empty: it is.
std::string overdue(const store::Store& store, const domain::Run& run, Instant now) {
    const auto entry = store.board().find(run.job);
    if (!entry || entry->job->kind != domain::Kind::celery || !entry->job->timeout) return "";
    const auto since = run.started_at ? run.started_at : run.queued_at;
    const std::chrono::seconds timeout{*entry->job->timeout};
    if (!since || now < *since + timeout + kGrace) return "";
    return fmt::format("No end of the task was seen within the {} s of the job's timeout.",
                       timeout.count());
}

}  // namespace

Result<std::string> health_check(store::Store& store, const Clock& clock,
                                 const std::function<bool(const RunId&)>& is_ours) {
    const auto open = store.count_open_runs();
    if (!open) return std::unexpected(open.error());
    // Nobody's end is overdue sooner; and right after a burst the others are many.
    const auto going = store.going_runs(clock.now() - kGrace);
    if (!going) return std::unexpected(going.error());
    const std::string boot_id = runner::read_boot_id();
    if (boot_id.empty()) return fail(Errc::unavailable, "the boot id cannot be read");
    std::vector<store::Ended> lost;
    for (const domain::Run& run : *going) {
        if (std::string why = overdue(store, run, clock.now()); !why.empty()) {
            lost.push_back({.run = run.id,
                            .at = clock.now(),
                            .status = Status::lost,
                            .reason = Reason::no_end_seen,
                            .error = std::move(why)});
            continue;
        }
        if (run.status != Status::running || is_ours(run.id)) continue;
        const auto gone = evidence(run, boot_id);
        if (!gone) return fail(gone.error(), "look for a process");
        if (gone->empty()) continue;
        // It may have ended while we looked.
        const auto now = store.find_run(run.id);
        if (!now) return fail(now.error(), "read a run again");
        if (const auto& again = *now; !again || is_final(again->status)) continue;
        lost.push_back({.run = run.id,
                        .at = clock.now(),
                        .status = Status::lost,
                        .reason = Reason::process_gone,
                        .error = *gone});
    }
    if (const auto told = store.commit_ended(lost); !told) return std::unexpected(told.error());
    return fmt::format("Not final: {}; of these lost: {}.", *open, lost.size());
}

}  // namespace cjv::dispatch
