#pragma once
// A run comes while others of its job are not final: start, wait, or not at all? Pure. The writer
// asks, in the transaction, with the open runs there.

#include "domain/job.h"
#include "domain/run.h"

#include <cstdint>

namespace cjv::domain {

enum class Verdict : std::uint8_t {
    start,        // pending, free to go
    wait,         // pending(waiting_overlap): goes when those before it are final
    skip,         // skipped(overlap); asked for by a person: a conflict
    buffer_full,  // skipped(buffer_full); asked for by a person: a conflict
};

// `open` runs of the job are not final, `waiting` of them wait for overlap. Catch-up runs follow
// one another whatever the policy, unless it is `allow`. `force` is a person's "run it all the
// same".
Verdict decide_overlap(Overlap policy, Trigger trigger, std::int64_t open, std::int64_t waiting,
                       bool force);

}  // namespace cjv::domain
