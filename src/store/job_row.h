#pragma once
// A job's definition as a row of `jobs`, and back. The schedule stays a text here: parsing it is the loader's
// business.

#include "domain/board.h"
#include "domain/job.h"
#include "store/sqlite.h"

namespace cjv::store {

// All jobs on the board with their cursors, by number.
extern const std::string kLoadJobs;
struct JobRow {
    domain::Job job;      // its schedule is not parsed
    domain::Entry entry;  // number and cursor
};
JobRow read_job_row(const Row& row);

Result<JobNumber> insert_job(Database& db, const domain::Job& job);
Result<void> rewrite_job(Database& db, JobNumber number, const domain::Job& job);

// Whether both make the same row.
bool same_row(const domain::Job& a, const domain::Job& b);

}  // namespace cjv::store
