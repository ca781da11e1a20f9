#pragma once
// A run that somebody asks for, outside the schedule.

#include "store/draft.h"
#include "store/store.h"

namespace cjv::store {

// Inside the writer's transaction. `conflict` when the job's overlap refuses, and says what to do.
Result<domain::Run> record_asked(Transaction& tx, const AskedRun& asked, const Actor& by);

}  // namespace cjv::store
