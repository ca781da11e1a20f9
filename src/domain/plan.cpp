#include "domain/plan.h"

#include <algorithm>

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

// Slots that pass by, oldest first, a range for each UTC day.
class Passed {
public:
    explicit Passed(std::vector<SlotRange>& ranges) : ranges_(ranges) {}

    void add(Instant slot) {
        if (slot >= day_end_) {
            using std::chrono::floor, std::chrono::days;
            day_end_ = floor<days>(slot) + days{1};
            ranges_.push_back({slot, slot, 1});
            return;
        }
        ranges_.back().last = slot;
        ++ranges_.back().count;
    }

private:
    std::vector<SlotRange>& ranges_;
    Instant day_end_ = Instant::min();
};

}  // namespace

Outage outage_at(const Service& service, Instant now) {
    if (!service.last_turn) return {.until = now, .reason = Reason::server_down};
    if (now - *service.last_turn > kStall) return {.until = now, .reason = Reason::stalled};
    Outage outage = service.outage;
    outage.until = std::min(outage.until, now);  // what comes once more on the clock will be served
    return outage;
}

std::int64_t slots_of(const Decision& decision) {
    std::int64_t slots = std::ssize(decision.runs);
    for (const SlotRange& range : decision.passed) slots += range.count;
    return slots;
}

Decision plan(const Entry& entry, const Outage& common, Instant now, std::int64_t most) {
    const Outage outage =
        entry.trouble == Trouble::none ? common : Outage{.until = now, .reason = Reason::stalled};
    const Job& job = *entry.job;
    Decision decision{.job = entry.number,
                      .version = job.version,
                      .cursor = entry.next_slot.value_or(Instant{}),
                      .reason = outage.reason};
    const Instant too_old = now - std::chrono::seconds{job.misfire_window};
    const std::size_t limit = catch_up_limit(job);
    Passed passed(decision.passed);

    // Those before it have given way. They are taken out when they are as many as those that stay.
    std::size_t oldest = 0;
    const auto take_out = [&] {
        decision.runs.erase(decision.runs.begin(), decision.runs.begin() + std::ptrdiff_t(oldest));
        oldest = 0;
    };
    std::optional<Instant> slot = entry.next_slot;
    for (std::int64_t seen = 0; slot && *slot <= now;
         slot = job.schedule.next_after(*slot), ++seen) {
        if (*slot >= outage.until) {
            decision.runs.push_back({*slot, Trigger::schedule});
            continue;
        }
        if (seen >= most && !decision.passed.empty()) {
            // Those that may yet be caught up are seen again next time.
            if (oldest < decision.runs.size()) slot = decision.runs[oldest].slot;
            oldest = decision.runs.size();
            break;
        }
        if (*slot <= too_old || limit == 0) {
            passed.add(*slot);
            continue;
        }
        // The oldest gives way at once: a year of seconds must not be held in memory.
        decision.runs.push_back({*slot, Trigger::catch_up});
        if (decision.runs.size() - oldest <= limit) continue;
        passed.add(decision.runs[oldest++].slot);
        if (oldest >= limit) take_out();
    }
    take_out();
    decision.next = slot;
    return decision;
}

std::optional<Instant> first_slot(const Job& job, Instant decided_until, Instant now) {
    const bool may_be_past =
        job.schedule_type == schedule::Type::clocked && job.misfire != Misfire::none;
    const Instant after =
        may_be_past ? std::max(decided_until, now - std::chrono::seconds{job.misfire_window}) : now;
    return job.schedule.next_after(after);
}

std::optional<Instant> slot_after_change(const schedule::Schedule& schedule, Instant decided_until,
                                         std::optional<Instant> before) {
    const auto next = schedule.next_after(decided_until);
    if (!next || !before || *next >= *before) return next;
    // Slots are whole seconds: this is the moment of an edit, and nothing before it can come again.
    if (decided_until != std::chrono::floor<std::chrono::seconds>(decided_until)) return next;
    // It is the old next slot at another time, or the last decided one: whichever is nearer.
    if (*before - *next <= *next - decided_until) return next;
    return schedule.next_after(*before - std::chrono::microseconds{1});
}

}  // namespace cjv::domain
