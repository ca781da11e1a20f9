#include "celery/task_state.h"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <array>
#include <climits>
#include <tuple>
#include <utility>

namespace cjv::celery {
namespace {

// More than any sound task has. Beyond it the newest are kept, and of ends those that count most.
constexpr std::size_t kMostSightings = 256;
constexpr std::size_t kMostEnds = 16;
constexpr std::size_t kUsualSightings = 3;

std::strong_ordering order(const std::optional<double>& a, const std::optional<double>& b) {
    if (a.has_value() != b.has_value()) return a.has_value() <=> b.has_value();
    return a ? std::strong_order(*a, *b) : std::strong_ordering::equal;
}

Sighting sighting_of(const Event& event) {
    return {.at = event.at,
            .type = event.type,
            .clock = event.clock,
            .hostname = std::string(event.hostname),
            .pid = event.pid,
            .retries = event.retries,
            .result = std::string(event.result),
            .exception = std::string(event.exception),
            .traceback = std::string(event.traceback),
            .runtime = event.runtime,
            .signum = event.signum,
            .requeue = event.requeue,
            .terminated = event.terminated,
            .expired = event.expired};
}

// The lower, the more it counts among several ends; nothing for what ends no task.
std::optional<int> rank_of(const Sighting& sighting) {
    switch (sighting.type) {
        case EventType::task_succeeded: return 0;
        case EventType::task_failed: return 1;
        case EventType::task_revoked: return 2;
        case EventType::task_rejected:
            return sighting.requeue ? std::nullopt : std::optional<int>(3);
        default: return std::nullopt;
    }
}

TaskPhase phase_of_end(EventType type) {
    switch (type) {
        case EventType::task_succeeded: return TaskPhase::succeeded;
        case EventType::task_failed: return TaskPhase::failed;
        case EventType::task_revoked: return TaskPhase::revoked;
        default: return TaskPhase::rejected;
    }
}

using Sightings = boost::container::small_vector<const Sighting*, 4>;  // ascending

Sightings of_type(const std::vector<Sighting>& all, EventType type) {
    Sightings found;
    for (const Sighting& each : all)
        if (each.type == type) found.push_back(&each);
    return found;
}

// The lower, the more an end counts. Celery 5.7 tells a hard time limit twice; the one with a
// traceback says more.
std::pair<int, bool> worth(const Sighting& end) {
    return {rank_of(end).value_or(INT_MAX), end.traceback.empty()};
}

const Sighting* end_that_counts(const std::vector<Sighting>& all) {
    const Sighting* best = nullptr;
    for (const Sighting& each : all)
        if (rank_of(each) && (!best || worth(each) < worth(*best))) best = &each;
    return best;
}

// Which sightings are left never depends on the order in which they came: of each kind the last ones
// by a fixed order go. False when nothing had to go.
bool drop_what_is_too_much(std::vector<Sighting>& all) {
    const auto is_end = [](const Sighting& each) { return rank_of(each).has_value(); };
    const auto ends = std::size_t(std::ranges::count_if(all, is_end));
    if (ends > kMostEnds) {
        auto least = all.end();
        for (auto each = all.begin(); each != all.end(); ++each)
            if (is_end(*each) && (least == all.end() || worth(*each) >= worth(*least)))
                least = each;
        all.erase(least);
        return true;
    }
    if (all.size() - ends <= kMostSightings) return false;
    all.erase(std::ranges::find_if_not(all, is_end));
    return true;
}

// The last one not later than `end`, rather of the same worker; `taken` ones are left out.
const Sighting* last_before(const Sightings& all, const Sighting& end, const Sightings& taken) {
    const Sighting* best = nullptr;
    bool best_is_of_worker = false;
    for (const Sighting* each : all) {
        if (each->at > end.at || std::ranges::find(taken, each) != taken.end()) continue;
        const bool is_of_worker = each->hostname == end.hostname;
        if (best && best_is_of_worker && !is_of_worker) continue;
        best = each;
        best_is_of_worker = is_of_worker;
    }
    return best;
}

class Summary {
public:
    explicit Summary(const std::vector<Sighting>& seen)
        : seen_(seen),
          receipts_(of_type(seen, EventType::task_received)),
          starts_(of_type(seen, EventType::task_started)),
          retried_(of_type(seen, EventType::task_retried)) {}

