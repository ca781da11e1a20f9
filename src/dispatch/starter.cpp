#include "dispatch/starter.h"

#include "dispatch/command.h"

#include <algorithm>
#include <utility>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;
using domain::Kind;
using domain::Reason;
using domain::Status;
using store::Change;

constexpr auto kRetry = 1s;  // when the store was away
constexpr std::chrono::milliseconds kLookForPlace{
    1000};  // one may be given back by a decision that did not come to be

bool holds(const std::vector<RunId>& runs, const RunId& run) {
    return std::ranges::find(runs, run) != runs.end();
}

std::chrono::milliseconds until(Steady then, Steady now) {
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(then - now), 0ms);
}

}  // namespace

Starter::Starter(store::Store& store, const Clock& clock, Log& log, const Settings& settings,
                 Doors doors)
    : store_(store), clock_(clock), log_(log), settings_(settings), doors_(std::move(doors)) {
    store.places().open(settings.concurrency);
}

bool Starter::concerns(const Change& change) {
    return change.what == Change::What::run &&
           (change.after == Status::pending || change.has_place || is_final(change.after)) &&
           change.reason != Reason::broker_away;
}

bool Starter::has(const RunId& run) const {
    const std::scoped_lock lock(mutex_);
    return handed_.contains(run);
}

Starter::Refusal Starter::deleted(const Waiting& waiting, Instant now) {
    return {waiting,
            {.run = waiting.run,
             .at = now,
             .status = Status::cancelled,
             .reason = Reason::revoked,
             .error = "The job was deleted before the run could start."}};
}

// Without `why` the run itself says it: see why_undeliverable().
Starter::Refusal Starter::undeliverable(const Waiting& waiting, Instant now, std::string why) {
    return {waiting,
            {.run = waiting.run,
             .at = now,
             .status = Status::failed,
             .reason = Reason::undeliverable,
             .error = std::move(why)}};
}

// What has a message is the broker's, and does not come here. Writer's thread.
std::string Starter::why_undeliverable(const domain::Run& run) const {
    if (!settings_.celery_refusal) return "No broker is configured.";
    const auto entry = store_.board().find(run.job);
    std::string why = entry ? settings_.celery_refusal(*entry->job, run) : "The job was deleted.";
    return why.empty() ? "The message of this run is not there." : why;
}

void Starter::take(const Waiting& waiting) {
    const auto entry = store_.board().find(waiting.job);
    if (!entry) return refusals_.push_back(deleted(waiting, clock_.now()));
    switch (entry->job->kind) {
        case Kind::command:
            if (queue_.push(waiting)) newcomers_.push_back(waiting.run);
            return;
        case Kind::internal: chores_due_.push_back(waiting); return;
        case Kind::celery: refusals_.push_back(undeliverable(waiting, clock_.now())); return;
        case Kind::http:
            refusals_.push_back(
                undeliverable(waiting, clock_.now(), "This version cannot send HTTP requests."));
            return;
    }
}

void Starter::follow(const Change& change) {
    if (!concerns(change)) return;
    if (is_final(change.after) || change.reason == Reason::waiting_overlap) {
        queue_.remove(change.run);
        set_aside_.remove(change.run);
        std::erase_if(placed_, [&](const Waiting& waiting) {
            if (waiting.run != change.run) return false;
            give_back_place(waiting);
            return true;
        });
        const std::scoped_lock lock(mutex_);
        handed_.erase(change.run);
        return;
    }
    if (change.has_place) {
        queue_.remove(change.run);
        std::erase_if(refusals_, [&](const Refusal& one) { return one.waiting.run == change.run; });
        placed_.push_back(
            {.run = change.run, .job = change.job, .slot = change.slot, .has_place = true});
        const std::scoped_lock lock(mutex_);
        handed_.insert(change.run);
        return;
    }
    if (set_aside_.contains(change.run)) return;
    {
        const std::scoped_lock lock(mutex_);
        if (handed_.contains(change.run)) return;  // older news than our own
    }
    take({.run = change.run, .job = change.job, .slot = change.slot});
}

// What stands in its way is told when it comes.
void Starter::expect(const Change& change) {
    const auto entry = store_.board().find(change.job);
    if (!entry || is_stopping_) return;
    if (auto ready = prepare(*entry->job, {.run = change.run, .slot = change.slot, .overrides = {}},
                             settings_))
        doors_.soon(*std::move(ready));
}

// False: the store is away, and they stay.
bool Starter::refuse() {
    if (refusals_.empty()) return true;
    std::vector<store::Ended> ends;
    ends.reserve(refusals_.size());
    for (const Refusal& refusal : refusals_) ends.push_back(refusal.end);
    const auto left = store_.commit_ended(
        ends, [this](const domain::Run& run) { return why_undeliverable(run); });
    if (!left) {
        log_.warn("dispatch.refusal_not_recorded", {{"error", left.error().what}});
        return false;
    }
    for (const Refusal& refusal : refusals_)
        if (holds(*left, refusal.end.run)) try_later(refusal.waiting);
    refusals_.clear();
    return true;
}

