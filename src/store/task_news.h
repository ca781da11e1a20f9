#pragma once
// What workers tell of one task by now. Plain values.

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/run.h"

namespace cjv::store {

// The whole of what is known, so that later news replaces earlier news, and news that is told twice changes
// nothing. Times but `seen_at` are by the worker's clock.
struct TaskNews {
    // As its sender chose it. One that names a run of ours is that run; any other is a run that is only observed,
    // recorded with its first news.
    std::string task_id;
    std::string task = {};  // its name; empty where nobody told it
    Instant seen_at{};      // when we first heard of it, by our clock
    // queued, running, retrying, or an end. A status that cannot follow the run's is not taken.
    domain::Status status = domain::Status::queued;
    domain::Reason reason = domain::Reason::none;
    int attempt = 1;
    std::optional<Instant> sent_at = {};
    std::optional<Instant> received_at = {};  // of the first attempt, as is the start
    std::optional<Instant> started_at = {};
    std::optional<Instant> ended_at = {};
    std::string worker = {};
    std::string error = {};
    std::string traceback = {};
    std::string result = {};
    std::string note = {};                       // a sentence for the run's notes; empty: none
    std::vector<domain::Attempt> attempts = {};  // all of them, where there is more than one

    bool operator==(const TaskNews&) const = default;
};

}  // namespace cjv::store
