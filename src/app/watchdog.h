#pragma once
// Looks at everyone's progress and says who stands still: to the log, and to /livez, which fails of it.

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/progress.h"

namespace cjv::app {

// "stands still: beat, reader 1": every loop beyond its limit; empty when all move. Any thread.
std::string stands_still(const Progress& progress, Steady now);

class Watchdog {
public:
    // All three must outlive it.
    Watchdog(const Progress& progress, const Clock& clock, Log& log)
        : progress_(progress), clock_(clock), log_(log) {}

    // One look: tells the log once when a loop stands still beyond its limit, and once when it moves again.
    void turn();

private:
    const Progress& progress_;
    const Clock& clock_;
    Log& log_;
    std::vector<std::string> told_;
};

}  // namespace cjv::app
