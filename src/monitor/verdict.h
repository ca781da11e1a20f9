#pragma once
// What becomes of a run that is open past what its events told: what its result says, what its silence means.
// Pure.

#include <optional>

#include "celery/task_result.h"
#include "domain/board.h"
#include "monitor/workers.h"
#include "store/task_news.h"

namespace cjv::monitor {

struct Evidence {
    Instant now{};
    std::optional<Instant> started_at = {};  // the run's last attempt, by the worker's clock
    celery::ReadResult stored = {};          // empty: no result is stored
    std::optional<Instant> complete_since =
        {};  // since when no event was missed; nothing: some are missing now
    std::optional<Worker> worker = {};  // the run's, as we know it
    int unknown = 0;  // how often in a row its worker said that it does not know it
};

// The id by which Celery knows the run.
std::string task_id_of(const domain::Run& run);

// When the run's time is over. `entry` is its job; null: it has none.
std::optional<Instant> deadline_of(const domain::Run& run, const domain::Entry* entry);

// How the run ends, with the evidence named; nothing while it may still go on.
std::optional<store::TaskNews> verdict_on(const domain::Run& run, const domain::Entry* entry,
                                          const Evidence& evidence);

// Whether its worker should be asked if it knows the run: it runs there, as far as we know, and says nothing.
bool is_worth_asking(const domain::Run& run, const Evidence& evidence);

// Whether workers should be asked who of them runs it: it was sent a while ago, and nobody told of a start.
bool is_worth_seeking(const domain::Run& run, const Evidence& evidence);

// A worker says that it runs it. `started_at` is by the worker's clock; nothing: it does not say.
store::TaskNews found_running(const domain::Run& run, const std::string& worker,
                              std::optional<Instant> started_at, Instant now);

}  // namespace cjv::monitor
