#include "store/asked.h"

#include "domain/overlap.h"
#include "domain/run_id.h"
#include "store/lifecycle.h"
#include "store/runs.h"

namespace cjv::store {
namespace {

using domain::Trigger;
using domain::Verdict;

Trigger trigger_of(const AskedRun& asked, const Actor& by) {
    if (asked.rerun_of) return Trigger::rerun;
    return by.by_token ? Trigger::api : Trigger::manual;
}

std::unexpected<Error> refusal(Verdict verdict) {
    return fail(Errc::conflict, verdict == Verdict::skip
                                    ? "A run of this job has not ended, and its overlap is "
                                      "\"skip\". Wait for it, cancel it, or ask "
                                      "again with \"force\": true."
                                    : "As many runs of this job as its overlap allows are waiting "
                                      "already. Wait, cancel one, or ask "
                                      "again with \"force\": true.");
}

}  // namespace

Result<domain::Run> record_asked(Transaction& tx, const AskedRun& asked, const Actor& by) {
    const auto entry = tx.draft.find(asked.job);
    if (!entry) return fail(Errc::not_found, "there is no such job");

    domain::Run run;
    run.trigger = trigger_of(asked, by);
    const Verdict verdict = domain::decide_overlap(
        entry->job->overlap, run.trigger, entry->open_count, entry->waiting_count, asked.force);
    if (verdict == Verdict::skip || verdict == Verdict::buffer_full) return refusal(verdict);

    run.at = std::chrono::floor<std::chrono::milliseconds>(tx.now);  // as exactly as its id says
    run.id = domain::asked_run_id(asked.job, run.at, ++tx.draft.memory().asked_runs);
    run.job = asked.job;
    run.reason = verdict == Verdict::wait ? domain::Reason::waiting_overlap : domain::Reason::none;
    run.decided_at = tx.now;
    run.overrides = asked.overrides;
    run.asked_by = by.user;
    run.rerun_of = asked.rerun_of;
    if (!asked.note.empty()) run.notes = with_note("", asked.note, tx.now);
    if (const auto recorded = record_run(tx, run); !recorded)
        return std::unexpected(recorded.error());
    return run;
}

}  // namespace cjv::store
