#include "store/outbox.h"

#include <algorithm>
#include <map>
#include <utility>

#include "store/apart.h"
#include "store/lifecycle.h"
#include "store/runs.h"

namespace cjv::store {
namespace {

constexpr std::size_t kHead = 20;  // bytes that stand before the messages, for each

constexpr auto kInsert =
    "INSERT INTO batches (list, number, messages, count) VALUES ($1, $2, $3, $4)";
constexpr auto kCount = R"sql(
    INSERT INTO lists (list, next, confirmed) VALUES ($1, $2, 0)
    ON CONFLICT (list) DO UPDATE SET next = $2)sql";
constexpr auto kConfirm = "UPDATE lists SET confirmed = $2 WHERE list = $1 AND confirmed < $2";
constexpr auto kDelete = "DELETE FROM batches WHERE list = $1 AND number = $2";
constexpr auto kOpen = "SELECT list, number, messages, count FROM batches";
// The index over open runs leads there; the ids are times, so that their order is that of the runs.
constexpr auto kLost = R"sql(
    SELECT id FROM runs
    WHERE ended_at IS NULL AND status = 'queued' AND received_at IS NULL AND started_at IS NULL
        AND list = $1 AND batch > $2 AND batch <= $3
    ORDER BY id)sql";
constexpr auto kForget = "UPDATE lists SET confirmed = $2 WHERE list = $1";

std::string packed(const Batch& batch) {
    std::string text;
    text.reserve(batch.items.size() * kHead + batch.bytes.size());
    for (const Batch::Item& item : batch.items) {
        text.append(reinterpret_cast<const char*>(item.run.bytes.data()), item.run.bytes.size());
        for (int shift = 24; shift >= 0; shift -= 8) text += char(item.size >> shift);
    }
    return text += batch.bytes;
}

// Null: it is damaged.
BatchPtr unpacked(std::string list, std::int64_t number, Bytes bytes, std::size_t count) {
    if (bytes.size() / kHead < count) return nullptr;
    auto batch = std::make_shared<Batch>();
    batch->list = std::move(list);
    batch->number = number;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const Bytes head = bytes.subspan(i * kHead, kHead);
        Batch::Item item;
        item.begin = begin;
        std::ranges::copy(head.first(16), item.run.bytes.begin());
        for (const std::uint8_t byte : head.last(4)) item.size = item.size << 8 | byte;
        begin += item.size;
        batch->items.push_back(item);
    }
    const Bytes rest = bytes.subspan(count * kHead);
    if (rest.size() != begin) return nullptr;
    batch->bytes.assign(reinterpret_cast<const char*>(rest.data()), rest.size());
    return batch;
}

void add(Batch& batch, const Posted& posted) {
    batch.items.push_back({.run = posted.run,
                           .job = posted.job,
                           .begin = batch.bytes.size(),
                           .size = posted.message.bytes.size(),
                           .expires = posted.message.expires});
    batch.bytes += posted.message.bytes;
}

Result<void> write(Database& db, const Batch& batch) {
    const std::string bytes = packed(batch);
    const auto inserted =
        db.run(kInsert, {batch.list, batch.number,
                         Bytes(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()),
                         batch.items.size()});
    if (!inserted) return fail(inserted.error(), "insert batch");
    const auto counted = db.run(kCount, {batch.list, batch.number + 1});
    if (!counted) return fail(counted.error(), "count batch");
    return {};
}

Result<std::vector<BatchPtr>> read_batches(Database& db, const std::string& which,
                                           std::initializer_list<Param> parameters) {
    std::vector<BatchPtr> batches;
    const auto read = db.query(
        std::string(kOpen) + which + " ORDER BY list, number", parameters, [&](const Row& row) {
            batches.push_back(unpacked(row.string(0), row.integer(1), row.bytes(2), row.size(3)));
        });
    if (!read) return fail(read.error(), "read batches");
    if (std::ranges::find(batches, nullptr) != batches.end())
        return fail(Errc::corrupt, "a batch is damaged");
    return batches;
}

}  // namespace

void post(Transaction& tx, const domain::Job& job, const domain::Run& run) {
    if (!tx.encode) return;
    if (auto message = tx.encode(job, run))
        tx.draft.posted.push_back({.run = run.id, .job = run.job, .message = *std::move(message)});
}

Result<void> write_batches(Database& db, Draft& draft) {
    // By list; within one, in the order in which they were decided.
    std::map<std::string_view, std::vector<const Posted*>> by_list;
    for (const Posted& posted : draft.posted) by_list[posted.message.list].push_back(&posted);
    const NextBatches& next = draft.memory().next_batches;
    for (const auto& [list, all] : by_list) {
        const auto known = next.find(std::string(list));
        std::int64_t number = known == next.end() ? 1 : known->second;
        for (std::size_t i = 0; i < all.size(); ++number) {
            auto batch = std::make_shared<Batch>();
            batch->list = list;
            batch->number = number;
            for (; i < all.size() && batch->items.size() < Batch::kMost; ++i) add(*batch, *all[i]);
            if (const auto written = write(db, *batch); !written) return written;
            draft.batches.push_back(std::move(batch));
        }
    }
    draft.posted.clear();
    return {};
}

