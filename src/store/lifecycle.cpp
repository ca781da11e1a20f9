#include "store/lifecycle.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "base/iso8601.h"
#include "store/outbox.h"
#include "store/runs.h"

namespace cjv::store {
namespace {

using domain::Entry;
using domain::Reason;
using domain::Run;
using domain::Status;

constexpr auto kCountAsked = "UPDATE cursors SET run_count = $2 WHERE job = $1";
constexpr auto kMarkStarted = R"sql(
    UPDATE cursors SET last_run_at = $2 WHERE job = $1 AND (last_run_at IS NULL OR last_run_at < $2))sql";
// The newest final run is the one with the highest id, not the one that ended last.
constexpr auto kMarkFinal = R"sql(
    UPDATE cursors SET last_status = $2, last_final = $3
    WHERE job = $1 AND (last_final IS NULL OR last_final < $3))sql";

bool is_waiting(Status status, Reason reason) {
    return status == Status::pending && reason == Reason::waiting_overlap;
}

// Adds a run of that status to the job's counters, or takes it off.
void count(Entry& entry, Status status, Reason reason, int sign) {
    if (is_final(status)) return;
    entry.open_count += sign;
    if (status == Status::running) entry.running_count += sign;
    if (is_waiting(status, reason)) entry.waiting_count += sign;
}

Change change_of(const Run& run, std::optional<Status> before) {
    return {.what = Change::What::run,
            .job = run.job,
            .run = run.id,
            .before = before,
            .after = run.status,
            .reason = run.reason,
            .trigger = run.trigger,
            .slot = run.slot};
}

Result<void> mark_final(Transaction& tx, const Run& run) {
    add(tx.draft.totals, run.job, totals_of(run));
    if (!run.job) return {};  // others sent it: no job to count it for, none that waits for it
    const auto marked = tx.db.run(kMarkFinal, {run.job, to_text(run.status), run.id});
    if (!marked) return fail(marked.error(), "mark final");
    if (Entry* entry = tx.draft.change(run.job); entry && *marked == 1)
        entry->last_status = run.status;
    return release_waiting(tx, run.job);
}

// Whether a job's counters know them apart.
bool counts_alike(Status a, Reason why_a, Status b, Reason why_b) {
    return is_final(a) == is_final(b) && (a == Status::running) == (b == Status::running) &&
           is_waiting(a, why_a) == is_waiting(b, why_b);
}

// Counters and feed: the run's status and reason were others.
void tell(Transaction& tx, const Run& run, Status before, Reason reason_before) {
    if (!counts_alike(before, reason_before, run.status, run.reason)) {
        if (Entry* entry = tx.draft.change(run.job)) {
            count(*entry, before, reason_before, -1);
            count(*entry, run.status, run.reason, +1);
        }
    }
    tx.draft.changes.push_back(change_of(run, before));
}

// Writes `run`, whose status and reason were others, with all that follows.
Result<void> keep(Transaction& tx, const Run& run, Status before, Reason reason_before) {
    if (const auto written = update_run(tx.db, run); !written) return written;
    tell(tx, run, before, reason_before);
    return is_final(run.status) ? mark_final(tx, run) : Result<void>();
}

Result<void> mark_started(Transaction& tx, const Run& run) {
    if (!run.job) return {};
    const auto marked = tx.db.run(kMarkStarted, {run.job, run.started_at});
    if (!marked) return fail(marked.error(), "mark start");
    if (Entry* entry = tx.draft.change(run.job); entry && *marked == 1)
        entry->last_run_at = run.started_at;
    return {};
}

// The oldest run that waits goes when none is before it; of a job that was changed to allow overlap, all go.
bool may_release(const Entry& entry) {
    if (entry.waiting_count == 0) return false;
    return entry.open_count == entry.waiting_count || entry.job->overlap == domain::Overlap::allow;
}

Result<void> add_note(Transaction& tx, Run& run, std::string_view sentence) {
    run.notes = with_note(run.notes, sentence, tx.now);
    return update_run(tx.db, run);
}

// The news contradicts what we know; what we know stays. Told twice, it is noted once.
Result<void> note_late_news(Transaction& tx, Run& run, Instant at, Status status) {
    if (status == run.status) return {};
    const std::string sentence = fmt::format("Later news of {}: {}. The run was {} already.",
                                             to_iso8601(at), to_text(status), to_text(run.status));
    if (run.notes.find(sentence) != std::string::npos) return {};
    return add_note(tx, run, sentence);
}

