#pragma once
// Removes what is older than retention, a little at a time.

#include <vector>

#include "store/draft.h"

namespace cjv::store {

inline constexpr std::int64_t kOldAtOnce = 500;                // rows that one look finds
inline constexpr std::chrono::microseconds kCleanUpTime{500};  // of one slice, before its commit

// Something that is old enough to go.
struct Old {
    RunId id;
    bool is_skip = false;
};

// At most `most` runs that ended before `before` and ranges whose last slot was before it, oldest first. Reads only.
Result<std::vector<Old>> find_old(Database& db, Instant before, std::int64_t most);

// Removes `old` from its beginning on, with output and totals, until `until` or some 128 KiB of output; at least one
// step. Returns how many are gone: a run whose output is long may need several calls. Inside the writer's
// transaction.
Result<std::size_t> remove_old(Transaction& tx, std::span<const Old> old, const Clock& clock,
                               Steady until);

}  // namespace cjv::store
