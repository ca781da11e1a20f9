#pragma once
// What this folder answers, as JSON: the same in the API and on the command line.

#include "base/json.h"
#include "schedule/refusal.h"
#include "schedule/schedule.h"

#include <vector>

namespace cjv::schedule {

// {"schedule": …, "timezone"?, "day_match"?, "schedule_type"?, "start_at"?, "end_at"?}
void write(json::Writer& out, const Suggestion& suggestion);
// {"field", "column", "code", "message", "hint"?, "suggest"?}; field and column are null where the
// text is meant as a whole.
void write(json::Writer& out, const Refusal& refusal);
// [{"code", "message", "strong", "suggest"?}]
void write(json::Writer& out, const std::vector<Warning>& warnings);

}  // namespace cjv::schedule
