#pragma once
// A run of kind `command` in the runner's words, and the runner's news in the store's. Pure.

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "dispatch/settings.h"
#include "domain/job.h"
#include "domain/run.h"
#include "runner/process.h"
#include "store/store.h"

#include <optional>
#include <string>
#include <vector>

namespace cjv::dispatch {

// One try of a run that may start.
struct Try {
    RunId run;
    std::optional<Instant> slot = {};
    int attempt = 1;
    std::string overrides = {};  // JSON object with "env", as run_now was given it; empty: none
};

// All that is to know about a command before it starts.
struct Prepared {
    RunId run;
    runner::Command command;
    std::vector<int> success_codes;
};

// `forbidden` when the job wants a shell and may not have one, `corrupt` when what is stored of it makes no
// sense.
Result<Prepared> prepare(const domain::Job& job, const Try& run, const Settings& settings);

// It could not be started, for the reason that `error` names.
store::Ended not_started(const RunId& run, const Error& error, Instant now);

// It has ended. `asked`: why we told it to stop, where we did.
store::Ended ended(const Prepared& prepared, const runner::End& end, domain::Reason asked);

}  // namespace cjv::dispatch
