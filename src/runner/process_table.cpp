#include "runner/process_table.h"

#include "runner/fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

namespace cjv::runner {
namespace {

std::unexpected<Error> cannot_read(const std::string& path, int error) {
    const char* why =
        ::strerrordesc_np(error);  // needs no descriptor, and no object of the library
    return fail(Errc::unavailable, "read " + path + ": " + (why ? why : "unknown error"));
}

// Of a file below /proc/PID: the process is gone, or another user's.
bool is_out_of_sight(int error) {
    return error == ENOENT || error == ESRCH || error == EACCES || error == EPERM;
}

// The files of /proc have no size; they are read to their end, or to `limit` bytes. Nothing: out of
// sight.
Result<std::optional<std::string>> read_file(const std::string& path, std::size_t limit) {
    const auto unread = [&](int error) -> Result<std::optional<std::string>> {
        if (is_out_of_sight(error)) return std::optional<std::string>{};
        return cannot_read(path, error);
    };
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return unread(errno);
    std::string text;
    for (std::size_t size = 0; size < limit;) {
        text.resize(size + 4096);
        const ssize_t got = ::read(file.get(), text.data() + size, 4096);
        if (got < 0) return unread(errno);
        text.resize(size + std::size_t(got));
        if (got == 0) break;
        size = text.size();
    }
    return std::optional(std::move(text));
}

std::string path_of(pid_t pid, std::string_view file) {
    return ("/proc/" + std::to_string(pid) + "/").append(file);
}

// proc(5): "pid (name) state ppid pgrp session …". The name may hold blanks and brackets, so what
// follows starts after the last bracket.
std::optional<ProcessEntry> parse_stat(pid_t pid, std::string_view text) {
    const std::size_t bracket = text.rfind(')');
    if (bracket == std::string_view::npos || text.size() < bracket + 4) return std::nullopt;
    const char state = text[bracket + 2];
    ProcessEntry entry{.pid = pid, .zombie = state == 'Z' || state == 'X'};

    const char* at = text.data() + bracket + 3;
    const char* const end = text.data() + text.size();
    for (int field = 4; field <= 22; ++field) {
        std::int64_t value = 0;
        while (at != end && *at == ' ') ++at;
        const auto [next, error] = std::from_chars(at, end, value);
        if (error != std::errc{} && error != std::errc::result_out_of_range) return std::nullopt;
        at = next;
        if (field == 4) entry.parent = pid_t(value);
        if (field == 5) entry.group = pid_t(value);
        if (field == 6) entry.session = pid_t(value);
        if (field == 22) entry.start_time = value;
    }
    return entry;
}

}  // namespace

Result<std::optional<ProcessEntry>> read_process(pid_t pid) {
    const auto text = read_file(path_of(pid, "stat"), 4096);
    if (!text) return std::unexpected(text.error());
    return *text ? parse_stat(pid, **text) : std::nullopt;
}

Result<std::vector<ProcessEntry>> read_processes() {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
    if (!folder) return cannot_read("/proc", errno);
    std::vector<ProcessEntry> entries;
    for (;;) {
        errno = 0;
        const dirent* item = ::readdir(folder.get());
        if (!item && errno != 0) return cannot_read("/proc", errno);
        if (!item) return entries;
        const std::string_view name = item->d_name;
        pid_t pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error != std::errc{} || end != name.data() + name.size()) continue;
        const auto entry = read_process(pid);
        if (!entry) return std::unexpected(entry.error());
        if (*entry) entries.push_back(**entry);
    }
}

std::string read_boot_id() {
    const auto read = read_file("/proc/sys/kernel/random/boot_id", 64);
    std::string text = read ? read->value_or("") : "";
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

Result<bool> is_alive(const Identity& process, std::string_view boot_id) {
    if (process.boot_id != boot_id) return false;
    const auto read = read_process(process.pid);
    if (!read) return std::unexpected(read.error());
    const auto& entry = *read;
    return entry && !entry->zombie && entry->start_time == process.start_time;
}

Result<std::optional<std::string>> environment_of(pid_t pid, std::string_view name) {
    constexpr std::size_t kLargest =
        4 << 20;  // what execve takes with the usual 8 MiB of stack, twice
    const auto read = read_file(path_of(pid, "environ"), kLargest);
    if (!read) return std::unexpected(read.error());
    for (std::string_view rest = *read ? std::string_view(**read) : ""; !rest.empty();) {
        const std::string_view one = rest.substr(0, rest.find('\0'));
        if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=')
            return std::optional(std::string(one.substr(name.size() + 1)));
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    }
    return std::optional<std::string>{};
}

// One that failed is no reading: the next who asks tries again.
Result<void> ProcessTable::read_after(Ticket ticket) {
    if (readings_ > ticket) return {};
    const auto all = read_processes();
    if (!all) return std::unexpected(all.error());
    rows_.clear();
    for (const ProcessEntry& entry : *all) rows_.push_back({entry});
    ++readings_;
    return {};
}

Result<std::vector<ProcessEntry>> ProcessTable::of_session(pid_t session, Ticket ticket) {
    if (const auto read = read_after(ticket); !read) return std::unexpected(read.error());
    std::vector<ProcessEntry> found;
    for (const Row& row : rows_)
        if (row.entry.session == session && !row.entry.zombie) found.push_back(row.entry);
    return found;
}

Result<std::vector<ProcessEntry>> ProcessTable::strays(std::string_view value, pid_t session,
                                                       std::int64_t since, Ticket ticket) {
    if (const auto read = read_after(ticket); !read) return std::unexpected(read.error());
    std::vector<ProcessEntry> found;
    for (Row& row : rows_) {
        const ProcessEntry& entry = row.entry;
        if (entry.session == session || entry.zombie || entry.start_time < since) continue;
        if (!row.mark_read) {
            auto mark = environment_of(entry.pid, mark_);
            if (!mark) return std::unexpected(mark.error());
            row.mark = std::move(*mark);
            row.mark_read = true;
        }
        if (row.mark == value) found.push_back(entry);
    }
    return found;
}

}  // namespace cjv::runner
