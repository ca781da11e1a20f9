#pragma once
// What runs print, in chunks as it arrived. How much of it is kept is the runner's
// business.

#include <vector>

#include "store/draft.h"
#include "store/store.h"

namespace cjv::store {

// An OutputRound whose chunks are compressed, as they are stored.
struct PackedChunk {
    Stream stream = Stream::out;
    Instant at{};
    std::uint64_t offset = 0;
    std::uint64_t size = 0;  // before compression
    std::string bytes;
};
struct PackedRound {
    RunId run;
    std::vector<PackedChunk> chunks;
    std::uint64_t printed = 0;
    std::uint64_t drop_from = 0, drop_until = 0;
};
PackedRound pack(const OutputRound& round);       // any thread
std::uint64_t size_of(const PackedRound& round);  // bytes that its chunks hold

// Inside the writer's transaction. Nothing when the run is gone.
Result<void> record_output(Transaction& tx, const PackedRound& round);

Result<std::vector<OutputChunk>> output_after(Database& db, const RunId& run, std::int64_t after,
                                              std::uint64_t max_bytes);

// The last `max_bytes` of what is kept, both streams as they came.
Result<std::string> output_tail(Database& db, const RunId& run, std::uint64_t max_bytes);

// Removes the run's chunks, first ones first, of about `max_bytes` compressed bytes at most; one at least.
struct RemovedOutput {
    std::uint64_t bytes = 0;
    bool left = false;  // there are more chunks
};
Result<RemovedOutput> remove_output(Database& db, const RunId& run, std::uint64_t max_bytes);

}  // namespace cjv::store
