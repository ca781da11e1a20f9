#pragma once
// Batches that the broker is not known to have, of each list in the order of its numbers. Plain; whoever has it
// guards it.

#include "base/clock.h"
#include "store/batch.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace cjv::dispatch {

class Unsent {
public:
    void put(const store::BatchPtr& batch);
    void remove(const store::BatchPtr& batch);  // the broker has it
    bool empty() const { return batches_.empty(); }
    std::int64_t messages() const { return messages_; }

    // Those that are next, and of each list only the one that is next.
    std::vector<store::BatchPtr> next(std::size_t most) const;
    std::vector<store::BatchPtr> next_of_each_list(std::size_t most) const;
    // What was refused on these lists lets the others pass.
    void put_last(const std::set<std::string>& lists);

    // A run that has ended: its message, if it is in one of them, is left out.
    void recall(const RunId& run) {
        if (runs_.contains(run)) recalled_.insert(run);
    }
    const std::unordered_set<RunId>& recalled() const { return recalled_; }

    // It may have arrived, and nobody has said so: it is not known to be unsent any more.
    void doubt(const store::BatchPtr& batch) { doubtful_.insert(batch.get()); }
    // The newest numbers that the broker has, by list: what is beyond them has not arrived.
    void trust_beyond(const std::map<std::string, std::int64_t>& there);

    // Messages that are not to be sent any more, of runs that have not ended, in batches that are not in doubt.
    struct Expired {
        RunId run;
        Instant at{};
    };
    std::vector<Expired> expired(Instant now) const;

    // Those that have waited since an earlier call, for `patience`; each is in one answer only.
    std::vector<store::BatchPtr> overdue(Steady now, Steady::duration patience);

private:
    struct Wait {
        Steady since{};
        bool is_told = false;
    };
    std::deque<store::BatchPtr> batches_;
    std::int64_t messages_ = 0;
    std::unordered_map<RunId, int> runs_;  // in how many batches each is
    std::unordered_set<RunId> recalled_;   // of them
    std::unordered_map<const store::Batch*, Wait> waits_;
    std::unordered_set<const store::Batch*> doubtful_;
};

}  // namespace cjv::dispatch
