#pragma once
// Jobs: their rows, the cursor that stands beside each, and the promises to create, change and delete one.

#include <optional>
#include <string>

#include "base/log.h"
#include "domain/plan.h"
#include "schedule/zones.h"
#include "store/draft.h"

namespace cjv::store {

// Fills the board. A job whose schedule cannot be read any more (its zone is gone) is on the board without a next
// slot, and the log says so: one bad job does not stop the others. Next slots that are others by the zone data of
// today are moved, which the log says as well.
Result<void> load_jobs(Database& db, const schedule::Zones& zones, domain::Board& board, Log& log);

// `job.id` is set; number, version and times are set here. `bad_input` when the name is taken.
Result<domain::EntryPtr> create_job(Transaction& tx, domain::Job job);
// Decides the slots that are due already, by the old definition, and goes on from now by the new one. `before` is
// the version that was read, 0: any. Without a difference nothing changes.
Result<domain::EntryPtr> update_job(Transaction& tx, JobNumber number, std::int64_t before,
                                    domain::Job job, const domain::Outage& outage);
// Runs that are pending are cancelled, what has started goes on to its end.
Result<void> delete_job(Transaction& tx, JobNumber number, std::int64_t before,
                        const domain::Outage& outage, std::string_view by);

// Decides the slots of the job that are due already. Of a job that is in trouble, what the database refuses is
// missed instead.
Result<void> decide_due(Transaction& tx, JobNumber number, const domain::Outage& outage);
// Other zone data than before have moved the job's next slot.
void log_moved_slot(Log& log, const domain::Job& job, std::optional<Instant> before,
                    std::optional<Instant> after);
// Writes where the entry's cursor stands.
Result<void> set_cursor(Transaction& tx, const domain::Entry& entry);

Result<std::vector<DeletedJob>> deleted_jobs(Database& db);
// Also of a deleted job.
Result<std::optional<std::string>> job_name(Database& db, JobNumber number);
Result<std::optional<Uuid>> job_id(Database& db, JobNumber number);
Result<std::optional<JobNumber>> job_number(Database& db, const Uuid& id);

}  // namespace cjv::store