// Of a start only what contradicts: that a run which, we said, never began or is gone was started after all.
Result<void> note_late_task(Transaction& tx, Run& run, const TaskNews& news) {
    if (is_final(news.status))
        return note_late_news(tx, run, news.ended_at.value_or(tx.now), news.status);
    const bool denies_start = run.status == Status::lost || run.status == Status::cancelled ||
                              run.status == Status::missed;
    if (denies_start && news.started_at && !run.started_at)
        return note_late_news(tx, run, *news.started_at, Status::running);
    return {};
}

// The statuses on the way to that of the news, as far as each may follow the one before.
std::vector<Status> way_to(const Run& run, const TaskNews& news) {
    std::vector<Status> way;
    if (run.status == news.status) return way;
    Status at = run.status;
    const auto go = [&](Status next) {
        if (at == next || !may_follow(at, next)) return;
        way.push_back(next);
        at = next;
    };
    if (at == Status::pending) go(Status::queued);
    // What waits for its next attempt ends by way of it, whoever tells.
    const bool has_begun =
        news.started_at || (at == Status::retrying && !may_follow(at, news.status));
    if (has_begun) go(Status::running);
    go(news.status);
    return way;
}

// What does not hang on the status. True when the run knows more than before.
bool take_over(Run& run, const TaskNews& news) {
    const auto known =
        std::tuple(run.received_at, run.started_at, run.worker, run.attempt, run.task, run.error);
    const auto earliest = [](std::optional<Instant>& at, std::optional<Instant> other) {
        if (other && (!at || *other < *at)) at = other;
    };
    earliest(run.received_at, news.received_at);
    earliest(run.started_at, news.started_at);
    run.attempt = std::max(run.attempt, news.attempt);
    if (!news.worker.empty()) run.worker = news.worker;
    if (run.task_id == news.task_id && !news.task.empty()) run.task = news.task;
    if (news.status == Status::retrying) run.error = news.error;
    return known != std::tuple(run.received_at, run.started_at, run.worker, run.attempt, run.task,
                               run.error);
}

void take_end(Run& run, const TaskNews& news, Instant now) {
    run.reason = news.reason;
    // Whoever asked for it is told so; a revoke that we did not ask for keeps its reason.
    if (news.reason == Reason::revoked && run.cancel_requested) run.reason = Reason::by_user;
    run.ended_at = std::max(news.ended_at.value_or(now), run.started_at.value_or(Instant{}));
    run.error = news.error;
    run.traceback = news.traceback;
    run.result = news.result;
    if (!news.note.empty()) run.notes = with_note(run.notes, news.note, now);
}

// To the next status on the way to that of the news.
void go(Run& run, Status next, const TaskNews& news, Instant now) {
    if (run.status == Status::pending)
        run.queued_at = std::min(run.received_at.value_or(now), run.started_at.value_or(now));
    run.status = next;
    run.reason = Reason::none;
    if (is_final(next)) take_end(run, news, now);
}

bool is_late(Transaction& tx, const Run& run) {
    const auto entry = tx.draft.find(run.job);
    return entry && *run.started_at > run.at + std::chrono::seconds{entry->job->grace};
}

Result<void> end_now(Transaction& tx, Run run, const Ended& ended) {
    const Status before = run.status;
    const Reason reason_before = run.reason;
    run.status = ended.status;
    run.reason = ended.reason;
    run.ended_at = ended.at;
    run.exit_code = ended.exit_code;
    if (!ended.error.empty()) run.error = ended.error;
    if (!ended.note.empty()) run.notes = with_note(run.notes, ended.note, tx.now);
    run.output_size = std::max(run.output_size, ended.output_size);
    run.output_cut = std::max(run.output_cut, ended.output_cut);
    return keep(tx, run, before, reason_before);
}

bool is_lost_with(const Run& run, const LostBatches& lost) {
    return run.status == Status::queued && !run.received_at && !run.started_at &&
           run.list == lost.list && run.batch > lost.had && run.batch <= lost.confirmed;
}

Result<bool> ended_with(Transaction& tx, const Run& run, Status status, Reason reason,
                        std::string error) {
    const auto done = end_now(tx, run,
                              {.run = run.id,
                               .at = tx.now,
                               .status = status,
                               .reason = reason,
                               .error = std::move(error)});
    if (!done) return std::unexpected(done.error());
    return true;
}

}  // namespace

