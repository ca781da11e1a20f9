#pragma once
// That a run was sent, where the database refuses to change its row: its batch is gone from the outbox, and without
// this the next start would take it for one that has no message. Inside the writer's transaction, but for what says
// otherwise.

#include <vector>

#include "store/batch.h"
#include "store/draft.h"

namespace cjv::store {

// Kept twice, it is there once.
Result<void> keep_mark(Transaction& tx, const SentRun& sent);
Result<void> drop_mark(Transaction& tx, const RunId& run);
// The broker's numbers are those of another installation.
Result<void> forget_numbers_of_marks(Transaction& tx);
// Any connection.
Result<std::vector<SentRun>> kept_marks(Database& db);

}  // namespace cjv::store
