#pragma once
// Failed sign-ins, as rows. How long who has to wait is web/throttle's business.

#include <vector>

#include "store/draft.h"
#include "store/store.h"

namespace cjv::store {

// Those whose `next` is at most a day before `now`.
Result<std::vector<ThrottleRow>> load_throttles(Database& db, Instant now);

// Inside the writer's transaction. Forgets those that load_throttles() would leave out, too.
Result<void> record_throttle(Transaction& tx, const ThrottleRow& row);

}  // namespace cjv::store
