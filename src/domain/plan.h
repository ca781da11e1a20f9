#pragma once
// What happens to the slots of one job that are due. Overlap with runs that are still going is
// overlap.h's business; recording a decision is the store's.

#include "base/clock.h"
#include "base/id.h"
#include "domain/board.h"
#include "domain/run.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace cjv::domain {

struct PlannedRun {
    Instant slot;
    Trigger trigger = Trigger::schedule;  // schedule or catch_up
    bool operator==(const PlannedRun&) const = default;
};

// Slots that will not run. A range lies within one UTC day.
struct SlotRange {
    Instant first{}, last{};
    std::int64_t count = 0;
    bool operator==(const SlotRange&) const = default;
};

// What was decided about the due slots of one job, and how its cursor moves: one thing, so that
// neither can be kept without the other.
struct Decision {
    JobNumber job = {};
    std::int64_t version = 0;             // of the job, when we looked
    Instant cursor{};                     // the slot it stood on when we looked
    std::optional<Instant> next = {};     // where it goes; nothing: there are no more
    std::vector<PlannedRun> runs = {};    // oldest first
    std::vector<SlotRange> passed = {};   // oldest first: slots that will not run
    Reason reason = Reason::server_down;  // why they will not: all of them are `missed`
};

// A time when nobody could serve: server down, store away, machine asleep, clock set forward.
struct Outage {
    Instant until{};  // slots before it passed unserved; those from it on are late at worst
    Reason reason = Reason::server_down;
};

// What has been served so far, as whoever plans knows it.
struct Service {
    Outage outage = {};  // the newest
    std::optional<Instant> last_turn =
        {};  // the newest that was good; nothing: none since the start
};
// A longer time without a good turn is an outage, not lateness.
inline constexpr std::chrono::seconds kStall{5};
// The outage that counts at `now`, whether somebody has noticed it yet or not. Pure.
Outage outage_at(const Service& service, Instant now);

// What happens to the slots of one job that are due at `now`: all of them, each exactly once.
// `entry` is active and its next_slot is set and not after `now`. One that is in trouble was not served until
// now, whatever `outage` says: what passed meanwhile is a misfire. Of a long outage only a part is decided, whose
// slots will not run: at least `most` slots are looked at before it ends; `next` is due then. Pure.
Decision plan(const Entry& entry, const Outage& outage, Instant now,
              std::int64_t most = std::numeric_limits<std::int64_t>::max());
// Slots that it decides.
std::int64_t slots_of(const Decision& decision);

// Where the cursor of a job begins that is made or changed at `now`: at the first slot after it. A point in time that
// has passed is that slot, where the job's misfire policy would still run it and it is later than `decided_until`.
// Pure.
std::optional<Instant> first_slot(const Job& job, Instant decided_until, Instant now);

// Where a cursor goes when other zone data have moved the slots: `before` was the next slot by the old data, and
// all up to `decided_until` have their decisions. A slot that moved to an earlier time is not lost, and one that
// is decided already and moved to a later time is not served again. Pure.
std::optional<Instant> slot_after_change(const schedule::Schedule& schedule, Instant decided_until,
                                         std::optional<Instant> before);

}  // namespace cjv::domain
