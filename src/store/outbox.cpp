#include "store/outbox.h"

#include <algorithm>
#include <utility>

#include "store/apart.h"
#include "store/lifecycle.h"
#include "store/runs.h"
#include "store/sent_marks.h"
#include "store/zstd.h"

namespace cjv::store {
namespace {

constexpr std::size_t kHead = 20;  // bytes of a run and the length of its message

constexpr auto kInsert = R"sql(
    INSERT INTO batches (list, number, runs, size, messages, first_expires, last_expires)
    VALUES ($1, $2, $3, $4, $5, $6, $7))sql";
constexpr auto kCount = R"sql(
    INSERT INTO lists (list, next, confirmed) VALUES ($1, $2, 0)
    ON CONFLICT (list) DO UPDATE SET next = $2)sql";
constexpr auto kConfirm = "UPDATE lists SET confirmed = $2 WHERE list = $1 AND confirmed < $2";
constexpr auto kDelete = "DELETE FROM batches WHERE list = $1 AND number = $2";
constexpr auto kOpen = "SELECT list, number, runs, size, messages, first_expires FROM batches";
constexpr auto kRuns = "SELECT list, number, runs FROM batches";
// The index over open runs leads there; the ids are times, so that their order is that of the runs.
constexpr auto kLost = R"sql(
    SELECT id FROM runs
    WHERE ended_at IS NULL AND status = 'queued' AND received_at IS NULL AND started_at IS NULL
        AND list = $1 AND batch > $2 AND batch <= $3
    ORDER BY id)sql";
constexpr auto kForget = "UPDATE lists SET confirmed = $2 WHERE list = $1";

Bytes bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string heads_of(const Batch& batch) {
    std::string text;
    text.reserve(batch.items.size() * kHead);
    for (const Batch::Item& item : batch.items) {
        text.append(reinterpret_cast<const char*>(item.run.bytes.data()), item.run.bytes.size());
        for (int shift = 24; shift >= 0; shift -= 8) text += char(item.size >> shift);
    }
    return text;
}

Result<std::string> read_messages(const Row& row) {
    const Bytes bytes = row.bytes(4);
    if (!row.is_null(3)) return decompress(bytes, row.size(3));
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// Whose messages it has, and where each of them is. Null: it is damaged.
std::shared_ptr<Batch> read_heads(const Row& row) {
    auto batch = std::make_shared<Batch>();
    batch->list = row.string(0);
    batch->number = row.integer(1);
    std::size_t begin = 0;
    for (Bytes heads = row.bytes(2); !heads.empty(); heads = heads.subspan(kHead)) {
        if (heads.size() < kHead) return nullptr;
        Batch::Item item;
        item.begin = begin;
        std::ranges::copy(heads.first(16), item.run.bytes.begin());
        for (const std::uint8_t byte : heads.subspan(16, 4)) item.size = item.size << 8 | byte;
        begin += item.size;
        batch->items.push_back(item);
    }
    return batch;
}

// Null: it is damaged.
BatchPtr read_batch(const Row& row) {
    auto batch = read_heads(row);
    auto messages = read_messages(row);
    if (!batch || !messages) return nullptr;
    batch->bytes = *std::move(messages);
    batch->may_expire = !row.is_null(5);
    std::size_t size = 0;
    for (const Batch::Item& item : batch->items) size += item.size;
    return size == batch->bytes.size() ? batch : nullptr;
}

// As they are to be confirmed: their runs, without messages, which may be damaged.
BatchPtr read_runs(const Row& row) {
    auto batch = read_heads(row);
    if (!batch) return nullptr;
    for (Batch::Item& item : batch->items) item.begin = item.size = 0;
    return batch;
}

Result<void> write(Database& db, const Batch& batch) {
    const std::string heads = heads_of(batch);
    const std::string messages = compress(batch.bytes);
    std::optional<Instant> first, last;
    for (const Batch::Item& item : batch.items) {
        if (!item.expires) continue;
        first = std::min(first.value_or(*item.expires), *item.expires);
        last = std::max(last.value_or(*item.expires), *item.expires);
    }
    const auto inserted = db.run(kInsert, {batch.list, batch.number, bytes_of(heads),
                                           batch.bytes.size(), bytes_of(messages), first, last});
    if (!inserted) return fail(inserted.error(), "insert batch");
    const auto counted = db.run(kCount, {batch.list, batch.number + 1});
    if (!counted) return fail(counted.error(), "count batch");
    return {};
}

Result<std::vector<BatchPtr>> read_batches(Database& db, std::string_view columns,
                                           std::string_view which,
                                           std::initializer_list<Param> parameters,
                                           BatchPtr (*read_one)(const Row&)) {
    std::vector<BatchPtr> batches;
    const auto read = db.query(std::string(columns) + std::string(which), parameters,
                               [&](const Row& row) { batches.push_back(read_one(row)); });
    if (!read) return fail(read.error(), "read batches");
    if (std::ranges::find(batches, nullptr) != batches.end())
        return fail(Errc::corrupt, "a batch is damaged");
    return batches;
}

}  // namespace

