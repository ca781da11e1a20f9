#pragma once
// Sets of small numbers as people see them: "every third", "from 9 to 17", "1, 3 and 7".

#include <cstdint>
#include <optional>
#include <vector>

namespace cjv::schedule {

// Where the values of a set may lie. A ring has its lowest value after its highest, as hours do.
struct Bounds {
    unsigned low, high;

    unsigned size() const { return high - low + 1; }
    std::uint64_t all() const { return (~std::uint64_t{0} >> (64 - size())) << low; }
};

struct Steps {
    unsigned first, last, step;

    // Goes on evenly where the ring closes: every 15 minutes, not every 7.
    bool even(Bounds bounds) const {
        return bounds.size() % step == 0 && first < bounds.low + step && last + step > bounds.high;
    }
};

struct Run {
    unsigned from, to;  // `to` lies before `from` where the run passes the end of the ring

    unsigned length(Bounds bounds) const {
        return (to >= from ? to : to + bounds.size()) - from + 1;
    }
};

// The set as equal steps of two at least: three values or more, or two that divide the ring (0 and 30
// of 60).
std::optional<Steps> steps_of(std::uint64_t set, Bounds bounds);

// The values that follow one another, in order; round the end of the ring if it is one.
std::vector<Run> runs_of(std::uint64_t set, Bounds bounds, bool ring);

std::vector<unsigned> values_of(std::uint64_t set);

}  // namespace cjv::schedule
