#pragma once
// Runs whose change the database has refused, and when to try again: until then they hold up nobody.

#include "base/clock.h"
#include "dispatch/fair_queue.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <vector>

namespace cjv::dispatch {

class SetAside {
public:
    void put(const Waiting& waiting, Steady again_at) {
        runs_.insert_or_assign(waiting.run, Item{waiting, again_at});
    }
    void remove(const RunId& run) { runs_.erase(run); }
    bool contains(const RunId& run) const { return runs_.contains(run); }

    // Those whose time has come; they are not in here any more.
    std::vector<Waiting> take(Steady now) {
        std::vector<Waiting> due;
        std::erase_if(runs_, [&](const auto& one) {
            if (now < one.second.again_at) return false;
            due.push_back(one.second.waiting);
            return true;
        });
        return due;
    }
    std::optional<Steady> soonest() const {
        std::optional<Steady> soonest;
        for (const auto& [run, item] : runs_)
            soonest = std::min(soonest.value_or(item.again_at), item.again_at);
        return soonest;
    }

private:
    struct Item {
        Waiting waiting;
        Steady again_at;
    };
    std::unordered_map<RunId, Item> runs_;
};

}  // namespace cjv::dispatch