Result<void> confirm(Transaction& tx, const Sent& sent) {
    const Batch& batch = *sent.batch;
    const auto gone = tx.db.run(kDelete, {batch.list, batch.number});
    if (!gone) return fail(gone.error(), "delete batch");
    if (*gone == 0) return {};
    for (const Batch::Item& item : batch.items)
        if (const auto queued = confirm_run(tx, item.run, sent); !queued) return queued;
    if (const auto marked = tx.db.run(kConfirm, {batch.list, batch.number}); !marked)
        return fail(marked.error(), "confirm batch");
    return {};
}

Result<void> confirm_one(Transaction& tx, const RunId& id, const Sent& sent) {
    const auto run = find_run(tx.db, id);
    if (!run) return std::unexpected(run.error());
    if (!*run || ((*run)->status != domain::Status::pending && !(*run)->list.empty())) return {};
    return confirm_run(tx, id, sent);
}

Result<std::vector<NotConfirmed>> confirm_lost(Transaction& tx, const LostBatches& lost) {
    const auto batches =
        read_batches(tx.db, " WHERE list = $1 AND number <= $2", {lost.list, lost.confirmed});
    if (!batches) return std::unexpected(batches.error());
    std::vector<NotConfirmed> left;
    for (const BatchPtr& batch : *batches) {
        const Sent sent{.batch = batch, .at = tx.now};
        const auto refused = do_each(tx, batch->items.size(), [&](Transaction& own, std::size_t i) {
            return confirm_run(own, batch->items[i].run, sent);
        });
        if (!refused) return std::unexpected(refused.error());
        const auto bare = bare_batch(*batch);
        for (const Refusal& one : *refused)
            left.push_back({batch->items[one.index].run, bare, one.error});
        if (const auto done = confirm(tx, {.batch = bare, .at = tx.now}); !done)
            return std::unexpected(done.error());
    }
    return left;
}

Result<std::vector<RunId>> lost_runs(Database& db, const LostBatches& lost) {
    std::vector<RunId> runs;
    const auto read = db.query(kLost, {lost.list, lost.had, lost.confirmed},
                               [&](const Row& row) { runs.push_back(row.run_id(0)); });
    if (!read) return fail(read.error(), "read the runs that the broker has lost");
    return runs;
}

Result<void> forget_lost(Transaction& tx, const LostBatches& lost) {
    if (const auto done = tx.db.run(kForget, {lost.list, lost.had}); !done)
        return fail(done.error(), "forget what the broker has lost");
    return {};
}

Result<void> keep_loss(Transaction& tx, const LostBatches& lost) {
    const auto kept = tx.db.run("INSERT OR REPLACE INTO losses VALUES ($1, $2, $3, $4)",
                                {lost.list, lost.had, lost.confirmed, tx.now});
    if (!kept) return fail(kept.error(), "keep what the broker has lost");
    return {};
}

Result<std::vector<LostBatches>> kept_losses(Database& db) {
    std::vector<LostBatches> losses;
    const auto read = db.query("SELECT list, had, confirmed FROM losses", {}, [&](const Row& row) {
        losses.push_back({row.string(0), row.integer(1), row.integer(2)});
    });
    if (!read) return fail(read.error(), "read what the broker has lost");
    return losses;
}

Result<void> drop_losses(Transaction& tx, Instant before) {
    if (const auto done = tx.db.run("DELETE FROM losses WHERE at < $1", {before}); !done)
        return fail(done.error(), "drop what the broker has lost");
    return {};
}

Result<void> forget_numbers(Transaction& tx) {
    if (const auto done = tx.db.run("UPDATE lists SET confirmed = 0", {}); !done)
        return fail(done.error(), "forget the broker's numbers");
    const auto done =
        tx.db.run("UPDATE runs SET batch = NULL WHERE ended_at IS NULL AND batch IS NOT NULL", {});
    if (!done) return fail(done.error(), "forget the batches of runs");
    return {};
}

Result<NextBatches> next_batches(Database& db) {
    NextBatches next;
    const auto read = db.query("SELECT list, next FROM lists", {},
                               [&](const Row& row) { next[row.string(0)] = row.integer(1); });
    if (!read) return fail(read.error(), "read lists");
    return next;
}

Result<std::vector<ListNumbers>> list_numbers(Database& db) {
    std::vector<ListNumbers> lists;
    const auto read = db.query(
        "SELECT list, next - 1, confirmed FROM lists", {},
        [&](const Row& row) { lists.push_back({row.string(0), row.integer(1), row.integer(2)}); });
    if (!read) return fail(read.error(), "read lists");
    return lists;
}

Result<std::vector<BatchPtr>> open_batches(Database& db) { return read_batches(db, "", {}); }

}  // namespace cjv::store