    TaskSummary make() {
        for (const Sighting* each : retried_) out_.earlier.push_back(attempt_that_ended(*each));
        const Sighting* end = end_that_counts(seen_);
        if (end) {
            out_.phase = phase_of_end(end->type);
            out_.last = attempt_that_ended(*end);
            out_.disputed = std::ranges::any_of(seen_, [&](const Sighting& each) {
                return rank_of(each) && each.type != end->type;
            });
        } else {
            read_open();
        }
        out_.redelivered = starts_.size() > retried_.size() + 1;
        return std::move(out_);
    }

private:
    TaskAttempt attempt_that_ended(const Sighting& end) {
        TaskAttempt attempt{.ended_at = end.at, .worker = end.hostname, .end = end};
        if (const Sighting* start = last_before(starts_, end, taken_starts_)) {
            attempt.started_at = start->at;
            attempt.worker = start->hostname;
            taken_starts_.push_back(start);
        } else if (end.runtime && *end.runtime >= 0 && *end.runtime < 1e9) {
            attempt.started_at =
                end.at - std::chrono::microseconds{std::int64_t(*end.runtime * 1e6)};
        }
        // A retry's message is out before the retry is told, so a receipt may seem too early or late.
        const Sighting until{.at = attempt.started_at.value_or(end.at), .hostname = attempt.worker};
        if (const Sighting* receipt = last_before(receipts_, until, taken_receipts_)) {
            attempt.received_at = receipt->at;
            taken_receipts_.push_back(receipt);
        }
        return attempt;
    }

    // It has not ended. Running when a start is left that no retry explains.
    void read_open() {
        const Sighting* start = nullptr;
        for (const Sighting* each : starts_)
            if (std::ranges::find(taken_starts_, each) == taken_starts_.end()) start = each;
        const Sighting* stop = nullptr;  // a start that came to nothing
        for (const Sighting& each : seen_)
            if (each.type == EventType::task_cancelled || each.type == EventType::task_rejected)
                stop = &each;
        if (start && stop && stop->at >= start->at) start = nullptr;
        const Sighting* receipt = receipts_.empty() ? nullptr : receipts_.back();
        if (start) {
            out_.phase = TaskPhase::started;
            out_.last.started_at = start->at;
            out_.last.worker = start->hostname;
        } else if (!retried_.empty()) {
            out_.phase = TaskPhase::retrying;
        } else if (receipt) {
            out_.phase = TaskPhase::received;
            out_.last.worker = receipt->hostname;
        } else if (!of_type(seen_, EventType::task_sent).empty()) {
            out_.phase = TaskPhase::sent;
        }
        const bool is_of_last =
            receipt && std::ranges::find(taken_receipts_, receipt) == taken_receipts_.end();
        if (is_of_last) out_.last.received_at = receipt->at;
    }

    const std::vector<Sighting>& seen_;
    Sightings receipts_, starts_, retried_;
    Sightings taken_starts_, taken_receipts_;
    TaskSummary out_;
};

}  // namespace

std::strong_ordering Sighting::operator<=>(const Sighting& other) const {
    const auto plain = [](const Sighting& s) {
        return std::tie(s.at, s.clock, s.type, s.hostname, s.pid, s.retries, s.result, s.exception,
                        s.traceback, s.signum, s.requeue, s.terminated, s.expired);
    };
    if (const auto way = plain(*this) <=> plain(other); way != 0) return way;
    return order(runtime, other.runtime);
}

std::string_view to_text(TaskPhase phase) {
    constexpr std::array<std::string_view, 9> kNames = {"unknown", "sent",     "received",
                                                        "started", "retrying", "succeeded",
                                                        "failed",  "revoked",  "rejected"};
    return kNames[static_cast<std::size_t>(phase)];
}

bool is_end(TaskPhase phase) { return phase >= TaskPhase::succeeded; }

void TaskState::clear() {
    seen_.clear();
    crowded_ = false;
    told_.by_worker = false;
    told_.retries = -1;
    told_.at = {};
    told_.clock = 0;
    told_.name.clear();
    sent_at_.reset();
    queue_.clear();
    most_retries_ = 0;
}

bool TaskState::apply(const Event& event) {
    if (!is_task(event.type)) return false;
    if (seen_.capacity() == 0) seen_.reserve(kUsualSightings);
    auto sighting = sighting_of(event);
    const auto at = std::lower_bound(seen_.begin(), seen_.end(), sighting);
    if (at != seen_.end() && *at == sighting) return false;

    const bool by_worker = event.type == EventType::task_received;
    if (by_worker || event.type == EventType::task_sent) {
        const std::tuple told(by_worker, event.retries, event.at, event.clock, event.name);
        if (told > told_.order()) {
            told_.by_worker = by_worker;
            told_.retries = event.retries;
            told_.at = event.at;
            told_.clock = event.clock;
            told_.name = event.name;
        }
        most_retries_ = std::max(most_retries_, event.retries);
    }
    if (event.type == EventType::task_sent) {
        const auto key = std::pair(event.at, event.queue);
        if (!sent_at_ || key < std::pair(*sent_at_, std::string_view(queue_))) {
            sent_at_ = event.at;
            queue_ = event.queue;
        }
    }
    seen_.insert(at, std::move(sighting));
    if (drop_what_is_too_much(seen_)) crowded_ = true;
    return true;
}

TaskSummary TaskState::summary() const {
    auto summary = Summary(seen_).make();
    summary.sent_at = sent_at_;
    summary.attempt =
        std::max(most_retries_, static_cast<std::int64_t>(summary.earlier.size())) + 1;
    summary.crowded = crowded_;
    return summary;
}

}  // namespace cjv::celery
