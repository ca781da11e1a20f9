#include "store/skips.h"

#include <chrono>

#include "domain/run_id.h"

namespace cjv::store {
namespace {

constexpr auto kFind = R"sql(
    SELECT id, job, first_slot, last_slot, slots, status, reason FROM skips WHERE id = $1)sql";
constexpr auto kInsert = R"sql(
    INSERT INTO skips (id, job, first_slot, last_slot, slots, status, reason)
    VALUES ($1, $2, $3, $4, $5, $6, $7))sql";
constexpr auto kExtend = R"sql(
    UPDATE skips SET last_slot = $2, slots = $3 WHERE id = $1)sql";

bool same_day(Instant a, Instant b) {
    using std::chrono::floor, std::chrono::days;
    return floor<days>(a) == floor<days>(b);
}

// Whether the slots of `more`, which come next, may be told in the line of `range`.
bool extends(const domain::Skip& more, const domain::Skip& range) {
    return more.status == range.status && more.reason == range.reason &&
           same_day(range.first, more.last);
}

}  // namespace

domain::Skip read_skip(const Row& row) {
    return {.id = row.run_id(0),
            .job = row.job(1),
            .first = row.instant(2),
            .last = row.instant(3),
            .count = row.integer(4),
            .status = domain::status_from(row.text(5)).value_or(domain::Status::skipped),
            .reason = domain::reason_from(row.text(6)).value_or(domain::Reason::none)};
}

Result<std::optional<domain::Skip>> find_skip(Database& db, const RunId& id) {
    return db.find(kFind, {id}, read_skip);
}

Result<void> record_skip(Transaction& tx, domain::Skip skip) {
    auto range = tx.draft.range(skip.job);
    if (range && extends(skip, *range)) {
        range->last = skip.last;
        range->count += skip.count;
        const auto extended = tx.db.run(kExtend, {range->id, range->last, range->count});
        if (!extended) return fail(extended.error(), "extend range");
    } else {
        skip.id = domain::slot_run_id(tx.key, skip.job, skip.first);
        range = skip;
        const auto inserted =
            tx.db.run(kInsert, {skip.id, skip.job, skip.first, skip.last, skip.count,
                                to_text(skip.status), to_text(skip.reason)});
        if (!inserted) return fail(inserted.error(), "insert range");
    }
    tx.draft.set_range(skip.job, range);
    tx.draft.changes.push_back({.what = Change::What::skip,
                                .job = skip.job,
                                .run = range->id,
                                .after = range->status,
                                .reason = range->reason,
                                .slot = range->first});
    return {};
}

}  // namespace cjv::store
