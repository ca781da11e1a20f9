#pragma once
// What an installation remembers of itself: its key and how often it was started.

#include <functional>
#include <span>

#include "domain/run_id.h"
#include "store/sqlite.h"

namespace cjv::store {

using RandomBytes = std::function<void(std::span<std::uint8_t>)>;

// Names the installation; made on the first start.
Result<Uuid> installation_id(Database& db, const RandomBytes& random);
// Makes another one, which it keeps from now on.
Result<Uuid> new_installation_id(Database& db, const RandomBytes& random);
// The key that run ids are checked with; made on the first start.
Result<domain::InstallationKey> installation_key(Database& db, const RandomBytes& random);
// Counts this start, and returns its number: 1, 2, 3 …
Result<std::int64_t> next_start_number(Database& db);

}  // namespace cjv::store
