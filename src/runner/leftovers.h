#pragma once
// Processes that a dead server left behind: found and ended at the next start, before anything else
// runs. Whether their runs are lost is the caller's business.

#include "base/clock.h"
#include "runner/process_table.h"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::runner {

// A run that was going when the server died, as far as it was written down.
struct Abandoned {
    std::string mark;  // its value of the marking variable
    std::optional<Identity> leader =
        {};  // nothing: the server died before it could note the process
};

struct Cleared {
    std::string mark;
    std::vector<pid_t> ended = {};   // were there, and had to go
    std::vector<pid_t> strays = {};  // had left the session of the run on purpose; left alone
    bool gone = true;                // nothing of the session is left
};

// Ends what is left of each run, TERM first and KILL after `patience`, and says what it found, in
// the order of `runs`. A process belongs to a run by the variable `name` in its environment, or by
// being in the session of the leader that was noted. Where no leader was noted, all that carry the
// mark belong. `unavailable` when the system could not be asked: some may be left. Blocks for at most a few times `patience`; our own session is never touched.
Result<std::vector<Cleared>> end_leftovers(std::span<const Abandoned> runs, std::string_view name,
                                           std::chrono::milliseconds patience, const Clock& clock);

}  // namespace cjv::runner
