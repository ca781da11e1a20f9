#pragma once
// Rows of runs: reading and writing them. What may become of a run is lifecycle's business.

#include <functional>
#include <optional>
#include <string>

#include "domain/run.h"
#include "store/sqlite.h"

namespace cjv::store {

// What read_run reads, in its order.
inline constexpr std::string_view kRunColumns =
    "id, job, slot, trigger, status, reason, decided_at, queued_at, received_at, started_at, "
    "ended_at, "
    "cancel_requested, late, attempt, worker, pid, pid_start, boot_id, exit_code, error, "
    "traceback, result, "
    "output_size, output_cut, overrides, notes, asked_by, rerun_of, task, task_id, list, batch";
domain::Run read_run(const Row& row);

Result<std::optional<domain::Run>> find_run(Database& db, const RunId& id);
// Of all runs that are not final, oldest first.
Result<std::vector<domain::Run>> open_runs(Database& db);
Result<void> each_open_run(Database& db, const std::function<void(domain::Run)>& each);
// How many those are.
Result<std::int64_t> count_open_runs(Database& db);
// Of them, oldest first, those of a process of this machine, and those that began or were handed over before `then`.
Result<std::vector<domain::Run>> going_runs(Database& db, Instant then);
// The run of `job` that has waited longest for those before it to end.
Result<std::optional<domain::Run>> oldest_waiting(Database& db, JobNumber job);

// Of a job; writes what is known when it is decided.
Result<void> insert_run(Database& db, const domain::Run& run);
// Of a task that others sent; writes all that is known.
Result<void> insert_observed(Database& db, const domain::Run& run);
// pending → queued in one statement, for a run that is as it was when it was recorded: the broker has it since
// `at`, in that batch of that list. False: it is not so, and was not changed.
Result<bool> queue_posted(Database& db, const RunId& id, Instant at, const std::string& list,
                          std::int64_t batch);
// Writes all that can change after the insert.
Result<void> update_run(Database& db, const domain::Run& run);

// `notes` is a JSON array of sentences, or empty; returns it with one more.
std::string with_note(const std::string& notes, std::string_view sentence, Instant at);

}  // namespace cjv::store
