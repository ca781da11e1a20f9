#include "runner/pidfd.h"

#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <system_error>

namespace cjv::runner {

// Through syscall(2): glibc 2.36 has both functions, but declares them without C linkage.
Fd open_pidfd(pid_t pid) { return Fd(int(::syscall(SYS_pidfd_open, pid, 0))); }

void send_signal(const Fd& pidfd, int signal) {
    ::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0);
}

Result<Fd> open_pidfd(const ProcessEntry& entry) {
    Fd pidfd = open_pidfd(entry.pid);
    if (!pidfd && errno != ESRCH)
        return fail(Errc::unavailable, "watch process " + std::to_string(entry.pid) + ": " +
                                           std::generic_category().message(errno));
    const auto now =
        read_process(entry.pid);  // after the opening: what is true now stays true of it
    if (!now) return std::unexpected(now.error());
    const bool is_same = *now && (*now)->start_time == entry.start_time;
    return is_same ? std::move(pidfd) : Fd();
}

}  // namespace cjv::runner
