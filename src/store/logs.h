#pragma once
// Lists of logs: runs and ranges of slots that did not run, as one list.

#include "store/sqlite.h"
#include "store/store.h"

namespace cjv::store {

Result<LogPage> logs(Database& db, const LogFilter& filter, LogOrder order, std::int64_t offset,
                     std::int64_t limit);
Result<LogPage> logs_after(Database& db, const LogFilter& filter, std::optional<RunId> after,
                           std::int64_t limit);
Result<std::vector<RunId>> reruns_of(Database& db, const RunId& run, std::int64_t limit);
Result<std::vector<domain::Run>> newest_runs(Database& db, JobNumber job, std::int64_t limit);

}  // namespace cjv::store
