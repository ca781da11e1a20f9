#include "runner/leftovers.h"

#include "runner/pidfd.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>
#include <algorithm>
#include <array>

namespace cjv::runner {
namespace {

enum class Bond { none, ours, stray };

struct Candidate {
    ProcessEntry entry;
    std::optional<std::string> mark;
};

std::vector<Candidate> candidates(std::string_view name) {
    const pid_t own_session = ::getsid(0);
    std::vector<Candidate> found;
    for (const ProcessEntry& entry : read_processes())
        if (!entry.zombie && entry.session != own_session)
            found.push_back({entry, environment_of(entry.pid, name)});
    return found;
}

// `leader_seen`: it was that very process, so whoever is in its session belongs to it, even with an
// emptied environment. Otherwise the number of the session could be a stranger's.
Bond bond(const Candidate& candidate, const Abandoned& run, bool leader_seen) {
    const bool marked = candidate.mark == run.mark;
    if (!run.leader) return marked ? Bond::ours : Bond::none;
    const bool in_session = candidate.entry.session == run.leader->pid &&
                            candidate.entry.start_time >= run.leader->start_time;
    if (in_session && (marked || leader_seen)) return Bond::ours;
    return marked ? Bond::stray : Bond::none;
}

class Clearing {
public:
    Clearing(std::span<const Abandoned> runs, std::string_view name)
        : runs_(runs), name_(name), boot_id_(read_boot_id()) {
        for (const Abandoned& run : runs) {
            cleared_.push_back({.mark = run.mark});
            leader_seen_.push_back(run.leader && is_alive(*run.leader, boot_id_));
        }
    }

    // Signals what is there; the pidfds of it.
    std::vector<Fd> signal(int signal) {
        for (Cleared& cleared : cleared_) {
            cleared.strays.clear();
            cleared.gone = true;
        }
        const auto all = candidates(name_);
        std::vector<Fd> pidfds;
        for (std::size_t i = 0; i < runs_.size(); ++i) {
            const auto& leader = runs_[i].leader;
            if (leader && leader->boot_id != boot_id_) continue;  // nothing outlives a boot
            for (const Candidate& candidate : all)
                meet(cleared_[i], candidate.entry, bond(candidate, runs_[i], leader_seen_[i]),
                     signal, pidfds);
        }
        return pidfds;
    }

    std::vector<Cleared> result() && { return std::move(cleared_); }

private:
    static void meet(Cleared& cleared, const ProcessEntry& entry, Bond bond, int signal,
                     std::vector<Fd>& pidfds) {
        if (bond == Bond::none) return;
        if (bond == Bond::stray) return cleared.strays.push_back(entry.pid);
        Fd pidfd = open_pidfd(entry);
        if (!pidfd) return;
        send_signal(pidfd, signal);
        send_signal(pidfd, SIGCONT);
        cleared.gone = false;
        if (std::ranges::find(cleared.ended, entry.pid) == cleared.ended.end())
            cleared.ended.push_back(entry.pid);
        pidfds.push_back(std::move(pidfd));
    }

    std::span<const Abandoned> runs_;
    std::string_view name_;
    std::string boot_id_;
    std::vector<Cleared> cleared_;
    std::vector<bool> leader_seen_;
};

// Until all have ended or `patience` is over.
void await_ends(const std::vector<Fd>& pidfds, std::chrono::milliseconds patience,
                const Clock& clock) {
    const Steady deadline = clock.steady() + patience;
    for (const Fd& pidfd : pidfds) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock.steady());
        pollfd one{pidfd.get(), POLLIN, 0};
        ::poll(&one, 1, int(std::max<std::int64_t>(0, left.count())));
    }
}

}  // namespace

std::vector<Cleared> end_leftovers(std::span<const Abandoned> runs, std::string_view name,
                                   std::chrono::milliseconds patience, const Clock& clock) {
    if (runs.empty()) return {};
    Clearing clearing(runs, name);
    // The last one only looks. Before it a few KILLs, for what was being forked meanwhile.
    for (const int signal : {SIGTERM, SIGKILL, SIGKILL, SIGKILL, 0}) {
        const auto pidfds = clearing.signal(signal);
        if (pidfds.empty()) break;
        if (signal != 0) await_ends(pidfds, patience, clock);
    }
    return std::move(clearing).result();
}

}  // namespace cjv::runner
