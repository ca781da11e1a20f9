#pragma once
// From what Celery says of a task, by its events and by its result, to what the store is told. Pure.

#include <optional>
#include <string>

#include "celery/task_result.h"
#include "celery/task_state.h"
#include "store/task_news.h"

namespace cjv::monitor {

// Nothing while the events say nothing that a run could be in: a cancelled or requeued start.
std::optional<store::TaskNews> news_of(std::string_view task_id, const celery::TaskState& task,
                                       Instant seen_at);

// Adds what the result says better than the event of the same end: the whole result, the exception's own text,
// the traceback, and for a killed child why. An end that contradicts the event's is left alone.
void add_result(store::TaskNews& news, const celery::ReadResult& stored);

// A run that had begun cannot have been missed: where a later attempt expired, it was called off.
void settle_expiry(store::TaskNews& news, bool has_begun);

// The end that a result tells where no event did. Nothing for a state in which a task goes on, or one that cannot
// be read. `now` stands in for a result without a time.
std::optional<store::TaskNews> news_of(std::string_view task_id, const celery::ReadResult& stored,
                                       Instant now);

}  // namespace cjv::monitor
