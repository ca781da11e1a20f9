#pragma once
// A clock that moves when told. One thread moves it, any may read it.

#include "base/clock.h"

#include <atomic>

namespace cjv::support {

class MovableClock final : public Clock {
public:
    explicit MovableClock(Instant start) : now_(start) {}
    Instant now() const override { return now_; }
    Steady steady() const override { return steady_; }

    // Time passes: both lines move on.
    void pass(std::chrono::microseconds by) {
        now_ = now_.load() + by;
        steady_ = steady_.load() + by;
    }
    // The wall clock is set; no time passes.
    void set(Instant to) { now_ = to; }

private:
    std::atomic<Instant> now_;
    std::atomic<Steady> steady_{Steady{}};
};

}  // namespace cjv::support
