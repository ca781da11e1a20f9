#pragma once
// Our own jobs: they exist from the first start and are listed like any other.

#include "schedule/zones.h"
#include "store/draft.h"
#include "store/settings.h"

namespace cjv::store {

// Creates those that are not there, inside the writer's transaction.
Result<void> create_chores(Transaction& tx, const schedule::Zones& zones,
                           const RandomBytes& random);

// A version 4 UUID.
Uuid random_id(const RandomBytes& random);

}  // namespace cjv::store