// The database has refused to change the run, and the log says why; it may have been cured by then.
void Starter::try_later(const Waiting& waiting) {
    set_aside_.put(waiting, clock_.steady() + settings_.refused_again);
}

void Starter::take_back() {
    for (const Waiting& waiting : set_aside_.take(clock_.steady())) take(waiting);
}

void Starter::start_nothing_more() {
    store_.places().close();
    is_stopping_ = true;
}

void Starter::give_back_place(const Waiting& waiting) {
    if (waiting.has_place) store_.places().give_back();
}

// Their decision is on disk, and says that they start.
void Starter::start_placed() {
    for (const Waiting& waiting : std::exchange(placed_, {})) {
        if (!is_stopping_) {
            hand_over(waiting, {});
            continue;
        }
        give_back_place(waiting);
        store_.observe_ended({.run = waiting.run,
                              .at = clock_.now(),
                              .status = Status::cancelled,
                              .reason = Reason::shutdown,
                              .error = "The server was stopped before the run could start."});
    }
}

// What may start now: chores, and as many commands as there are places.
std::vector<Waiting> Starter::due() {
    if (is_stopping_) return {};
    std::vector<Waiting> due = std::exchange(chores_due_, {});
    while (queue_.size() > 0 && store_.places().take()) {
        due.push_back(*queue_.pop());
        due.back().has_place = true;
    }
    return due;
}

void Starter::put_back(const std::vector<Waiting>& due) {
    const std::scoped_lock lock(mutex_);
    for (const Waiting& waiting : due) {
        handed_.erase(waiting.run);
        give_back_place(waiting);
        take({.run = waiting.run, .job = waiting.job, .slot = waiting.slot});
    }
}

// One commit for all that start together; only then does anything start. False: the store is away.
bool Starter::start_due() {
    const auto all = due();
    if (all.empty()) return true;
    std::vector<RunId> runs;
    runs.reserve(all.size());
    for (const Waiting& waiting : all) runs.push_back(waiting.run);
    {
        const std::scoped_lock lock(mutex_);
        handed_.insert(runs.begin(), runs.end());
    }
    const auto queued = store_.commit_queued(runs);
    if (!queued) {
        log_.warn("dispatch.not_queued", {{"error", queued.error().what}, {"runs", runs.size()}});
        put_back(all);
        return false;
    }
    auto next = queued->runs.begin();
    for (const Waiting& waiting : all) {
        if (next != queued->runs.end() && next->run == waiting.run) {
            hand_over(waiting, next->overrides);
            ++next;
            continue;
        }
        {
            const std::scoped_lock lock(mutex_);
            handed_.erase(waiting.run);
        }
        give_back_place(waiting);
        if (holds(queued->refused, waiting.run)) try_later(waiting);
    }
    return true;
}

void Starter::hand_over(const Waiting& waiting, const std::string& overrides) {
    const auto entry = store_.board().find(waiting.job);
    if (!entry) {
        give_back_place(waiting);
        store_.observe_ended(
            not_started(waiting.run, {Errc::not_found, "the job was deleted"}, clock_.now()));
    } else if (entry->job->kind == Kind::internal) {
        give_back_place(waiting);
        start_chore(waiting, *entry->job);
    } else {
        start_command(waiting, *entry->job, overrides);
    }
}

void Starter::start_chore(const Waiting& waiting, const domain::Job& job) {
    const auto target = domain::internal_target(job);
    if (target)
        doors_.chore({waiting.run, *target});
    else
        store_.observe_ended(not_started(waiting.run, target.error(), clock_.now()));
}

void Starter::start_command(const Waiting& waiting, const domain::Job& job,
                            const std::string& overrides) {
    auto ready =
        prepare(job, {.run = waiting.run, .slot = waiting.slot, .overrides = overrides}, settings_);
    if (!ready) {
        give_back_place(waiting);
        return store_.observe_ended(not_started(waiting.run, ready.error(), clock_.now()));
    }
    doors_.command(*std::move(ready));
}

std::optional<std::chrono::milliseconds> Starter::turn() {
    take_back();
    start_placed();
    const bool refused = refuse();
    const bool started = start_due();
    for (const RunId& run : std::exchange(newcomers_, {}))
        if (queue_.contains(run)) store_.observe_reason(run, Reason::no_local_slot);
    waiting_ = std::int64_t(queue_.size());
    store_.places().keep_for_others(queue_.size() > 0);
    return next_look(!refused || !started);
}

std::optional<std::chrono::milliseconds> Starter::next_look(bool is_store_away) const {
    std::optional<std::chrono::milliseconds> in;
    if (is_store_away) in = kRetry;
    if (queue_.size() > 0 && !is_stopping_)
        in = std::min(in.value_or(kLookForPlace), kLookForPlace);
    if (const auto soonest = set_aside_.soonest()) {
        const auto left = until(*soonest, clock_.steady());
        in = std::min(in.value_or(left), left);
    }
    return in;
}

}  // namespace cjv::dispatch
