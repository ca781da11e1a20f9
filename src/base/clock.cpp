#include "base/clock.h"

#include <ctime>

namespace cjv {
namespace {

std::chrono::microseconds read(clockid_t id) {
    timespec t{};
    clock_gettime(id, &t);  // fails only for an unknown clock id
    return std::chrono::seconds{t.tv_sec} + std::chrono::microseconds{t.tv_nsec / 1'000};
}

}  // namespace

Instant SystemClock::now() const { return Instant{read(CLOCK_REALTIME)}; }
Steady SystemClock::steady() const { return Steady{read(CLOCK_BOOTTIME)}; }

}  // namespace cjv
