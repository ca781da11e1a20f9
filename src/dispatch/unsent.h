#pragma once
// Batches that the broker is not known to have, of each list in the order of its numbers. Plain; whoever has it
// guards it.

#include "base/clock.h"
#include "store/batch.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace cjv::dispatch {

class Unsent {
public:
    void put(const store::BatchPtr& batch, Steady now);
    void remove(const store::BatchPtr& batch);  // the broker has it
    bool empty() const { return messages_ == 0; }
    std::int64_t messages() const { return messages_; }

    // Those that are next, in the order in which they came. Of a list that was refused none until it may be tried
    // again, and then its first alone.
    std::vector<store::BatchPtr> next(std::size_t most, Steady now) const;
    std::vector<store::BatchPtr> next_of_each_list(std::size_t most, Steady now) const;

    // A list that can take nothing lets the others pass until `again_at`. `why` is a sentence.
    void refuse(const std::string& list, std::string why, Steady again_at);
    void accept(const std::string& list);  // it has taken something
    void try_all();                        // at once, whatever was refused
    std::string refusal() const;           // of one of the lists; empty: none is refused

    // A run that has ended: its message, if it is in one of them, is left out.
    void recall(const RunId& run) {
        if (runs_.contains(run)) recalled_.insert(run);
    }
    const std::unordered_set<RunId>& recalled() const { return recalled_; }

    // It may have arrived, and nobody has said so: it is not known to be unsent any more.
    void doubt(const store::BatchPtr& batch);
    bool is_in_doubt(const store::BatchPtr& batch);
    // The newest numbers that the broker has, by list: what is beyond them has not arrived.
    void trust_beyond(const std::map<std::string, std::int64_t>& there);

    // Messages that are not to be sent any more, of runs that have not ended, in batches that are not in doubt. The
    // same again, until they are told as done: then they are their workers' to drop. Costs nothing while none expires.
    struct Expired {
        RunId run;
        Instant at{};
    };
    std::vector<Expired> expired(Instant now);
    void set_expired_done();

    // Those that have waited for `patience`; each is in one answer only.
    std::vector<store::BatchPtr> overdue(Steady now, Steady::duration patience);

private:
    struct Waiting {
        store::BatchPtr batch;
        std::uint64_t order = 0;  // in which it came
        Steady since{};
        std::optional<Instant> expires = {};  // its first message that has not been seen to
        std::optional<Instant> asked = {};    // what expires until then was in an answer
        bool is_told = false;
        bool is_in_doubt = false;
    };
    struct List {
        std::deque<Waiting> waiting = {};
        std::optional<Steady> again_at = {};  // it was refused
        std::string refusal = {};

        std::size_t may_leave(Steady now) const;
    };
    Waiting* find(const store::BatchPtr& batch);

    std::map<std::string, List> lists_;  // none of which is empty
    std::uint64_t order_ = 0;
    std::int64_t messages_ = 0;
    std::unordered_map<RunId, int> runs_;  // in how many batches each is
    std::unordered_set<RunId> recalled_;   // of them
    std::optional<Instant> soonest_;       // nothing expires before it
};

}  // namespace cjv::dispatch
