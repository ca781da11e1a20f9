#include "runner/process_table.h"

#include "runner/fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <charconv>
#include <memory>

namespace cjv::runner {
namespace {

// The files of /proc have no size; they are read to their end, or to `limit` bytes.
std::optional<std::string> read_file(const std::string& path, std::size_t limit) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return std::nullopt;
    std::string text;
    for (std::size_t size = 0; size < limit;) {
        text.resize(size + 4096);
        const ssize_t got = ::read(file.get(), text.data() + size, 4096);
        text.resize(size + (got > 0 ? std::size_t(got) : 0));
        if (got <= 0) return got == 0 ? std::optional(std::move(text)) : std::nullopt;
        size = text.size();
    }
    return text;
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

std::optional<ProcessEntry> read_process(pid_t pid) {
    const auto text = read_file(path_of(pid, "stat"), 4096);
    return text ? parse_stat(pid, *text) : std::nullopt;
}

std::vector<ProcessEntry> read_processes() {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
    std::vector<ProcessEntry> entries;
    if (!folder) return entries;
    while (const dirent* item = ::readdir(folder.get())) {
        const std::string_view name = item->d_name;
        pid_t pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error != std::errc{} || end != name.data() + name.size()) continue;
        if (const auto entry = read_process(pid)) entries.push_back(*entry);
    }
    return entries;
}

std::string read_boot_id() {
    auto text = read_file("/proc/sys/kernel/random/boot_id", 64).value_or("");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

bool is_alive(const Identity& process, std::string_view boot_id) {
    if (process.boot_id != boot_id) return false;
    const auto entry = read_process(process.pid);
    return entry && !entry->zombie && entry->start_time == process.start_time;
}

std::optional<std::string> environment_of(pid_t pid, std::string_view name) {
    constexpr std::size_t kLargest =
        4 << 20;  // what execve takes with the usual 8 MiB of stack, twice
    const auto text = read_file(path_of(pid, "environ"), kLargest);
    if (!text) return std::nullopt;
    for (std::string_view rest = *text; !rest.empty();) {
        const std::string_view one = rest.substr(0, rest.find('\0'));
        if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=')
            return std::string(one.substr(name.size() + 1));
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    }
    return std::nullopt;
}

void ProcessTable::read_after(Ticket ticket) {
    if (readings_ > ticket) return;
    rows_.clear();
    for (const ProcessEntry& entry : read_processes()) rows_.push_back({entry});
    ++readings_;
}

std::vector<ProcessEntry> ProcessTable::of_session(pid_t session, Ticket ticket) {
    read_after(ticket);
    std::vector<ProcessEntry> found;
    for (const Row& row : rows_)
        if (row.entry.session == session && !row.entry.zombie) found.push_back(row.entry);
    return found;
}

std::vector<ProcessEntry> ProcessTable::strays(std::string_view value, pid_t session,
                                               std::int64_t since, Ticket ticket) {
    read_after(ticket);
    std::vector<ProcessEntry> found;
    for (Row& row : rows_) {
        const ProcessEntry& entry = row.entry;
        if (entry.session == session || entry.zombie || entry.start_time < since) continue;
        if (!row.mark_read) row.mark = environment_of(entry.pid, mark_);
        row.mark_read = true;
        if (row.mark == value) found.push_back(entry);
    }
    return found;
}

}  // namespace cjv::runner
