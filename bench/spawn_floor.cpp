// The floor under ten starts: one absolute timer on the wall clock, whole seconds, and nothing but ten times
// posix_spawn when it fires. Prints a JSON array of how late each of them was, in milliseconds.
//
// usage: spawn_floor SECONDS PROGRAM

#include <fmt/core.h>
#include <spawn.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    const int seconds = std::atoi(argv[1]);
    char* const arguments[] = {argv[2], nullptr};
    const int timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC);
    std::string text = "[";
    for (int i = 0; i < seconds; ++i) {
        timespec now{};
        clock_gettime(CLOCK_REALTIME, &now);
        const std::time_t due = now.tv_sec + 1;
        const itimerspec when{{0, 0}, {due, 0}};
        timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, nullptr);
        std::uint64_t expirations = 0;
        if (read(timer, &expirations, sizeof expirations) < 0) return 1;
        for (int start = 0; start < 10; ++start) {
            pid_t pid = 0;
            if (posix_spawn(&pid, argv[2], nullptr, nullptr, arguments, environ) != 0) return 1;
            clock_gettime(CLOCK_REALTIME, &now);
            const double late = double(now.tv_sec - due) * 1e3 + double(now.tv_nsec) / 1e6;
            text += fmt::format("{}{:.3f}", i + start > 0 ? "," : "", late);
        }
        while (waitpid(-1, nullptr, 0) > 0) {
        }
    }
    fmt::print("{}]\n", text);
}
