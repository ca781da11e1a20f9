#pragma once
// Which observed run a task is. Ids of tasks are random, and a row at a random place of a table costs the writing of
// a page. So the newest stay in memory, and go into the table `task_ids` sorted, many at once. Until then the rows
// of their runs, which name their tasks, say the same, from which they are read back at the start.

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "store/bloom_filter.h"
#include "store/sqlite.h"
#include "store/task_map.h"

namespace cjv::store {

struct Transaction;

class TaskIds {
public:
    // What a transaction changes.
    struct Changes {
        TaskMap recorded = {};
        std::optional<RunId> lowest = {};  // of these runs
        std::vector<std::string> removed = {};
        std::size_t settled = 0;          // how many of those that are due went into the table
        std::optional<RunId> since = {};  // what is on disk now of `since` below

        void keep_in(Changes& below);
    };

    // So many are gathered, but none for longer than a minute while anything is written.
    static constexpr std::size_t kMost = 60'000;

    // At the start.
    Result<void> load(Database& db, Instant now);
    // The run of one that is not in the table yet. Any thread.
    std::optional<RunId> find(std::string_view task_id) const;

    // What follows is the writer's.

    // False: no run is this task. Others are worth looking for.
    bool may_know(std::string_view task_id) const {
        return !has_read_all_ || known_.may_have(task_id);
    }
    void note(std::string_view task_id) { known_.add(task_id); }
    // Reads some more of what the table had at the start; inside a transaction, until all is read.
    Result<void> read_more(Database& db);

    // After the commit. `changes` is empty then. Quick: those who wait for a decision wait for this.
    void keep(Changes& changes, Instant now);

    // Whether some are to go into the table, or to be made ready for it: enough were gathered, or for long enough.
    bool must_settle(Instant now) const { return due() > 0 || is_time(now); }
    // Sorts what was gathered, if it is time and all that was due before has gone: some milliseconds for kMost. True:
    // it has.
    bool make_due(Instant now);
    // Those to be put into the table next, in order; none: it is not time.
    std::size_t due() const { return old_.size() - settled_; }
    std::string due_task(std::size_t index) const { return old_.task_id(settled_ + index); }
    // All zero: it is gone meanwhile.
    const RunId& due_run(std::size_t index) const { return old_.run(settled_ + index); }

    // No run that only memory knows has a lower id; nothing: there never was one.
    std::optional<RunId> since() const { return since_; }
    // The same for those that are not due.
    std::optional<RunId> lowest() const { return lowest_; }
    // All are in the table.
    bool all_settled() const { return young_.empty() && due() == 0; }

private:
    bool is_time(Instant now) const;

    mutable std::mutex mutex_;  // the writer changes both maps under it, and reads them without
    TaskMap young_;
    TaskMap::Sorted old_;  // due, but for the first that are in the table already
    std::size_t settled_ = 0;
    std::optional<RunId> lowest_, since_;
    Instant young_since_{};
    BloomFilter known_;  // all that were ever recorded, once the table has been read
    bool has_read_all_ = false;
    std::string read_to_;
};

// Inside the writer's transaction.
Result<std::optional<RunId>> find_task_id(Transaction& tx, std::string_view task_id);
Result<void> record_task_id(Transaction& tx, const std::string& task_id, const RunId& run);
Result<void> remove_task_id(Transaction& tx, const std::string& task_id);
// Puts some of what is due into the table: at the end of each transaction that may record new ones. On an error
// nothing of that has happened, and what else the transaction did is as it was.
Result<void> settle_task_ids(Transaction& tx);

// Among those in the table. Any connection.
Result<std::optional<RunId>> find_settled(Database& db, std::string_view task_id);

}  // namespace cjv::store
