#pragma once
// Tasks as workers tell of them, and the runs that they are. Inside the writer's transaction, but for what says
// otherwise.

#include <string_view>
#include <vector>

#include "store/draft.h"
#include "store/task_news.h"

namespace cjv::store {

// Finds the run, or records an observed one, and moves it on.
Result<void> record_news(Transaction& tx, const TaskNews& news);

// Forgets what stands about a run in tables of its own.
Result<void> remove_task(Transaction& tx, const domain::Run& run);

// The run of a task: ours by its id, or an observed one, which is `recent` where memory knows it. Any connection.
Result<std::optional<domain::Run>> find_task(Database& db, std::string_view task_id,
                                             const std::optional<RunId>& recent);
// Tries of a run that had more than one, in order; else none. Any connection.
Result<std::vector<domain::Attempt>> attempts_of(Database& db, const RunId& run);

}  // namespace cjv::store
