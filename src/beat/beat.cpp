#include "beat/beat.h"

#include "base/iso8601.h"

#include <algorithm>
#include <span>
#include <utility>

namespace cjv::beat {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBatch = 1'000;  // so that a burst leaves while its next part is decided
// Of a long outage a turn looks at so many slots of one job (a day of seconds), and of all together: some ten
// milliseconds. What is on time does not wait for the rest.
constexpr std::int64_t kPassedOfAJob = 100'000;
constexpr std::int64_t kPassedATurn = 1'000'000;
constexpr auto kCountBefore = 500ms;  // an instant's jobs are counted so long before it
// Decisions are staged so long before it: what the work takes where memory is slow, and a little more. What is not touched
// for longer is slow again.
constexpr auto kStageBefore = 30ms;
constexpr auto kStageOne = 25us;
constexpr std::size_t kStageMost = 10'000;
constexpr auto kStageAfter = 100ms;  // staged decisions that nobody commits are taken back
constexpr auto kAtMost = 1s;         // the longest sleep
constexpr auto kSetBack = 1s;      // a clock that goes back less is being corrected as it should be
constexpr auto kRemembered = 60s;  // how long health speaks of a late turn
constexpr auto kTryAgain = 60s;    // when what the store refused is decided anew

}  // namespace

Beat::Beat(store::Store& store, const Clock& clock, Log& log, Mark& mark)
    : store_(store), clock_(clock), log_(log), mark_(mark) {
    for (const auto& entry : store.board().all()) {
        due_.set(entry->number, entry->next_slot);
        newest_ = std::max(newest_, entry->decided_until);
        if (entry->job->is_active && entry->job->schedule.is_at_start())
            at_start_.push_back(entry->number);
    }
    store_.set_service(service_);
}

void Beat::on_commit(const store::Commit& commit) {
    using What = store::Change::What;
    bool is_ours = false;
    const std::scoped_lock lock(mutex_);
    for (const store::Change& change : commit.changes) {
        if (change.what != What::job && change.what != What::job_removed) continue;
        changed_.push_back(change.job);
        is_ours = true;
    }
    if (is_ours) alarm_.wake();
}

void Beat::loop(const std::stop_token& stop) {
    const std::stop_callback wake(stop, [this] { alarm_.wake(); });
    while (!stop.stop_requested()) {
        const Result<Instant> wake_at = turn();
        if (stop.stop_requested()) return;  // the turn may have forgotten that it was rung for it
        alarm_.sleep_until(wake_at ? *wake_at : clock_.now() + kAtMost);
    }
}

Result<Instant> Beat::turn() {
    mark_.move(clock_.steady());
    const Instant now = clock_.now();
    Result<Instant> outcome = try_turn(now);
    report_outcome(outcome, now);
    return outcome;
}

// Whatever happens in one turn, there is another.
Result<Instant> Beat::try_turn(Instant now) try {
    watch_clock(now);
    follow_feed();
    take_back();
    if (const auto recorded = run_at_start(); !recorded) return std::unexpected(recorded.error());
    if (const auto decided = decide(now); !decided) return std::unexpected(decided.error());
    follow_feed();

    service_.last_turn = now;  // not before: while the store is away, time is an outage as well
    store_.set_service(service_);
    newest_ = std::max(newest_, now);
    return std::min(prepare_next(now), now + kAtMost);
} catch (const std::exception& error) {
    return fail(Errc::unavailable, error.what());
}

void Beat::report_outcome(const Result<Instant>& outcome, Instant now) {
    const bool was_failing = report_.failure.has_value();  // written by this thread alone
    if (outcome && was_failing) log_.info("beat.turns_again");
    if (!outcome && !was_failing) log_.warn("beat.turn_failed", {{"error", outcome.error().what}});
    const std::scoped_lock lock(mutex_);
    if (outcome)
        report_.failure.reset();
    else
        report_.failure = {.since = was_failing ? report_.failure->since : now,
                           .error = outcome.error().what};
}

// A long time without a turn, whatever the reason, and a clock that was set.
void Beat::watch_clock(Instant now) {
    const auto& [known, last_turn] = service_;
    if (last_turn && now - *last_turn > domain::kStall && known.until <= *last_turn)
        log_.warn("beat.stalled", {{"since", to_iso8601(*last_turn)}});
    service_.outage = outage_at(service_, now);

    const bool is_set_back = now < newest_ - kSetBack;
    if (is_set_back && !report_.resumes_at)  // written by this thread alone
        log_.warn("beat.clock_set_back", {{"resumes_at", to_iso8601(newest_)}});
    if (is_set_back) counted_ = stage_tried_ = Instant::min();  // its time comes once more
    const std::scoped_lock lock(mutex_);
    report_.resumes_at = is_set_back ? std::optional(newest_) : std::nullopt;
}

// The heap follows commits, our own among them, and nothing else: a turn whose commit failed finds
// the same slots due again, and an edit needs no second way in.
void Beat::follow_feed() {
    alarm_.clear();  // before the look: what comes after it rings again
    std::vector<JobNumber> changed;
    {
        const std::scoped_lock lock(mutex_);
        changed.swap(changed_);
    }
    for (const JobNumber job : changed) {
        const auto entry = store_.board().find(job);
        const bool is_served = entry && entry->trouble == domain::Trouble::none;
        due_.set(job, is_served ? entry->next_slot : std::nullopt);
        if (entry && !is_served)
            set_aside_.insert_or_assign(job, clock_.steady() + kTryAgain);
        else
            set_aside_.erase(job);
    }
}

