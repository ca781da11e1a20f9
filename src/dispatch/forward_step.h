#pragma once
// A wall clock that was set far forward makes all that is kept look old. Whoever removes by age asks here first.

#include "base/clock.h"

#include <optional>
#include <string>

namespace cjv::dispatch {

// Remembers the newest step forward of more than a day, between two looks or over a time without a server.
// A day of steady time after it was noticed somebody has had the time to set the clock right. A machine
// that slept for more than a day looks the same, and waits as well. One thread at a time.
class ForwardStep {
public:
    // `newest_known`: the latest time that the store had seen before this start.
    ForwardStep(const Clock& clock, Instant newest_known);

    // Why nothing may be removed by its age now, in one sentence; empty: it may.
    std::string refusal();

private:
    struct Step {
        Instant from{}, to{};
        Steady over_at{};
    };
    void look();

    const Clock& clock_;
    Instant seen_;  // by the wall, and when that was
    Steady seen_at_;
    std::optional<Step> step_;
};

}  // namespace cjv::dispatch
