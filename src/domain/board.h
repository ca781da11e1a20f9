#pragma once
// All jobs in memory, in one table of immutable entries. The store's writer replaces entries after
// commit, so nothing is seen here before it is durable. Everybody else reads.

#include "base/clock.h"
#include "base/id.h"
#include "domain/entry_table.h"
#include "domain/job.h"
#include "domain/run.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cjv::domain {

// Why a job with a schedule is not served. It is the server's own trouble, and it tries again.
enum class Trouble : std::uint8_t {
    none,
    schedule_unreadable,  // what is stored cannot be parsed: a newer program wrote it
    zone_missing,         // its time zone is not in the zone data: it has no slots until it is back
    slots_refused,        // the database refuses what was decided of its due slots: they stay due
};
std::string_view to_text(Trouble trouble);

// A job and the hot part beside it. Immutable once on the board; cheap to copy.
struct Entry {
    JobNumber number;
    std::shared_ptr<const Job> job;

    std::optional<Instant> next_slot = {};  // the cursor: the next slot without a decision
    Instant decided_until{};                // every slot up to it has its decision; never decreases
    std::optional<Instant> last_run_at = {};  // when the newest run started
    Status last_status = Status::pending;     // of the newest final run; pending until a first
    std::int32_t open_count = 0;              // runs that are not final
    std::int32_t running_count = 0;           // of them, running
    std::int32_t waiting_count = 0;           // of them, pending(waiting_overlap)
    std::int64_t total_run_count = 0;         // a lifetime's
    Trouble trouble = Trouble::none;          // not stored: each start finds out anew
};
using EntryPtr = std::shared_ptr<const Entry>;

// What people are shown as the job's status: of a run that is going on, else of the newest final one.
Status shown_status(const Entry& entry);

// Maintained with every replacement, so that statistics cost nothing.
struct BoardCounts {
    std::int64_t total = 0, active = 0, running_jobs = 0, failed_jobs = 0;
    std::int64_t in_trouble = 0;
    std::array<std::int64_t, kStatuses> by_status{};  // shown_status of all jobs
    std::array<std::int64_t, 5> by_schedule_type{};   // indexed by schedule::Type
};

// Readers: any thread. Writers: the store's writer thread alone.
class Board {
public:
    EntryPtr find(JobNumber number) const;
    EntryPtr find(const Uuid& id) const;
    EntryPtr find_by_name(std::string_view name) const;
    std::size_t size() const;
    BoardCounts counts() const;

    // All entries, newest job first. A snapshot: costs one pointer copy an entry.
    std::vector<EntryPtr> all() const;
    // At most `limit` entries, newest job first, after skipping `offset`. O(offset + limit).
    std::vector<EntryPtr> newest(std::size_t offset, std::size_t limit) const;
    // The `limit` soonest next slots up to `until`, soonest first.
    std::vector<EntryPtr> upcoming(Instant until, std::size_t limit) const;

    void put(EntryPtr entry);  // adds or replaces
    void remove(JobNumber number);

private:
    void forget_name(const Entry& entry);
    void count(const Entry& entry, std::int64_t sign);

    mutable std::shared_mutex mutex_;
    EntryTable entries_;
    std::unordered_map<Uuid, JobNumber> by_id_;
    std::unordered_map<std::string, JobNumber> by_name_;
    BoardCounts counts_;
};

}  // namespace cjv::domain
