#include "app/watchdog.h"

#include <algorithm>

namespace cjv::app {

std::string stands_still(const Progress& progress, Steady now) {
    std::string names;
    for (const auto& loop : progress.stalled(now)) names += (names.empty() ? "" : ", ") + loop.name;
    return names.empty() ? "" : "stands still: " + names;
}

void Watchdog::turn() {
    std::vector<std::string> stalled;
    for (const auto& loop : progress_.stalled(clock_.steady())) {
        if (std::ranges::find(told_, loop.name) == told_.end())
            log_.error("watchdog.stalled",
                       {{"loop", loop.name},
                        {"seconds", std::chrono::duration<double>(loop.still_for).count()}});
        stalled.push_back(loop.name);
    }
    for (const std::string& name : told_)
        if (std::ranges::find(stalled, name) == stalled.end())
            log_.warn("watchdog.moves_again", {{"loop", name}});
    told_ = std::move(stalled);
}

}  // namespace cjv::app
