#pragma once
// What is told to the store and need not be waited for: it is applied a tenth of a second later, together with
// its neighbours.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "store/batch.h"
#include "store/draft.h"
#include "store/outputs.h"
#include "store/store.h"
#include "store/task_news.h"

namespace cjv::store {

struct PendingReason {
    RunId run;
    domain::Reason reason;
};
struct SessionUsed {
    std::array<std::uint8_t, 32> hash;
    Instant at;
};
// What is recorded of one whose row the database refuses to change.
struct SentMark : SentRun {};
using Observation = std::variant<PendingReason, Started, PackedRound, Sent, SentRun, SentMark,
                                 Ended, TaskNews, SessionUsed, ThrottleRow>;

// Bytes of output that it holds.
std::uint64_t size_of(const Observation& observation);

// The run that it tells of, or the task; empty: it tells of none, or of several.
std::string subject_of(const Observation& observation);
// What may not be forgotten of it when the database refuses it. Of an end: that it ended, when and how, without
// texts and sizes. That a run was sent. Of anything else nothing.
std::optional<Observation> essence_of(const Observation& observation);
// Of a batch that was sent: each of its runs apart, and last that they are recorded. Of anything else nothing.
std::vector<Observation> pieces_of(const Observation& observation);
// What is to be on disk of it, where it was refused, before anything that came after it. Of a run that was sent: that it
// was. Of anything else nothing.
std::optional<Observation> mark_of(const Observation& observation);

// Inside the writer's transaction. What concerns a run that is not there any more is nothing.
Result<void> apply_observation(Transaction& tx, const Observation& observation);

}  // namespace cjv::store
