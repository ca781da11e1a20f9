#pragma once
// What the beat decided becomes rows: runs, ranges of slots that did not run, and the cursor that moves past
// them, in one transaction.

#include <span>

#include "domain/plan.h"
#include "store/draft.h"

namespace cjv::store {

// Records decisions inside the writer's transaction, and applies overlap from the runs that are open there. A job
// that has moved on since it was planned (edited, deleted, decided) is left out: the feed tells the beat, which
// plans it afresh.
Result<void> record(Transaction& tx, std::span<const domain::Decision> decisions);
Result<void> record(Transaction& tx, const domain::Decision& decision);

}  // namespace cjv::store