Result<void> record_run(Transaction& tx, const Run& run) {
    if (const auto inserted = insert_run(tx.db, run); !inserted) return inserted;
    if (run.status == Status::queued) {
        Run before = run;
        before.status = Status::pending;
        tx.draft.changes.push_back(change_of(before, std::nullopt));
        tx.draft.changes.push_back(change_of(run, Status::pending));
        tx.draft.changes.back().has_place = true;
    } else {
        tx.draft.changes.push_back(change_of(run, std::nullopt));
    }
    Entry* entry = tx.draft.change(run.job);
    count(*entry, run.status, run.reason, +1);
    ++entry->total_run_count;
    if (!is_waiting(run.status, run.reason) && post(tx, *entry->job, run))
        tx.draft.changes.back().is_posted = true;
    if (run.slot) return {};  // written together with the cursor
    const auto counted = tx.db.run(kCountAsked, {run.job, entry->total_run_count});
    if (!counted) return fail(counted.error(), "count run");
    return {};
}

Result<void> record_observed(Transaction& tx, Run run, const TaskNews& news) {
    take_over(run, news);
    for (const Status next : way_to(run, news)) go(run, next, news, tx.now);
    if (const auto inserted = insert_observed(tx.db, run); !inserted) return inserted;
    tx.draft.changes.push_back(change_of(run, std::nullopt));
    return is_final(run.status) ? mark_final(tx, run) : Result<void>();
}

Result<void> release_waiting(Transaction& tx, JobNumber job) {
    for (auto entry = tx.draft.find(job); entry && may_release(*entry);
         entry = tx.draft.find(job)) {
        auto next = oldest_waiting(tx.db, job);
        if (!next) return fail(next.error(), "release");
        if (!*next) return fail(Errc::corrupt, "release: the run that waits is not there");
        (*next)->reason = Reason::none;
        const auto kept = keep(tx, **next, Status::pending, Reason::waiting_overlap);
        if (!kept) return kept;
        if (post(tx, *entry->job, **next)) tx.draft.changes.back().is_posted = true;
    }
    return {};
}

Result<bool> queue_run(Transaction& tx, const RunId& id, Instant at) {
    auto run = find_run(tx.db, id);
    if (!run) return std::unexpected(run.error());
    if (!*run || (*run)->status != Status::pending || (*run)->reason == Reason::waiting_overlap)
        return false;

    const Reason reason_before = (*run)->reason;
    (*run)->status = Status::queued;
    (*run)->reason = Reason::none;
    (*run)->queued_at = at;
    if (const auto kept = keep(tx, **run, Status::pending, reason_before); !kept)
        return std::unexpected(kept.error());
    return true;
}

Result<void> confirm_run(Transaction& tx, const Batch::Item& item, const Sent& sent) {
    if (item.job) {
        const auto queued =
            queue_posted(tx.db, item.run, sent.at, sent.batch->list, number_now(tx, sent));
        if (!queued) return std::unexpected(queued.error());
        if (*queued) {
            Run run;
            run.id = item.run;
            run.job = item.job;
            run.slot = item.slot;
            run.trigger = item.trigger;
            run.status = Status::queued;
            tell(tx, run, Status::pending, Reason::none);
            return {};
        }
    }
    auto run = find_run(tx.db, item.run);
    if (!run) return std::unexpected(run.error());
    if (!*run || is_waiting((*run)->status, (*run)->reason)) return {};
    const Status before = (*run)->status;
    if (is_final(before)) return {};

    (*run)->list = sent.batch->list;
    (*run)->batch = number_now(tx, sent);
    if (before != Status::pending) {
        if (before == Status::queued) (*run)->queued_at = sent.at;
        return update_run(tx.db, **run);  // its worker was faster
    }
    const Reason reason_before = (*run)->reason;
    (*run)->status = Status::queued;
    (*run)->reason = Reason::none;
    (*run)->queued_at = sent.at;
    return keep(tx, **run, before, reason_before);
}

Result<bool> send_again(Transaction& tx, const RunId& id, const LostBatches& lost) {
    auto found = find_run(tx.db, id);
    if (!found) return std::unexpected(found.error());
    if (!*found || !is_lost_with(**found, lost)) return false;
    Run& run = **found;
    const auto entry = tx.draft.find(run.job);
    if (run.cancel_requested)
        return ended_with(
            tx, run, Status::cancelled, Reason::by_user,
            "The broker lost its data, and this run's message with it, before the run "
            "could be called back.");
    if (!entry || !post(tx, *entry->job, run))
        return ended_with(
            tx, run, Status::lost, Reason::no_end_seen,
            entry ? "The broker lost its data, and this run's message with it; as the job is now, "
                    "the message cannot be made again."
                  : "The broker lost its data, and this run's message with it; the job was deleted "
                    "meanwhile.");
    run.batch = 0;  // until the new one is there
    run.notes = with_note(run.notes,
                          "The broker lost its data before a worker told of this run; its message "
                          "was sent once more.",
                          tx.now);
    if (const auto kept = keep(tx, run, Status::queued, run.reason); !kept)
        return std::unexpected(kept.error());
    return true;
}

