#include "store/decisions.h"

#include <algorithm>

#include "domain/overlap.h"
#include "domain/run_id.h"
#include "store/apart.h"
#include "store/lifecycle.h"
#include "store/skips.h"

namespace cjv::store {
namespace {

using domain::Decision;
using domain::Entry;
using domain::Reason;
using domain::Status;
using domain::Trouble;
using domain::Verdict;

// The cursor's old place is part of the condition: what was planned from elsewhere does not count.
constexpr auto kMoveCursor = R"sql(
    UPDATE cursors SET next_slot = $1, decided_until = $2, run_count = $3
    WHERE job = $4 AND next_slot = $5)sql";

bool still_true(const Decision& decision, const Entry* entry) {
    return entry && entry->job->version == decision.version && entry->next_slot == decision.cursor;
}

// One run of a job: a burst of it takes its turn among the others, as what waits for a place does.
bool may_start_at_once(const Transaction& tx, const Entry& entry, const domain::Run& run) {
    return tx.takes_places && entry.job->kind == domain::Kind::command &&
           run.reason == Reason::none && run.trigger == domain::Trigger::schedule &&
           entry.open_count == 0;
}

Result<void> record_slot(Transaction& tx, const Entry& entry, const domain::PlannedRun& planned) {
    const auto verdict = domain::decide_overlap(entry.job->overlap, planned.trigger,
                                                entry.open_count, entry.waiting_count, false);
    if (verdict == Verdict::skip || verdict == Verdict::buffer_full)
        return record_skip(
            tx, {.id = {},
                 .job = entry.number,
                 .first = planned.slot,
                 .last = planned.slot,
                 .count = 1,
                 .status = Status::skipped,
                 .reason = verdict == Verdict::skip ? Reason::overlap : Reason::buffer_full});

    domain::Run run;
    run.id = domain::slot_run_id(tx.key, entry.number, planned.slot);
    run.job = entry.number;
    run.slot = run.at = planned.slot;
    run.trigger = planned.trigger;
    run.reason = verdict == Verdict::wait ? Reason::waiting_overlap : Reason::none;
    run.decided_at = tx.now;
    if (may_start_at_once(tx, entry, run) && tx.draft.take_place()) {
        run.status = Status::queued;
        run.queued_at = tx.now;
    }
    if (tx.draft.range(entry.number)) tx.draft.set_range(entry.number, std::nullopt);
    return record_run(tx, run);
}

Instant last_slot(const Decision& decision) {
    Instant last = decision.cursor;
    if (!decision.passed.empty()) last = std::max(last, decision.passed.back().last);
    if (!decision.runs.empty()) last = std::max(last, decision.runs.back().slot);
    return last;
}

}  // namespace

Refused put_in_trouble(Transaction& tx, JobNumber job, std::string why) {
    Refused refused{.job = job, .why = std::move(why)};
    if (Entry* entry = tx.draft.change(job)) {
        refused.is_new = entry->trouble == Trouble::none;
        entry->trouble = Trouble::slots_refused;
        tx.draft.changes.push_back({.what = Change::What::job, .job = job});
    }
    return refused;
}

Result<void> record(Transaction& tx, const Decision& decision) {
    Entry* const found = tx.draft.change(decision.job);
    if (!still_true(decision, found)) return {};
    Entry& entry = *found;

    for (const domain::SlotRange& range : decision.passed) {
        const auto noted = record_skip(tx, {.id = {},
                                            .job = decision.job,
                                            .first = range.first,
                                            .last = range.last,
                                            .count = range.count,
                                            .status = Status::missed,
                                            .reason = decision.reason});
        if (!noted) return noted;
    }
    for (const domain::PlannedRun& planned : decision.runs)
        if (const auto recorded = record_slot(tx, entry, planned); !recorded) return recorded;

    entry.next_slot = decision.next;
    entry.trouble = Trouble::none;
    entry.decided_until = std::max(entry.decided_until, last_slot(decision));
    const auto moved =
        tx.db.run(kMoveCursor, {entry.next_slot, entry.decided_until, entry.total_run_count,
                                decision.job, decision.cursor});
    if (!moved) return fail(moved.error(), "move cursor");
    if (*moved != 1) return fail(Errc::corrupt, "move cursor: it does not stand where memory says");
    tx.draft.changes.push_back({.what = Change::What::job, .job = decision.job});
    return {};
}

Result<std::vector<Refused>> record_all(Transaction& tx, std::span<const Decision> decisions) {
    const auto refusals = do_each(tx, decisions.size(), [&](Transaction& own, std::size_t i) {
        return record(own, decisions[i]);
    });
    if (!refusals) return std::unexpected(refusals.error());
    std::vector<Refused> refused;
    for (const Refusal& refusal : *refusals)
        refused.push_back(put_in_trouble(tx, decisions[refusal.index].job, refusal.error.what));
    return refused;
}

}  // namespace cjv::store
