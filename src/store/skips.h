#pragma once
// Ranges of slots that did not run.

#include <optional>

#include "domain/run.h"
#include "store/draft.h"

namespace cjv::store {

inline constexpr std::string_view kSkipColumns =
    "id, job, first_slot, last_slot, slots, status, reason";
domain::Skip read_skip(const Row& row);
Result<std::optional<domain::Skip>> find_skip(Database& db, const RunId& id);

// Records slots that did not run, all of one UTC day; `skip.id` is set here. A job that is skipped every second
// is one row a day: slots that directly follow the job's newest range, for the same reason and on the same day,
// extend it.
Result<void> record_skip(Transaction& tx, domain::Skip skip);

}  // namespace cjv::store