Result<void> set_reason(Transaction& tx, const RunId& id, Reason reason) {
    auto run = find_run(tx.db, id);
    if (!run) return std::unexpected(run.error());
    if (!*run || (*run)->status != Status::pending) return {};
    const Reason before = (*run)->reason;
    if (before == Reason::waiting_overlap || before == reason) return {};
    (*run)->reason = reason;
    return keep(tx, **run, Status::pending, before);
}

Result<void> start_run(Transaction& tx, const Started& started) {
    if (started.was_sent)
        if (const auto queued = queue_run(tx, started.run, started.at); !queued)
            return std::unexpected(queued.error());
    auto run = find_run(tx.db, started.run);
    if (!run) return std::unexpected(run.error());
    if (!*run || !may_follow((*run)->status, Status::running)) return {};

    const Status before = (*run)->status;
    const Reason reason_before = (*run)->reason;
    (*run)->status = Status::running;
    (*run)->reason = Reason::none;
    (*run)->started_at = started.at;
    (*run)->worker = started.worker;
    (*run)->process = started.process;
    if (started.received_at) (*run)->received_at = started.received_at;
    (*run)->late = is_late(tx, **run);
    if (const auto kept = keep(tx, **run, before, reason_before); !kept) return kept;

    return mark_started(tx, **run);
}

Result<void> end_run(Transaction& tx, const Ended& ended) {
    auto run = find_run(tx.db, ended.run);
    if (!run) return std::unexpected(run.error());
    if (!*run || !is_final(ended.status)) return {};
    if (!may_follow((*run)->status, ended.status))
        return note_late_news(tx, **run, ended.at, ended.status);
    return end_now(tx, **std::move(run), ended);
}

Result<void> follow_task(Transaction& tx, Run run, const TaskNews& news) {
    if (is_final(run.status)) return note_late_task(tx, run, news);
    // It has not been sent: somebody else uses its id.
    if (is_waiting(run.status, run.reason)) return {};

    const bool had_started = run.started_at.has_value();
    const auto way = way_to(run, news);
    if (!take_over(run, news) && way.empty()) return {};
    const bool has_begun = run.started_at && !had_started;
    if (has_begun) run.late = is_late(tx, run);
    for (const Status next : way) {
        const Status before = run.status;
        const Reason reason_before = run.reason;
        go(run, next, news, tx.now);
        tell(tx, run, before, reason_before);
    }
    if (const auto written = update_run(tx.db, run); !written) return written;
    if (has_begun)
        if (const auto marked = mark_started(tx, run); !marked) return marked;
    return is_final(run.status) ? mark_final(tx, run) : Result<void>();
}

Result<Run> cancel_run(Transaction& tx, const RunId& id, bool terminate, std::string_view by) {
    auto found = find_run(tx.db, id);
    if (!found) return std::unexpected(found.error());
    if (!*found) return fail(Errc::not_found, "there is no such run");
    Run& run = **found;
    if (is_final(run.status))
        return fail(Errc::conflict,
                    fmt::format("The run has ended ({}); there is nothing to cancel.",
                                to_text(run.status)));

    const std::string note = by.empty() ? std::string() : fmt::format("Cancelled by {}.", by);
    if (run.status == Status::pending || run.status == Status::retrying) {
        const Ended ended{.run = id,
                          .at = tx.now,
                          .status = Status::cancelled,
                          .reason = Reason::by_user,
                          .note = note};
        if (const auto done = end_now(tx, run, ended); !done) return std::unexpected(done.error());
    } else {
        if (!run.cancel_requested && !note.empty()) run.notes = with_note(run.notes, note, tx.now);
        run.cancel_requested = true;
        if (const auto written = update_run(tx.db, run); !written)
            return std::unexpected(written.error());
        Change change = change_of(run, run.status);
        change.what = Change::What::cancel_asked;
        change.terminate = terminate;
        tx.draft.changes.push_back(change);
    }
    found = find_run(tx.db, id);
    if (!found) return std::unexpected(found.error());
    return **std::move(found);
}

}  // namespace cjv::store
