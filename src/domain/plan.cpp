#include "domain/plan.h"

namespace cjv::domain {
namespace {

// How many slots of an outage are caught up.
std::size_t catch_up_limit(const Job& job) {
    switch (job.misfire) {
        case Misfire::none: return 0;
        case Misfire::latest: return 1;
        case Misfire::all: return std::size_t(job.misfire_limit);
    }
    return 0;
}

// `slot` is later than every one that passed before.
void pass_by(std::vector<SlotRange>& passed, Instant slot) {
    using std::chrono::floor, std::chrono::days;
    if (passed.empty() || floor<days>(passed.back().first) != floor<days>(slot)) {
        passed.push_back({slot, slot, 1});
        return;
    }
    passed.back().last = slot;
    ++passed.back().count;
}

}  // namespace

Decision plan(const Entry& entry, const Outage& outage, Instant now) {
    const Job& job = *entry.job;
    Decision decision{.job = entry.number,
                      .version = job.version,
                      .cursor = *entry.next_slot,
                      .reason = outage.reason};
    const Instant too_old = now - std::chrono::seconds{job.misfire_window};
    const std::size_t limit = catch_up_limit(job);

    std::optional<Instant> slot = entry.next_slot;
    for (; slot && *slot <= now; slot = job.schedule.next_after(*slot)) {
        if (*slot >= outage.until) {
            decision.runs.push_back({*slot, Trigger::schedule});
            continue;
        }
        if (*slot <= too_old || limit == 0) {
            pass_by(decision.passed, *slot);
            continue;
        }
        // The oldest gives way at once: a year of seconds must not be held in memory.
        decision.runs.push_back({*slot, Trigger::catch_up});
        if (decision.runs.size() <= limit) continue;
        pass_by(decision.passed, decision.runs.front().slot);
        decision.runs.pop_front();
    }
    decision.next = slot;
    return decision;
}

}  // namespace cjv::domain
