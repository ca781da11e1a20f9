#include "store/zone_change.h"

#include "domain/job_json.h"
#include "store/jobs.h"

namespace cjv::store {
namespace {

using domain::Entry;
using domain::Job;
using domain::Trouble;

constexpr auto kCursor = "SELECT next_slot FROM cursors WHERE job = $1";

// What the row says: in memory a job whose zone is gone has no next slot.
Result<std::optional<Instant>> stored_slot(Transaction& tx, JobNumber job) {
    const auto found =
        tx.db.find(kCursor, {job}, [](const Row& row) { return row.maybe_instant(0); });
    if (!found) return fail(found.error(), "read cursor");
    return found->value_or(std::nullopt);
}

void lose_zone(Transaction& tx, JobNumber number, Job job) {
    job.schedule = {};
    Entry& entry = *tx.draft.change(number);
    entry.job = std::make_shared<const Job>(std::move(job));
    entry.next_slot.reset();
    entry.trouble = Trouble::zone_missing;
    tx.draft.changes.push_back({.what = Change::What::job, .job = number});
}

// Goes on with the job as it is parsed now.
Result<void> move_cursor(Transaction& tx, JobNumber number, Job job,
                         std::optional<Instant> before) {
    Entry& entry = *tx.draft.change(number);
    const auto next = job.is_active
                          ? domain::slot_after_change(job.schedule, entry.decided_until, before)
                          : std::nullopt;
    entry.job = std::make_shared<const Job>(std::move(job));
    const bool is_other = next != entry.next_slot || entry.trouble != Trouble::none;
    entry.next_slot = next;
    if (is_other) tx.draft.changes.push_back({.what = Change::What::job, .job = number});
    return next == before ? Result<void>() : set_cursor(tx, entry);
}

}  // namespace

Result<Moved> follow_zone(Transaction& tx, JobNumber number, const schedule::Zones& zones,
                          const domain::Outage& outage) {
    const auto found = tx.draft.find(number);
    if (!found) return Moved{};
    const bool was_gone = found->trouble == Trouble::zone_missing;
    const bool is_there = zones.find(found->job->timezone) != nullptr;
    if (was_gone && !is_there) return Moved{};
    if (!was_gone)
        if (const auto decided = decide_due(tx, number, outage); !decided)
            return std::unexpected(decided.error());

    const auto before = stored_slot(tx, number);
    if (!before) return std::unexpected(before.error());
    Job job = *found->job;
    if (!is_there) {
        lose_zone(tx, number, std::move(job));
        return Moved{.what = Moved::What::gone, .before = *before};
    }
    if (const auto parsed = domain::parse_schedule(job, zones); !parsed)
        return std::unexpected(parsed.error());
    if (const auto moved = move_cursor(tx, number, std::move(job), *before); !moved)
        return std::unexpected(moved.error());
    if (was_gone) {  // what passed meanwhile is a misfire
        if (const auto decided = decide_due(tx, number, outage); !decided)
            return std::unexpected(decided.error());
        tx.draft.change(number)->trouble = Trouble::none;
    }
    const auto after = tx.draft.find(number)->next_slot;
    const auto what = was_gone           ? Moved::What::back
                      : after != *before ? Moved::What::slot
                                         : Moved::What::nothing;
    return Moved{.what = what, .before = *before, .after = after};
}

}  // namespace cjv::store
