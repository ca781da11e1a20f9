#include "schedule/sets.h"

#include <bit>

namespace cjv::schedule {

std::optional<Steps> steps_of(std::uint64_t set, Bounds bounds) {
    if (std::popcount(set) < 2) return std::nullopt;
    const auto first = static_cast<unsigned>(std::countr_zero(set));
    const auto second = static_cast<unsigned>(std::countr_zero(set & (set - 1)));
    const auto last = static_cast<unsigned>(63 - std::countl_zero(set));
    const Steps steps{first, last, second - first};
    std::uint64_t expected = 0;
    for (unsigned v = first; v <= last; v += steps.step) expected |= std::uint64_t{1} << v;
    if (steps.step < 2 || expected != set) return std::nullopt;
    const bool halves = first == bounds.low && steps.even(bounds);
    if (std::popcount(set) == 2 && !halves) return std::nullopt;
    return steps;
}

std::vector<Run> runs_of(std::uint64_t set, Bounds bounds, bool ring) {
    std::vector<Run> runs;
    for (unsigned v = bounds.low; v <= bounds.high; ++v) {
        if (!(set >> v & 1)) continue;
        if (!runs.empty() && runs.back().to + 1 == v)
            runs.back().to = v;
        else
            runs.push_back({v, v});
    }
    const bool closes =
        ring && runs.size() > 1 && runs.front().from == bounds.low && runs.back().to == bounds.high;
    if (closes) {
        runs.back().to = runs.front().to;
        runs.erase(runs.begin());
    }
    return runs;
}

std::vector<unsigned> values_of(std::uint64_t set) {
    std::vector<unsigned> values;
    for (; set != 0; set &= set - 1) values.push_back(static_cast<unsigned>(std::countr_zero(set)));
    return values;
}

}  // namespace cjv::schedule
