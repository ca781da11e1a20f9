#pragma once
// Two kinds of time. `Instant` is the calendar's: it can jump. `Steady` is for durations and limits:
// it only runs forward, also while the machine sleeps. Nothing below `app` reads a clock by itself;
// it is handed one.

#include <chrono>
#include <cstdint>

namespace cjv {

// Microseconds since 1970-01-01T00:00:00Z, without leap seconds.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;

// The time line of CLOCK_BOOTTIME: microseconds since the machine started.
struct BootTime {
    using duration = std::chrono::microseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<BootTime>;
    static constexpr bool is_steady = true;
};
using Steady = BootTime::time_point;

// Any thread may call both.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
    virtual Steady steady() const = 0;
};

// The machine's clocks. Tests have support/clock.h, which moves when told.
class SystemClock final : public Clock {
public:
    Instant now() const override;
    Steady steady() const override;
};

inline Instant instant_from_micros(std::int64_t micros) {
    return Instant{std::chrono::microseconds{micros}};
}
inline std::int64_t micros(Instant at) { return at.time_since_epoch().count(); }

}  // namespace cjv
