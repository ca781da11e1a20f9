#pragma once
// Zone data change while the server runs: a package is upgraded, a file goes. Jobs follow.

#include <chrono>
#include <set>
#include <string>

#include "base/log.h"
#include "schedule/zones.h"
#include "store/store.h"

namespace cjv::app {

// How long a change may go unnoticed.
inline constexpr std::chrono::seconds kZonesLooked{10};

// Not for several threads.
class ZoneWatch {
public:
    // All must outlive the watch.
    ZoneWatch(schedule::Zones& zones, store::Store& store, Log& log)
        : zones_(zones), store_(store), log_(log) {}

    // Looks at the zones that are in use, and has the store follow what has changed. What it cannot follow now
    // is tried again with the next turn. May wait for the writer.
    void turn();

private:
    void look_for_changes();
    void look_for_returns();

    schedule::Zones& zones_;
    store::Store& store_;
    Log& log_;
    std::set<std::string> changed_;  // not followed yet
    // Followed once: a job that was on its way to the store while the data changed may still have the old ones.
    std::set<std::string> once_more_;
    bool is_failing_ = false;
};

}  // namespace cjv::app
