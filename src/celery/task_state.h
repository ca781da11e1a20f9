#pragma once
// What is known of one task, from its events. The order in which they come, and how often each
// comes, changes nothing: the same set of events gives the same state (I-17 of docs/design/guarantees.md). So the state
// keeps what was seen and works out what it means only when asked.

#include "base/clock.h"
#include "celery/event.h"

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace cjv::celery {

// One event, by the clock of who sent it. Which fields mean something depends on the type.
struct Sighting {
    Instant at{};
    EventType type = EventType::task_sent;
    std::int64_t clock = 0;
    std::string hostname = {};
    std::int64_t pid = 0;
    std::int64_t retries = 0;
    std::string result = {};
    std::string exception = {};
    std::string traceback = {};
    std::optional<double> runtime = {};
    std::optional<std::int64_t> signum = {};
    bool requeue = false;
    bool terminated = false;
    bool expired = false;

    std::strong_ordering operator<=>(const Sighting& other) const;
    bool operator==(const Sighting& other) const { return (*this <=> other) == 0; }
};

enum class TaskPhase : std::uint8_t {
    unknown,   // nothing but news of a cancelled or requeued start
    sent,      // by a client that tells
    received,  // by a worker
    started,
    retrying,  // waits for its next attempt
    succeeded,
    failed,
    revoked,   // also expired, or terminated while it ran
    rejected,  // without requeue: gone
};
std::string_view to_text(TaskPhase phase);
bool is_end(TaskPhase phase);

// One attempt as Celery counts them: a retry keeps the task's id.
struct TaskAttempt {
    std::optional<Instant> received_at = {};
    std::optional<Instant> started_at = {};
    std::optional<Instant> ended_at = {};
    std::string worker = {};
    // What ended it: a retry's exception, or the task's end; nothing while it goes on.
    std::optional<Sighting> end = {};

    bool operator==(const TaskAttempt&) const = default;
};

struct TaskSummary {
    TaskPhase phase = TaskPhase::unknown;
    std::int64_t attempt = 1;  // retries + 1
    std::optional<Instant> sent_at = {};
    // Of the last attempt, as are the end and the worker.
    TaskAttempt last = {};
    std::vector<TaskAttempt> earlier = {};  // the retried ones, oldest first
    // Another end than the one that counts was told: the task ran twice, or two sources disagree.
    bool disputed = false;
    // Its start was told more often than retries explain: it was delivered twice.
    bool redelivered = false;
    // More was seen than is kept: `earlier` begins later than it should.
    bool crowded = false;

    bool operator==(const TaskSummary&) const = default;
};

class TaskState {
public:
    // Takes an event of this task; false when the very same was seen before.
    bool apply(const Event& event);

    // As if nothing had been seen; keeps its memory.
    void clear();

    // Of `started` and `received` what fits the end best: same worker, not later than it. Of several
    // ends the first success, else the first failure, revocation, rejection.
    TaskSummary summary() const;

    // From the newest `task-received` (else `task-sent`); empty while there was none.
    const std::string& name() const { return told_.name; }
    const std::string& queue() const { return queue_; }  // from `task-sent`

    bool operator==(const TaskState&) const = default;

private:
    // What `task-received` and `task-sent` tell; the greatest is kept.
    struct Told {
        bool by_worker = false;
        std::int64_t retries = -1;
        Instant at{};
        std::int64_t clock = 0;
        std::string name = {};

        auto order() const {
            return std::tuple(by_worker, retries, at, clock, std::string_view(name));
        }
        bool operator==(const Told&) const = default;
    };

    std::vector<Sighting> seen_;  // ascending, each once
    bool crowded_ = false;
    Told told_;
    std::optional<Instant> sent_at_;
    std::string queue_;
    std::int64_t most_retries_ = 0;
};

}  // namespace cjv::celery
