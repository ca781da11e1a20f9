#include "beat/alarm.h"

#include <doctest/doctest.h>

namespace cjv::beat {

using namespace std::chrono_literals;

namespace {
const SystemClock kClock;
std::chrono::microseconds time_of(Alarm& alarm, Instant until) {
    const Steady before = kClock.steady();
    alarm.sleep_until(until);
    return kClock.steady() - before;
}
}  // namespace

TEST_CASE("what has passed needs no sleep") {
    Alarm alarm;
    CHECK(time_of(alarm, kClock.now() - 1h) < 500ms);
    CHECK(time_of(alarm, Instant{}) < 500ms);
}

TEST_CASE("a sleep ends at its instant and not before") {
    Alarm alarm;
    const Instant until = kClock.now() + 20ms;
    alarm.sleep_until(until);
    CHECK(kClock.now() >= until);
}

TEST_CASE("a ring before the sleep ends it, one that was cleared does not") {
    Alarm alarm;
    alarm.wake();
    CHECK(time_of(alarm, kClock.now() + 10s) < 500ms);

    alarm.wake();
    alarm.clear();
    CHECK(time_of(alarm, kClock.now() + 30ms) >= 29ms);
}

}  // namespace cjv::beat
