#pragma once
// Batches on disk, from the transaction that decides their runs to the broker's word that it has them. Inside
// the writer's transaction, but for what says otherwise.

#include <vector>

#include "store/batch.h"
#include "store/draft.h"

namespace cjv::store {

// Puts the message of a run that may leave into the draft. False: no broker carries it.
bool post(Transaction& tx, const domain::Job& job, const domain::Run& run);

// Writes what the draft is to post, as batches with the next numbers of their lists. Before the commit; when more
// is to be posted then, once more.
Result<void> write_batches(Database& db, Draft& draft);

// The broker has it: its pending runs are queued, and the batch goes. Told twice, it is done once.
Result<void> confirm(Transaction& tx, const Sent& sent);

// The number of its batch; 0: it is one of an installation that we are not any more, see forget_numbers().
std::int64_t number_now(const Transaction& tx, const Sent& sent);

// The same of one run, whose batch has gone or will: nothing of one that is further already, or was sent again.
Result<void> confirm_one(Transaction& tx, const RunId& run, const Sent& sent);

// What was confirmed of `lost` and is still waiting to be recorded as such, is. Before the runs are looked for.
// Returns what the database refused of it: each spares the others.
struct NotConfirmed {
    RunId run;
    BatchPtr batch;  // list and number
    Error error;
};
Result<std::vector<NotConfirmed>> confirm_lost(Transaction& tx, const LostBatches& lost);
Result<std::vector<NotConfirmed>> confirm_apart(Transaction& tx,
                                                const std::vector<BatchPtr>& batches);
// A start begins, and has not met the broker; it has.
Result<void> begin_unmet(Transaction& tx);
Result<void> end_unmet(Transaction& tx);
// Those that the broker had in `lost` and that nobody has told of since, oldest first. Any connection.
Result<std::vector<RunId>> lost_runs(Database& db, const LostBatches& lost);
// From here on the broker is known to have no more than that. After the runs have been seen to.
Result<void> forget_lost(Transaction& tx, const LostBatches& lost);
// Some of those runs were refused: they are to be looked for again, for a day at least.
Result<void> keep_loss(Transaction& tx, const LostBatches& lost);
Result<std::vector<LostBatches>> kept_losses(Database& db);
Result<void> drop_losses(Transaction& tx, Instant before);
// The broker's numbers are those of another installation: of what it has, none is known to be ours.
Result<void> forget_numbers(Transaction& tx);

// The next numbers of all lists; for the writer's memory.
Result<NextBatches> next_batches(Database& db);
// How far each list is. Any connection.
Result<std::vector<ListNumbers>> list_numbers(Database& db);
// All batches that are left, oldest first. Any connection, as what follows: see Store.
Result<std::vector<BatchPtr>> open_batches(Database& db);
// Of a list the oldest up to that number, at most so many (negative: all): their runs, without messages.
Result<std::vector<BatchPtr>> batches_until(Database& db, const std::string& list,
                                            std::int64_t number, std::int64_t most);
Result<std::vector<OpenList>> open_lists(Database& db);
Result<std::vector<RunId>> posted_runs(Database& db);
Result<OutboxPage> outbox_page(Database& db, const std::string& list, std::int64_t from,
                               std::size_t bytes, std::int64_t until);
Result<std::vector<BatchPtr>> expiring_batches(Database& db, const std::string& list,
                                               std::int64_t from, Instant after, Instant until,
                                               std::size_t bytes);
Result<std::optional<Instant>> next_expiry(Database& db, const std::string& list, std::int64_t from,
                                           Instant after);

}  // namespace cjv::store
