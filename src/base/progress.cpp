#include "base/progress.h"

#include <algorithm>
#include <utility>

namespace cjv {

std::chrono::microseconds Mark::still_for(Steady now) const {
    const std::int64_t moved = moved_.load(std::memory_order_relaxed);
    if (moved == kResting) return {};
    // The loop may have read its clock after the watchdog did.
    return std::max(std::chrono::microseconds{},
                    now.time_since_epoch() - std::chrono::microseconds{moved});
}

Mark& Progress::add(std::string name, std::chrono::microseconds limit, Steady now) {
    const std::lock_guard lock(mutex_);
    return marks_.emplace_back(std::move(name), limit, now);
}

std::vector<Progress::Stalled> Progress::stalled(Steady now) const {
    const std::lock_guard lock(mutex_);
    std::vector<Stalled> stalled;
    for (const Mark& mark : marks_)
        if (mark.still_for(now) > mark.limit())
            stalled.push_back({mark.name(), mark.still_for(now)});
    return stalled;
}

}  // namespace cjv
