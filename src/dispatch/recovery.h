#pragma once
// The first thing after a start: what the last server was running when it died is ended and called lost.

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "domain/run.h"
#include "store/store.h"

#include <chrono>
#include <vector>

namespace cjv::dispatch {

// Ends the processes that are left, with TERM and, after `patience`, KILL; then records their runs as
// lost(server_crashed), with the evidence. Returns the runs that are pending and may start: those that wait for another
// do not, and those that have a message are the broker's. Runs of kind `celery` are not touched: their executor lives
// elsewhere.
Result<std::vector<domain::Run>> recover(store::Store& store, const Clock& clock, Log& log,
                                         std::chrono::milliseconds patience);

}  // namespace cjv::dispatch
