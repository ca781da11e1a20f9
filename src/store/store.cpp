#include "store/store.h"

#include <algorithm>

#include "domain/job_json.h"
#include "domain/run_id.h"
#include "store/apart.h"
#include "store/asked.h"
#include "store/at_start.h"
#include "store/chores.h"
#include "store/clean_up.h"
#include "store/decisions.h"
#include "store/jobs.h"
#include "store/lifecycle.h"
#include "store/outbox.h"
#include "store/outputs.h"
#include "store/parts.h"
#include "store/runs.h"
#include "store/settings.h"

namespace cjv::store {
namespace {

constexpr std::size_t kFollowedAtOnce = 200;     // jobs in a commit, when zone data change
constexpr std::int64_t kConfirmedAtOnce = 4;     // batches in a commit
constexpr std::size_t kSentAgainAtOnce = 1'000;  // runs in a commit, when the broker lost its data

std::string user_name(const People& people, UserNumber number) {
    const auto person = people.find(number);
    return person ? person->user.username : std::string();
}

bool is_asked(const RunId& run) {
    const auto parts = domain::decode(run);
    return parts && parts->kind == domain::IdKind::asked;
}

}  // namespace

void Store::start(Progress& progress) { parts_->writer->start(progress); }
void Store::stop() { parts_->writer->stop(); }
bool Store::turn() { return parts_->writer->turn(); }

const domain::Board& Store::board() const { return parts_->memory.board; }
Feed& Store::feed() { return parts_->feed; }
Places& Store::places() { return parts_->memory.places; }
const domain::InstallationKey& Store::installation_key() const { return parts_->key; }
Uuid Store::installation_id() const { return parts_->installation_id(); }
std::int64_t Store::start_number() const { return parts_->start_number; }

// --- decisions

Result<void> Store::commit(std::span<const domain::Decision> decisions) {
    const auto refused = parts_->write(Order::decision, [&](Transaction& tx) {
        tx.takes_places = true;
        tx.draft.outgoing.expect(decisions.size());
        return record_all(tx, decisions);
    });
    if (!refused) return std::unexpected(refused.error());
    parts_->tell(*refused);
    return {};
}

bool Store::stage(std::span<const domain::Decision> decisions, bool is_first, Instant at,
                  Steady until) {
    const auto work = [&](Transaction& tx) -> Result<void> {
        tx.takes_places = true;
        tx.draft.outgoing.expect(decisions.size());
        tx.draft.changes.reserve(2 * decisions.size());  // a run, and its job's next slot
        for (const domain::Decision& decision : decisions)
            if (auto recorded = record(tx, decision); !recorded) return recorded;
        return {};
    };
    return parts_->writer->stage(is_first, work, at, until);
}

void Store::finish_stage() { parts_->writer->finish_stage(); }
Result<bool> Store::commit_staged() { return parts_->writer->commit_staged(); }

Result<std::vector<JobNumber>> Store::commit_at_start(std::span<const JobNumber> jobs) {
    const auto refused =
        parts_->write(Order::decision, [&](Transaction& tx) -> Result<std::vector<Refused>> {
            const auto refusals = do_each(tx, jobs.size(), [&](Transaction& own, std::size_t i) {
                return record_at_start(own, jobs[i]);
            });
            if (!refusals) return std::unexpected(refusals.error());
            std::vector<Refused> refused;
            for (const Refusal& one : *refusals)
                refused.push_back(put_in_trouble(tx, jobs[one.index], one.error.what));
            return refused;
        });
    if (!refused) return std::unexpected(refused.error());
    parts_->tell(*refused);
    std::vector<JobNumber> left;
    for (const Refused& one : *refused) left.push_back(one.job);
    return left;
}

Result<void> Store::follow_zones(const std::set<std::string>& names) {
    std::vector<JobNumber> jobs;
    for (const auto& entry : board().all())
        if (names.contains(entry->job->timezone)) jobs.push_back(entry->number);
    Result<void> outcome;
    for (std::span<const JobNumber> left = jobs; !left.empty();) {
        const auto some = left.first(std::min(kFollowedAtOnce, left.size()));
        left = left.subspan(some.size());
        if (auto done = parts_->follow_zones(some); !done) outcome = std::move(done);
    }
    return outcome;
}

void Store::set_service(const domain::Service& service) {
    const std::scoped_lock lock(parts_->mutex);
    parts_->service = service;
}

Result<Queued> Store::commit_queued(std::span<const RunId> runs) {
    std::vector<std::string> overrides(runs.size());
    std::vector<bool> is_queued(runs.size());
    auto refused = parts_->change_runs(
        runs.size(),
        [&](Transaction& tx, std::size_t i) -> Result<void> {
            is_queued[i] = false;  // from a try before, which was rolled back
            const auto queued = queue_run(tx, runs[i], tx.now);
            if (!queued) return std::unexpected(queued.error());
            is_queued[i] = *queued;
            if (!*queued || !is_asked(runs[i])) return {};
            auto run = store::find_run(tx.db, runs[i]);
            if (!run) return std::unexpected(run.error());
            if (*run) overrides[i] = std::move((*run)->overrides);
            return {};
        },
        [&](std::size_t i) { return runs[i]; });
    if (!refused) return std::unexpected(refused.error());
    Queued queued{.refused = *std::move(refused)};
    for (std::size_t i = 0; i < runs.size(); ++i)
        if (is_queued[i] && std::ranges::find(queued.refused, runs[i]) == queued.refused.end())
            queued.runs.push_back({runs[i], std::move(overrides[i])});
    return queued;
}

Result<std::vector<RunId>> Store::commit_ended(std::span<const Ended> ends, const Why& why) {
    return parts_->change_runs(
        ends.size(),
        [&](Transaction& tx, std::size_t i) -> Result<void> {
            Ended ended = ends[i];
            const auto run = store::find_run(tx.db, ended.run);
            if (!run) return std::unexpected(run.error());
            if (!*run || is_final((*run)->status)) return {};
            if (why && ended.error.empty()) ended.error = why(**run);
            return end_run(tx, ended);
        },
        [&](std::size_t i) { return ends[i].run; });
}

Result<Store::SentAgain> Store::Parts::send_again(const LostBatches& lost,
                                                  const std::function<void()>& on_each) {
    const auto runs = readers->read([&](Database& db) { return lost_runs(db, lost); });
    if (!runs) return std::unexpected(runs.error());
    SentAgain sent;
    for (std::span<const RunId> left = *runs; !left.empty();) {
        if (on_each) on_each();
        const auto some = left.first(std::min(kSentAgainAtOnce, left.size()));
        left = left.subspan(some.size());
        std::vector<bool> is_changed(some.size());
        const auto refused = change_runs(
            some.size(),
            [&](Transaction& tx, std::size_t i) -> Result<void> {
                is_changed[i] = false;  // from a try before, which was rolled back
                const auto done = store::send_again(tx, some[i], lost);
                if (!done) return std::unexpected(done.error());
                is_changed[i] = *done;
                return {};
            },
            [&](std::size_t i) { return some[i]; });
        if (!refused) return std::unexpected(refused.error());
        sent.changed += std::ranges::count(is_changed, true);
        sent.refused += std::ssize(*refused);
    }
    return sent;
}

Result<Store::SentAgain> Store::send_lost_again(const LostBatches& lost,
                                                const std::function<void()>& on_each) {
    const auto left = parts_->write(Order::decision,
                                    [&](Transaction& tx) { return store::confirm_lost(tx, lost); });
    if (!left) return std::unexpected(left.error());
    parts_->confirm_later(*left);
    auto sent = parts_->send_again(lost, on_each);
    if (!sent) return sent;
    sent->refused += std::ssize(*left);
    sent->is_kept = sent->refused > 0;
    const auto done = parts_->write(Order::decision, [&](Transaction& tx) -> Result<void> {
        if (sent->is_kept)
            if (auto kept = store::keep_loss(tx, lost); !kept) return kept;
        return store::forget_lost(tx, lost);
    });
    if (!done) return std::unexpected(done.error());
    return sent;
}

void Store::Parts::confirm_later(const std::vector<NotConfirmed>& refused) {
    for (const NotConfirmed& one : refused) {
        log.error("store.sent_refused", {{"run", to_text(one.run)}, {"error", one.error.what}});
        writer->observe(SentRun{.run = one.run,
                                .batch = one.batch,
                                .at = clock.now(),
                                .installation = installation_id()});
    }
}

Result<void> Store::begin_unmet() { return parts_->write(Order::decision, store::begin_unmet); }
Result<void> Store::end_unmet() { return parts_->write(Order::decision, store::end_unmet); }

Result<void> Store::confirm_pushed_by_another(const std::string& list, std::int64_t until,
                                              const std::function<void()>& on_each) {
    for (;;) {
        const auto batches = parts_->readers->read(
            [&](Database& db) { return batches_until(db, list, until, kConfirmedAtOnce); });
        if (!batches) return std::unexpected(batches.error());
        if (batches->empty()) return {};
        if (on_each) on_each();
        const auto left = parts_->write(
            Order::decision, [&](Transaction& tx) { return store::confirm_apart(tx, *batches); });
        if (!left) return std::unexpected(left.error());
        parts_->confirm_later(*left);
    }
}

Result<Store::SentAgain> Store::send_refused_again(const std::function<void()>& on_each) {
    const auto losses = parts_->readers->read(kept_losses);
    if (!losses) return std::unexpected(losses.error());
    SentAgain all{.is_kept = !losses->empty()};
    for (const LostBatches& lost : *losses) {
        const auto sent = parts_->send_again(lost, on_each);
        if (!sent) return sent;
        all.changed += sent->changed;
        all.refused += sent->refused;
    }
    if (losses->empty() || all.refused > 0) return all;
    // That one of them was sent may be recorded later than now, if that was refused, too.
    const auto dropped = parts_->write(Order::decision, [&](Transaction& tx) {
        return drop_losses(tx, tx.now - std::chrono::days{1});
    });
    if (!dropped) return std::unexpected(dropped.error());
    return all;
}

Result<void> Store::take_new_installation_id() {
    const auto id = parts_->write(Order::decision, [&](Transaction& tx) -> Result<Uuid> {
        if (const auto done = store::forget_numbers(tx); !done)
            return std::unexpected(done.error());
        const auto made = new_installation_id(tx.db, parts_->options.random);
        if (made) tx.draft.installation = *made;
        return made;
    });
    if (!id) return std::unexpected(id.error());
    const std::scoped_lock lock(parts_->mutex);
    parts_->installation = *id;
    return {};
}

// --- promises

Result<domain::EntryPtr> Store::create_job(domain::Job job, const Actor&) {
    if (job.kind == domain::Kind::internal)
        return refuse("kind", "invalid_choice", "Jobs of kind internal are the system's own.");
    job.id = random_id(parts_->options.random);
    // `H` hashes the id: what runs from now on is what the next start will read.
    if (auto parsed = domain::parse_schedule(job, parts_->zones); !parsed)
        return std::unexpected(parsed.error());
    return parts_->write(Order::promise,
                         [&](Transaction& tx) { return store::create_job(tx, job); });
}

Result<domain::EntryPtr> Store::update_job(JobNumber number, std::int64_t before, domain::Job job,
                                           const Actor&) {
    return parts_->write(Order::promise, [&](Transaction& tx) {
        return store::update_job(tx, number, before, job, parts_->outage_at(tx.now));
    });
}

Result<void> Store::delete_job(JobNumber number, std::int64_t before, const Actor& by) {
    return parts_->write(Order::promise, [&](Transaction& tx) {
        return store::delete_job(tx, number, before, parts_->outage_at(tx.now),
                                 user_name(parts_->memory.people, by.user));
    });
}

Result<domain::Run> Store::ask_run(const AskedRun& asked, const Actor& by) {
    return parts_->write(Order::promise,
                         [&](Transaction& tx) { return record_asked(tx, asked, by); });
}

Result<domain::Run> Store::ask_cancel(const RunId& run, bool terminate, const Actor& by) {
    return parts_->write(Order::promise, [&](Transaction& tx) {
        return cancel_run(tx, run, terminate, user_name(parts_->memory.people, by.user));
    });
}

// --- observations

void Store::observe_reason(const RunId& run, domain::Reason reason) {
    parts_->writer->observe(PendingReason{run, reason});
}
void Store::observe_started(Started started) { parts_->writer->observe(std::move(started)); }
void Store::observe_output(const OutputRound& round) { parts_->writer->observe(pack(round)); }
void Store::observe_sent(Sent sent) {
    sent.installation = installation_id();
    parts_->writer->observe(std::move(sent));
}
void Store::observe_ended(Ended ended) { parts_->writer->observe(std::move(ended)); }
void Store::observe_task(TaskNews news) { parts_->writer->observe(std::move(news)); }
std::uint64_t Store::waiting_output_bytes() const { return parts_->writer->waiting_output_bytes(); }

Result<std::int64_t> Store::clean_up_slice(Instant before) {
    const auto old =
        parts_->readers->read([&](Database& db) { return find_old(db, before, kOldAtOnce); });
    if (!old) return std::unexpected(old.error());
    for (std::span<const Old> left = *old; !left.empty();) {
        const auto gone = parts_->write(Order::chore, [&](Transaction& tx) {
            return remove_old(tx, left, parts_->clock, parts_->clock.steady() + kCleanUpTime);
        });
        if (!gone) return std::unexpected(gone.error());
        left = left.subspan(*gone);
    }
    return std::ssize(*old);
}

}  // namespace cjv::store
