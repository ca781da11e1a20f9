#pragma once
// Batches on disk, from the transaction that decides their runs to the broker's word that it has them. Inside
// the writer's transaction, but for what says otherwise.

#include <vector>

#include "store/batch.h"
#include "store/draft.h"

namespace cjv::store {

// Puts the message of a run that may leave into the draft; nothing for runs that no broker carries.
void post(Transaction& tx, const domain::Job& job, const domain::Run& run);

// Writes what the draft is to post, as batches with the next numbers of their lists. Once, before the commit.
Result<void> write_batches(Database& db, Draft& draft);

// The broker has it: its pending runs are queued, and the batch goes.
Result<void> confirm(Transaction& tx, const Sent& sent);

// The next numbers of all lists; for the writer's memory.
Result<NextBatches> next_batches(Database& db);
// All batches that are left, oldest first. Any connection.
Result<std::vector<BatchPtr>> open_batches(Database& db);

}  // namespace cjv::store