bool post(Transaction& tx, const domain::Job& job, const domain::Run& run) {
    if (!tx.encode) return false;
    const auto message = tx.encode(job, run);
    if (!message) return false;
    tx.draft.outgoing.add(message->list,
                          {.run = run.id,
                           .job = run.job,
                           .slot = run.slot,
                           .trigger = run.trigger,
                           .expires = message->expires},
                          message->bytes);
    return true;
}

Result<void> write_batches(Database& db, Draft& draft) {
    const NextBatches& next = draft.memory().next_batches;
    for (auto& [list, batches] : draft.outgoing.take()) {
        const auto known = next.find(list);
        std::int64_t number = known == next.end() ? 1 : known->second;
        for (const BatchPtr& before : draft.batches)
            if (before->list == list) number = before->number + 1;
        for (const auto& batch : batches) {
            batch->number = number++;
            if (const auto written = write(db, *batch); !written) return written;
            draft.batches.push_back(batch);
        }
    }
    return {};
}

Result<void> confirm(Transaction& tx, const Sent& sent) {
    const Batch& batch = *sent.batch;
    const auto gone = tx.db.run(kDelete, {batch.list, batch.number});
    if (!gone) return fail(gone.error(), "delete batch");
    if (*gone == 0) return {};
    for (const Batch::Item& item : batch.items)
        if (const auto queued = confirm_run(tx, item, sent); !queued) return queued;
    if (number_now(tx, sent) == 0) return {};
    if (const auto marked = tx.db.run(kConfirm, {batch.list, batch.number}); !marked)
        return fail(marked.error(), "confirm batch");
    return {};
}

std::int64_t number_now(const Transaction& tx, const Sent& sent) {
    const Uuid& ours = tx.draft.memory().installation;
    return sent.installation == Uuid() || sent.installation == ours ? sent.batch->number : 0;
}

Result<void> confirm_one(Transaction& tx, const RunId& id, const Sent& sent) {
    const auto run = find_run(tx.db, id);
    if (!run) return std::unexpected(run.error());
    if (!*run || ((*run)->status != domain::Status::pending && !(*run)->list.empty())) return {};
    return confirm_run(tx, Batch::Item{.run = id}, sent);
}

Result<std::vector<BatchPtr>> batches_until(Database& db, const std::string& list,
                                            std::int64_t number, std::int64_t most) {
    return read_batches(db, kRuns, " WHERE list = $1 AND number <= $2 ORDER BY number LIMIT $3",
                        {list, number, most}, read_runs);
}

Result<std::vector<NotConfirmed>> confirm_lost(Transaction& tx, const LostBatches& lost) {
    const auto batches = batches_until(tx.db, lost.list, lost.confirmed, -1);
    if (!batches) return std::unexpected(batches.error());
    return confirm_apart(tx, *batches);
}

Result<std::vector<NotConfirmed>> confirm_apart(Transaction& tx,
                                                const std::vector<BatchPtr>& batches) {
    std::vector<NotConfirmed> left;
    for (const BatchPtr& batch : batches) {
        const Sent sent{.batch = batch, .at = tx.now};
        const auto refused = do_each(tx, batch->items.size(), [&](Transaction& own, std::size_t i) {
            return confirm_run(own, batch->items[i], sent);
        });
        if (!refused) return std::unexpected(refused.error());
        const auto bare = bare_batch(*batch);
        for (const Refusal& one : *refused) {
            const RunId run = batch->items[one.index].run;
            if (const auto kept = keep_mark(tx, {.run = run, .batch = bare, .at = tx.now}); !kept)
                return std::unexpected(kept.error());
            left.push_back({run, bare, one.error});
        }
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
    return forget_numbers_of_marks(tx);
}

Result<void> begin_unmet(Transaction& tx) {
    const auto met =
        tx.db.run("INSERT OR IGNORE INTO settings (key, value) VALUES ('unmet_starts', 1)", {});
    if (!met) return fail(met.error(), "note that the broker was not met");
    if (*met == 0) return {};
    const auto done = tx.db.run("UPDATE lists SET offered = next - 1", {});
    if (!done) return fail(done.error(), "note what may have been pushed");
    return {};
}

Result<void> end_unmet(Transaction& tx) {
    const auto done = tx.db.run("DELETE FROM settings WHERE key = 'unmet_starts'", {});
    if (!done) return fail(done.error(), "note that the broker was met");
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
    const auto read =
        db.query("SELECT list, next - 1, confirmed, offered FROM lists", {}, [&](const Row& row) {
            lists.push_back({row.string(0), row.integer(1), row.integer(2), row.integer(3)});
        });
    if (!read) return fail(read.error(), "read lists");
    return lists;
}

Result<std::vector<BatchPtr>> open_batches(Database& db) {
    return read_batches(db, kOpen, " ORDER BY list, number", {}, read_batch);
}

namespace {

constexpr auto kOpenLists = R"sql(
    SELECT list, min(number), max(number), sum(length(runs)), min(first_expires)
    FROM batches GROUP BY list)sql";
constexpr auto kExpiring = R"sql(
    SELECT number FROM batches
    WHERE list = $1 AND number >= $2 AND first_expires <= $3 AND last_expires > $4
    ORDER BY number LIMIT 100)sql";
