#pragma once
// Sleeping until an instant, and being woken before it: by somebody, or by a clock that was set.

#include "base/clock.h"

namespace cjv::beat {

class Alarm {
public:
    // Throws std::system_error when the kernel has no descriptors left.
    Alarm();
    ~Alarm();
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

    // Returns at `until` by the machine's wall clock, at wake(), when that clock is set, and after
    // a second at the latest. Never before `until` for no reason, though the caller looks again.
    void sleep_until(Instant until);
    // Ends the sleep, or the next one. Any thread.
    void wake() const;
    // Forgets wake(): what it told has been seen to.
    void clear() const;

private:
    int timer_;
    int bell_;
};

}  // namespace cjv::beat
