#include "store/at_start.h"

#include "domain/overlap.h"
#include "domain/run_id.h"
#include "store/lifecycle.h"
#include "store/runs.h"

namespace cjv::store {
namespace {

using domain::Reason;
using domain::Status;
using domain::Verdict;

constexpr std::string_view kNote = "The server started.";

}  // namespace

Result<void> record_at_start(Transaction& tx, JobNumber job) {
    domain::Entry* const entry = tx.draft.change(job);
    if (!entry || !entry->job->is_active || !entry->job->schedule.is_at_start()) return {};
    if (!entry->job->window.has(tx.now)) return {};
    entry->trouble = domain::Trouble::none;
    const Verdict verdict = domain::decide_overlap(entry->job->overlap, domain::Trigger::schedule,
                                                   entry->open_count, entry->waiting_count, false);
    const bool is_free = verdict == Verdict::start;

    domain::Run run;
    run.at = std::chrono::floor<std::chrono::milliseconds>(tx.now);  // as exactly as its id says
    run.id = domain::asked_run_id(job, run.at, ++tx.draft.memory().asked_runs);
    run.job = job;
    run.reason = is_free ? Reason::none : Reason::waiting_overlap;
    run.decided_at = tx.now;
    run.notes = with_note("", kNote, tx.now);
    if (const auto recorded = record_run(tx, run); !recorded) return recorded;
    if (is_free || verdict == Verdict::wait) return {};
    return end_run(tx,
                   {.run = run.id,
                    .at = tx.now,
                    .status = Status::skipped,
                    .reason = verdict == Verdict::skip ? Reason::overlap : Reason::buffer_full});
}

}  // namespace cjv::store
