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

Result<std::vector<Candidate>> candidates(std::string_view name) {
    const pid_t own_session = ::getsid(0);
    const auto all = read_processes();
    if (!all) return std::unexpected(all.error());
    std::vector<Candidate> found;
    for (const ProcessEntry& entry : *all) {
        if (entry.zombie || entry.session == own_session) continue;
        auto mark = environment_of(entry.pid, name);
        if (!mark) return std::unexpected(mark.error());
        found.push_back({entry, std::move(*mark)});
    }
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
        : runs_(runs), name_(name), boot_id_(read_boot_id()) {}

    Result<void> look_for_leaders() {
        if (boot_id_.empty()) return fail(Errc::unavailable, "the boot id cannot be read");
        for (const Abandoned& run : runs_) {
            const auto seen = run.leader ? is_alive(*run.leader, boot_id_) : Result<bool>(false);
            if (!seen) return std::unexpected(seen.error());
            cleared_.push_back({.mark = run.mark});
            leader_seen_.push_back(*seen);
        }
        return {};
    }

    // Signals what is there; the pidfds of it.
    Result<std::vector<Fd>> signal(int signal) {
        for (Cleared& cleared : cleared_) {
            cleared.strays.clear();
            cleared.gone = true;
        }
        const auto all = candidates(name_);
        if (!all) return std::unexpected(all.error());
        std::vector<Fd> pidfds;
        for (std::size_t i = 0; i < runs_.size(); ++i) {
            const auto& leader = runs_[i].leader;
            if (leader && leader->boot_id != boot_id_) continue;  // nothing outlives a boot
            for (const Candidate& candidate : *all) {
                const Bond how = bond(candidate, runs_[i], leader_seen_[i]);
                const auto met = meet(cleared_[i], candidate.entry, how, signal, pidfds);
                if (!met) return std::unexpected(met.error());
            }
        }
        return pidfds;
    }

    std::vector<Cleared> result() && { return std::move(cleared_); }

private:
    static Result<void> meet(Cleared& cleared, const ProcessEntry& entry, Bond bond, int signal,
                             std::vector<Fd>& pidfds) {
        if (bond == Bond::none) return {};
        if (bond == Bond::stray) {
            cleared.strays.push_back(entry.pid);
            return {};
        }
        auto pidfd = open_pidfd(entry);
        if (!pidfd) return std::unexpected(pidfd.error());
        if (!*pidfd) return {};
        send_signal(*pidfd, signal);
        send_signal(*pidfd, SIGCONT);
        cleared.gone = false;
        if (std::ranges::find(cleared.ended, entry.pid) == cleared.ended.end())
            cleared.ended.push_back(entry.pid);
        pidfds.push_back(std::move(*pidfd));
        return {};
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

Result<std::vector<Cleared>> end_leftovers(std::span<const Abandoned> runs, std::string_view name,
                                           std::chrono::milliseconds patience, const Clock& clock) {
    if (runs.empty()) return std::vector<Cleared>{};
    Clearing clearing(runs, name);
    if (const auto looked = clearing.look_for_leaders(); !looked)
        return std::unexpected(looked.error());
    // The last one only looks. Before it a few KILLs, for what was being forked meanwhile.
    for (const int signal : {SIGTERM, SIGKILL, SIGKILL, SIGKILL, 0}) {
        const auto pidfds = clearing.signal(signal);
        if (!pidfds) return std::unexpected(pidfds.error());
        if (pidfds->empty()) break;
        if (signal != 0) await_ends(*pidfds, patience, clock);
    }
    return std::move(clearing).result();
}

}  // namespace cjv::runner