constexpr auto kNextExpiry = R"sql(
    SELECT min(first_expires) FROM batches WHERE list = $1 AND number >= $2 AND first_expires > $3)sql";
constexpr auto kStillOpen = "SELECT 1 FROM runs WHERE id = $1 AND ended_at IS NULL";

// The first batch of a list from that number on; null: there is none.
Result<BatchPtr> batch_from(Database& db, const std::string& list, std::int64_t from) {
    auto some = read_batches(db, kOpen, " WHERE list = $1 AND number >= $2 ORDER BY number LIMIT 1",
                             {list, from}, read_batch);
    if (!some) return std::unexpected(some.error());
    return some->empty() ? nullptr : some->front();
}

}  // namespace

Result<std::vector<OpenList>> open_lists(Database& db) {
    std::vector<OpenList> lists;
    const auto read = db.query(kOpenLists, {}, [&](const Row& row) {
        lists.push_back({.list = row.string(0),
                         .first = row.integer(1),
                         .newest = row.integer(2),
                         .messages = row.integer(3) / std::int64_t(kHead),
                         .expires = row.maybe_instant(4)});
    });
    if (!read) return fail(read.error(), "read what waits");
    return lists;
}

Result<std::vector<RunId>> posted_runs(Database& db) {
    std::vector<RunId> runs;
    const auto read = db.query("SELECT runs FROM batches", {}, [&](const Row& row) {
        for (Bytes heads = row.bytes(0); heads.size() >= kHead; heads = heads.subspan(kHead)) {
            RunId run;
            std::ranges::copy(heads.first(run.bytes.size()), run.bytes.begin());
            runs.push_back(run);
        }
    });
    if (!read) return fail(read.error(), "read the runs that have a message");
    const auto marks = kept_marks(db);
    if (!marks) return std::unexpected(marks.error());
    for (const SentRun& sent : *marks) runs.push_back(sent.run);
    std::ranges::sort(runs);
    return runs;
}

Result<OutboxPage> outbox_page(Database& db, const std::string& list, std::int64_t from,
                               std::size_t bytes, std::int64_t until) {
    OutboxPage page;
    for (std::size_t read = 0; read < bytes;) {
        auto batch = batch_from(db, list, from);
        // What is sound before a damaged one goes first.
        if (!batch && batch.error().code == Errc::corrupt && !page.batches.empty()) break;
        if (!batch) return std::unexpected(batch.error());
        if (!*batch || (*batch)->number > until) break;
        read += (*batch)->bytes.size();
        from = (*batch)->number + 1;
        page.batches.push_back(*std::move(batch));
    }
    for (const BatchPtr& batch : page.batches)
        for (const Batch::Item& item : batch->items) {
            const auto open =
                db.find(kStillOpen, {item.run}, [](const Row& row) { return row.boolean(0); });
            if (!open) return fail(open.error(), "read which runs have ended");
            if (!*open) page.ended.push_back(item.run);
        }
    return page;
}

Result<std::vector<BatchPtr>> expiring_batches(Database& db, const std::string& list,
                                               std::int64_t from, Instant after, Instant until,
                                               std::size_t bytes) {
    std::vector<std::int64_t> numbers;
    const auto found = db.query(kExpiring, {list, from, until, after},
                                [&](const Row& row) { numbers.push_back(row.integer(0)); });
    if (!found) return fail(found.error(), "read what expires");
    std::vector<BatchPtr> batches;
    std::size_t read = 0;
    for (const std::int64_t number : numbers) {
        if (read >= bytes) break;
        auto batch = batch_from(db, list, number);
        if (!batch) return std::unexpected(batch.error());
        if (!*batch) break;
        read += (*batch)->bytes.size();
        batches.push_back(*std::move(batch));
    }
    return batches;
}

Result<std::optional<Instant>> next_expiry(Database& db, const std::string& list, std::int64_t from,
                                           Instant after) {
    const auto found = db.find(kNextExpiry, {list, from, after},
                               [](const Row& row) { return row.maybe_instant(0); });
    if (!found) return fail(found.error(), "read when messages expire");
    return found->value_or(std::nullopt);
}

}  // namespace cjv::store
