#pragma once
// Which job is next: a heap of jobs by their next slot. What happens at the slot is domain/plan's
// business.

#include "base/clock.h"
#include "base/id.h"

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <vector>

namespace cjv::beat {

// Not for several threads.
class Due {
public:
    // Places the job, moves it, or (without a slot) takes it out. O(log n).
    void set(JobNumber job, std::optional<Instant> slot);

    // At most `limit` jobs whose slot is not after `now`, soonest first; they stay where they are.
    // O(found · log found), however many jobs there are.
    std::vector<JobNumber> until(Instant now, std::size_t limit) const;
    // How many those are, up to `limit`. O(found).
    std::size_t count(Instant now, std::size_t limit) const;
    std::optional<Instant> soonest() const;
    std::size_t size() const { return heap_.size(); }

private:
    struct Item {
        Instant slot;
        JobNumber job;
        auto operator<=>(const Item&) const = default;
    };

    void put(std::size_t place, const Item& item);
    void settle(std::size_t place, const Item& item);  // moves it up or down to where it belongs

    std::vector<Item> heap_;  // no item is sooner than its parent at (place - 1) / 2
    std::unordered_map<JobNumber, std::size_t> places_;
};

}  // namespace cjv::beat
