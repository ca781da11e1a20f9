#include "beat/alarm.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace cjv::beat {
namespace {

int checked(int descriptor, const char* what) {
    if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
    return descriptor;
}

// Takes what there is to read, so that the descriptor rests. A timer whose clock was set answers
// ECANCELED, which has told all that it had to.
void drain(int descriptor) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = read(descriptor, &count, sizeof count);
}

timespec to_timespec(Instant at) {
    const auto since = std::max(at.time_since_epoch(), std::chrono::microseconds{1});  // 0 disarms
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
    return {.tv_sec = seconds.count(), .tv_nsec = (since - seconds).count() * 1'000};
}

}  // namespace

Alarm::Alarm()
    : timer_(checked(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create")),
      bell_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (bell_ >= 0) return;
    const int error = errno;
    close(timer_);
    throw std::system_error(error, std::generic_category(), "eventfd");
}

Alarm::~Alarm() {
    close(timer_);
    close(bell_);
}

void Alarm::sleep_until(Instant until) {
    const itimerspec when{.it_interval = {}, .it_value = to_timespec(until)};
    timerfd_settime(timer_, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, nullptr);
    std::array<pollfd, 2> sleeping = {pollfd{.fd = timer_, .events = POLLIN, .revents = 0},
                                      pollfd{.fd = bell_, .events = POLLIN, .revents = 0}};
    constexpr int kAtMost =
        1'000;  // ms: the wall clock is compared anew, whatever the timer thinks
    poll(sleeping.data(), sleeping.size(), kAtMost);
    drain(timer_);
    drain(bell_);
}

void Alarm::wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(bell_, &one, sizeof one);  // full: it rings already
}

void Alarm::clear() const { drain(bell_); }

}  // namespace cjv::beat
