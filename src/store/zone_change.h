#pragma once
// The zone data change while jobs wait for their slots.

#include <optional>

#include "domain/board.h"
#include "domain/plan.h"
#include "schedule/zones.h"
#include "store/draft.h"

namespace cjv::store {

// What a change of the zone data made of a job.
struct Moved {
    enum class What : std::uint8_t {
        nothing,  // the next slot is the same
        slot,     // the next slot is another one
        gone,     // its zone is gone: it has no slots until that is back
        back,
    };
    What what = What::nothing;
    std::optional<Instant> before = {}, after = {};  // the next slot
};

// Parses the job's schedule anew with what `zones` has now, inside the writer's transaction. What is due already is
// decided by the old data; then the next slot is domain::slot_after_change.
Result<Moved> follow_zone(Transaction& tx, JobNumber number, const schedule::Zones& zones,
                          const domain::Outage& outage);

}  // namespace cjv::store
