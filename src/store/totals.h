#pragma once
// Maintained totals: the final runs that are kept, by job and by the UTC hour in which they ended. They change
// in the transaction in which a run ends or is cleaned up, so they always equal a recount.

#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "store/sqlite.h"
#include "store/store.h"

namespace cjv::store {

// What a final run adds to its hour. A run that skipped its slot adds nothing.
HourTotals totals_of(const domain::Run& run);

// Changes, by job and hour; also negative.
using TotalsByHour = std::map<std::pair<JobNumber, std::int64_t>, HourTotals>;
void add(TotalsByHour& totals, JobNumber job, const HourTotals& more);

// Writes changes to the rows of the jobs and of all jobs together. A row that counts nothing goes.
Result<void> write_totals(Database& db, const TotalsByHour& changes);

Result<std::vector<HourTotals>> hours_of(Database& db, JobNumber job, std::int64_t since);

// The totals of all jobs, in memory. Any thread.
class Totals {
public:
    Result<void> load(Database& db);
    void add(const TotalsByHour& changes);
    std::vector<HourTotals> since(std::int64_t hour) const;

private:
    mutable std::mutex mutex_;
    std::map<std::int64_t, HourTotals> hours_;
};

}  // namespace cjv::store
