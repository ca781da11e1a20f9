#pragma once
// Jobs that run whenever a server starts (@reboot): no slot, no cursor, one run for each start.

#include "store/draft.h"

namespace cjv::store {

// Records the run of this start, inside the writer's transaction; whose overlap refuses it ends as skipped at
// once. A job that is gone, inactive or has another schedule by now is left out.
Result<void> record_at_start(Transaction& tx, JobNumber job);

}  // namespace cjv::store
