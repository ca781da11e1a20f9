#pragma once
// What /proc tells about processes: who they are, whose session they are in, which run they belong
// to. Nothing here sends a signal.

#include "base/error.h"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::runner {

// Process numbers are reused: only all three together name one process.
struct Identity {
    pid_t pid = 0;
    std::int64_t start_time = 0;  // clock ticks since boot, field 22 of /proc/PID/stat
    std::string boot_id = {};     // /proc/sys/kernel/random/boot_id

    bool operator==(const Identity&) const = default;
};

struct ProcessEntry {
    pid_t pid = 0;
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = 0;
    std::int64_t start_time = 0;
    bool zombie = false;  // it has ended, its parent has not asked how
};

// What follows is `unavailable` when the system cannot be asked, most likely for want of descriptors:
// that is no proof that a process is gone.

// Nothing when there is no such process, or when it is another user's and hidden from us (the mount
// option hidepid of proc(5)).
Result<std::optional<ProcessEntry>> read_process(pid_t pid);
// All that we may see.
Result<std::vector<ProcessEntry>> read_processes();
// Empty when it cannot be read.
std::string read_boot_id();

// Whether that very process is there and has not ended. `boot_id` is the running system's.
Result<bool> is_alive(const Identity& process, std::string_view boot_id);

// The value of the variable `name` that the process was started with. Nothing: it has none, it is
// another user's, or it is gone.
Result<std::optional<std::string>> environment_of(pid_t pid, std::string_view name);

// Reading all of /proc costs milliseconds, and many runs end at once: they share one reading. One
// thread.
class ProcessTable {
public:
    // `mark` is the variable that tells which run a process belongs to.
    explicit ProcessTable(std::string mark) : mark_(std::move(mark)), boot_id_(read_boot_id()) {}

    const std::string& boot_id() const { return boot_id_; }

    // Draw a ticket when something has happened; a reading for it is one that was made afterwards.
    using Ticket = std::uint64_t;
    Ticket ticket() const { return readings_; }

    // Processes of `session` that have not ended, the leader among them.
    Result<std::vector<ProcessEntry>> of_session(pid_t session, Ticket ticket);
    // Processes of the run `value` in sessions other than `session`, started no earlier than
    // `since`.
    Result<std::vector<ProcessEntry>> strays(std::string_view value, pid_t session,
                                             std::int64_t since, Ticket ticket);

private:
    struct Row {
        ProcessEntry entry;
        std::optional<std::string> mark = {};
        bool mark_read = false;
    };
    Result<void> read_after(Ticket ticket);

    std::string mark_, boot_id_;
    std::vector<Row> rows_;
    Ticket readings_ = 0;
};

}  // namespace cjv::runner
