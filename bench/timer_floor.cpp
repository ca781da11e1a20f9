// The floor under every lateness: one absolute timer on the wall clock, whole seconds, and how late its
// thread wakes. Prints a JSON array of milliseconds.
//
// usage: timer_floor SECONDS

#include <fmt/core.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>

int main(int argc, char** argv) {
    const int seconds = argc > 1 ? std::atoi(argv[1]) : 60;
    const int timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC);
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    std::string text = "[";
    for (int i = 1; i <= seconds; ++i) {
        const std::time_t due = now.tv_sec + i;
        const itimerspec when{{0, 0}, {due, 0}};
        timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, nullptr);
        std::uint64_t expirations = 0;
        if (read(timer, &expirations, sizeof expirations) < 0) return 1;
        timespec woke{};
        clock_gettime(CLOCK_REALTIME, &woke);
        const double late = double(woke.tv_sec - due) * 1e3 + double(woke.tv_nsec) / 1e6;
        text += fmt::format("{}{:.3f}", i > 1 ? "," : "", late);
    }
    fmt::print("{}]\n", text);
}
