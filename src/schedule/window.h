#pragma once
// The time in which a schedule has slots at all: from its start on, and before its end.

#include "base/clock.h"

#include <optional>

namespace cjv::schedule {

struct Window {
    Instant start = Instant::min();  // the first instant that may be a slot; min: since ever
    Instant end = Instant::max();    // the first that may not be one any more; max: for ever

    std::optional<Instant> start_at() const {
        return start == Instant::min() ? std::nullopt : std::optional(start);
    }
    std::optional<Instant> end_at() const {
        return end == Instant::max() ? std::nullopt : std::optional(end);
    }
    bool has(Instant at) const { return start <= at && at < end; }
    bool operator==(const Window&) const = default;
};

}  // namespace cjv::schedule
