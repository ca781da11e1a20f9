#pragma once
// Decisions that follow one another closely, as when thousands of jobs are due at once. What can wait does until
// they are through: nobody is told of the last ones before all those before them are on disk.

#include <algorithm>
#include <chrono>

#include "base/clock.h"

namespace cjv::store {

class Burst {
public:
    // In which the next decision comes; longer than from the staging of a few decisions to their instant.
    static constexpr std::chrono::milliseconds kNext{40};
    static constexpr std::chrono::milliseconds kMost{1000};  // so long others wait at most

    // Decisions were served.
    void note(Steady now) {
        if (now > until_) since_ = now;
        until_ = now + kNext;
    }
    // When others wait no longer.
    Steady end() const { return std::min(until_, since_ + kMost); }

private:
    Steady since_{}, until_{};
};

}  // namespace cjv::store
