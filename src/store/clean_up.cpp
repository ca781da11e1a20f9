#include "store/clean_up.h"

#include <algorithm>

#include "domain/run_id.h"
#include "store/outputs.h"
#include "store/runs.h"
#include "store/tasks.h"

namespace cjv::store {
namespace {

constexpr std::uint64_t kOutputBytes = 64 * 1024;

// Nothing ends before its time, so an id of later than `before` need not be looked at.
constexpr auto kOldRuns =
    "SELECT id FROM runs WHERE id < $1 AND ended_at < $2 ORDER BY id LIMIT $3";
constexpr auto kOldSkips =
    "SELECT id FROM skips WHERE id < $1 AND last_slot < $2 ORDER BY id LIMIT $3";
constexpr auto kRemoveRun = "DELETE FROM runs WHERE id = $1";
constexpr auto kRemoveSkip = "DELETE FROM skips WHERE id = $1";

void negate(HourTotals& totals) {
    totals.success = -totals.success;
    totals.failed = -totals.failed;
    totals.other = -totals.other;
    totals.duration_us = -totals.duration_us;
    totals.durations = -totals.durations;
}

Result<void> remove_skip(Transaction& tx, const RunId& id) {
    const auto gone = tx.db.run(kRemoveSkip, {id});
    if (!gone) return fail(gone.error(), "remove range");
    // What the writer would extend must be there.
    if (const auto parts = domain::decode(id); parts && tx.draft.range(parts->job))
        tx.draft.set_range(parts->job, std::nullopt);
    return {};
}

Result<void> remove_run(Transaction& tx, const RunId& id) {
    const auto run = find_run(tx.db, id);
    if (!run) return std::unexpected(run.error());
    if (!*run) return {};
    HourTotals totals = totals_of(**run);
    negate(totals);
    add(tx.draft.totals, (*run)->job, totals);
    if (const auto removed = remove_task(tx, **run); !removed) return removed;
    const auto gone = tx.db.run(kRemoveRun, {id});
    if (!gone) return fail(gone.error(), "remove run");
    return {};
}

}  // namespace

Result<std::vector<Old>> find_old(Database& db, Instant before, std::int64_t most) {
    std::vector<Old> old;
    const RunId newest = domain::lowest_id_at(before);
    auto read = db.query(kOldRuns, {newest, before, most},
                         [&](const Row& row) { old.push_back({row.run_id(0)}); });
    if (!read) return fail(read.error(), "find old runs");
    const auto left = most - std::ssize(old);
    read = db.query(kOldSkips, {newest, before, left},
                    [&](const Row& row) { old.push_back({row.run_id(0), true}); });
    if (!read) return fail(read.error(), "find old ranges");
    return old;
}

Result<std::size_t> remove_old(Transaction& tx, std::span<const Old> old, const Clock& clock,
                               Steady until) {
    std::size_t gone = 0;
    std::uint64_t output_left = kOutputBytes;
    for (const Old& one : old) {
        if (gone > 0 && clock.steady() >= until) break;
        if (one.is_skip) {
            if (const auto removed = remove_skip(tx, one.id); !removed)
                return std::unexpected(removed.error());
        } else {
            const auto output = remove_output(tx.db, one.id, output_left);
            if (!output) return fail(output.error(), "remove output");
            output_left -= std::min(output_left, output->bytes);
            if (output->left) break;
            if (const auto removed = remove_run(tx, one.id); !removed)
                return std::unexpected(removed.error());
        }
        ++gone;
        if (output_left == 0) break;
    }
    return gone;
}

}  // namespace cjv::store
