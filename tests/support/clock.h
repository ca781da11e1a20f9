#pragma once
// A clock that moves when told.

#include "base/clock.h"

namespace cjv::support {

class MovableClock final : public Clock {
public:
    explicit MovableClock(Instant start) : now_(start) {}
    Instant now() const override { return now_; }
    Steady steady() const override { return steady_; }

    // Time passes: both lines move on.
    void pass(std::chrono::microseconds by) {
        now_ += by;
        steady_ += by;
    }
    // The wall clock is set; no time passes.
    void set(Instant to) { now_ = to; }

private:
    Instant now_;
    Steady steady_{};
};

}  // namespace cjv::support