void Beat::take_back() {
    std::erase_if(set_aside_, [&](const auto& one) {
        const auto& [job, when] = one;
        if (clock_.steady() < when) return false;
        if (const auto entry = store_.board().find(job)) due_.set(job, entry->next_slot);
        return true;
    });
}

// Once for each start of a server: what is recorded is not asked for again, and the next start has a beat of its
// own.
Result<void> Beat::run_at_start() {
    if (at_start_.empty() || clock_.steady() < at_start_again_) return {};
    auto refused = store_.commit_at_start(at_start_);
    if (!refused) return fail(refused.error(), "commit runs of the start");
    at_start_ = *std::move(refused);
    at_start_again_ = clock_.steady() + kTryAgain;
    return {};
}

// What was staged is what would be planned now, if its jobs have no other slots by now: the store has taken it
// back if anything has been written since.
Result<bool> Beat::decide_staged(Instant now) {
    if (!staged_ || now < staged_->at) return false;
    const Staged staged = *std::exchange(staged_, std::nullopt);
    if (now >= staged.until || service_.outage.until > staged.at) return false;
    auto done = store_.commit_staged();
    if (!done || !*done) return done;
    decided_at_ = clock_.steady();
    report_lateness(now - staged.at);
    return true;
}

Result<void> Beat::decide(Instant now) {
    const Result<bool> was_staged = decide_staged(now);
    if (!was_staged) return fail(was_staged.error(), "commit decisions");
    if (*was_staged) return {};
    std::vector<domain::Decision> decisions;
    std::chrono::microseconds lateness{};
    const domain::Outage& outage = service_.outage;
    std::int64_t passed_left = kPassedATurn;
    for (const JobNumber job : due_.until(now, kBatch)) {
        // The board may be ahead of us: what it says counts.
        const auto entry = store_.board().find(job);
        const auto slot = entry ? entry->next_slot : std::nullopt;
        if (!slot || *slot > now) continue;
        const bool is_on_time = entry->trouble == domain::Trouble::none && *slot >= outage.until;
        if (!is_on_time && passed_left <= 0) continue;  // it stays due
        if (entry->trouble == domain::Trouble::none)
            lateness = std::max(lateness, now - std::max(*slot, outage.until));
        decisions.push_back(domain::plan(*entry, outage, now, kPassedOfAJob));
        if (!is_on_time) passed_left -= slots_of(decisions.back());
    }
    if (decisions.empty()) {
        if (clock_.steady() - decided_at_ > kRemembered) report_lateness({});
        return {};
    }

    const Result<void> kept = store_.commit(decisions);  // returns when it is on disk
    if (!kept) return fail(kept.error(), "commit decisions");
    decided_at_ = clock_.steady();
    report_lateness(lateness);
    return {};
}

// Gets ready for the next instant, in two steps: jobs are counted, then what is to be decided of them is staged, the
// earlier the more they are. When to come again.
Instant Beat::prepare_next(Instant now) {
    const auto next = due_.soonest();
    if (!next) return Instant::max();
    if (*next <= now) return *next;
    if (counted_ != *next) {
        if (now < *next - kCountBefore) return *next - kCountBefore;
        counted_ = *next;
        stage_before_ = kStageBefore + kStageOne * due_.count(*next, kStageMost);
    }
    if (stage_tried_ != *next) {
        if (now < *next - stage_before_) return *next - stage_before_;
        stage(*next);
    }
    return *next;
}

// As far as time allows; what is not staged is decided in its turn.
void Beat::stage(Instant next) {
    stage_tried_ = next;
    staged_.reset();
    // The clock may have been set since we looked.
    const auto left = std::clamp(next - clock_.now(), 0us, stage_before_);
    const Steady until = clock_.steady() + left + kStageAfter;
    const auto jobs = due_.until(next, kStageMost);
    Staged staged{.at = next, .until = Instant::max()};
    std::size_t count = 0;
    for (auto rest = std::span(jobs); !rest.empty();) {
        const auto batch = rest.first(std::min(rest.size(), kBatch));
        rest = rest.subspan(batch.size());
        std::vector<domain::Decision> decisions;
        for (const JobNumber job : batch) {
            const auto entry = store_.board().find(job);
            if (!entry || entry->next_slot != next) continue;
            auto decision = domain::plan(*entry, service_.outage, next, kPassedOfAJob);
            if (!decision.passed.empty()) continue;
            staged.until = std::min(staged.until, decision.next.value_or(Instant::max()));
            decisions.push_back(std::move(decision));
        }
        if (decisions.empty()) continue;
        if (!store_.stage(decisions, count == 0, next, until)) {
            staged_.reset();
            break;
        }
        staged_ = staged;
        count += decisions.size();
        if (clock_.now() >= next) break;
    }
    if (staged_ && clock_.now() < next) store_.finish_stage();
    // A store that held it up is back, and what became due meanwhile is late and not unserved.
    service_.last_turn = clock_.now();
    store_.set_service(service_);
}

void Beat::report_lateness(std::chrono::microseconds lateness) {
    const std::scoped_lock lock(mutex_);
    report_.lateness = lateness;
}

Report Beat::report() const {
    const std::scoped_lock lock(mutex_);
    return report_;
}

}  // namespace cjv::beat
