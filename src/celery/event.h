#pragma once
// What workers and clients tell of themselves on the exchange `celeryev`: one event a message, or
// task events in arrays. Sources: celery/events/ of Celery 5.2 to 5.7, and redis_events.json in
// tests/golden/celery.

#include "base/clock.h"
#include "celery/envelope.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::celery {

enum class EventType : std::uint8_t {
    worker_online,
    worker_heartbeat,
    worker_offline,
    task_sent,
    task_received,
    task_started,
    task_succeeded,
    task_failed,
    task_retried,
    task_rejected,
    task_revoked,
    task_cancelled,
};
std::string_view to_text(EventType type);  // "task-sent"
bool is_task(EventType type);

// Fields that an event of this type does not have, or has as null, are empty. Views end with the
// reader's next read.
struct Event {
    EventType type = EventType::worker_online;
    std::string_view hostname = {};  // the sender's node name, "celery@host"
    std::int64_t pid = 0;
    std::int64_t clock = 0;  // Lamport's; 0 tells nothing
    // By the sender's clock. `utcoffset` is left out: Celery corrects by it what needs no correction.
    Instant at = {};

    // worker-*; a heartbeat that answers the control command has only the software and `freq`.
    std::optional<double> freq = {};  // seconds between heartbeats
    std::optional<std::int64_t> active = {};
    std::optional<std::int64_t> processed = {};
    std::optional<std::array<double, 3>> loadavg = {};
    std::string_view sw_ident = {};
    std::string_view sw_ver = {};
    std::string_view sw_sys = {};

    // task-*
    std::string_view task_id = {};
    std::string_view name = {};    // sent and received only, as are the next seven
    std::string_view args = {};    // Python's repr
    std::string_view kwargs = {};  // Python's repr
    std::string_view root_id = {};
    std::string_view parent_id = {};
    std::int64_t retries = 0;
    std::optional<Instant> eta = {};
    std::optional<Instant> expires = {};
    std::string_view queue = {};  // sent only, as are the next two
    std::string_view exchange = {};
    std::string_view routing_key = {};
    std::string_view result = {};        // repr, at most 1,024 characters
    std::optional<double> runtime = {};  // seconds
    std::string_view exception = {};     // repr
    std::string_view traceback = {};
    bool requeue = false;
    bool terminated = false;
    bool expired = false;
    std::optional<std::int64_t> signum = {};
};

// Why something on the channel is no event for us.
enum class EventRefusal : std::uint8_t {
    message,  // not a message of Kombu
    opaque,   // not JSON, or compressed
    body,     // neither an event nor a list of them
    field,    // a field that every event has is missing or of the wrong kind
    type,     // a type of an application's own
    ignored,  // elections among workers
};
inline constexpr std::size_t kEventRefusals = 6;
std::string_view to_text(EventRefusal refusal);

// seen = read + the sum of refused. A message that cannot be opened is one that was seen.
struct EventCounts {
    std::uint64_t messages = 0;
    std::uint64_t seen = 0;
    std::uint64_t read = 0;
    std::array<std::uint64_t, kEventRefusals> refused{};
};

// For one thread at a time; keeps its memory.
class EventReader {
public:
    // The events of one message, in the order in which they happened at the sender. What is refused
    // is counted and left out.
    std::span<const Event> read(std::string_view message);

    const EventCounts& counts() const { return counts_; }
    // A sentence about the last refusal; empty before the first.
    const std::string& last_refusal() const { return last_refusal_; }

private:
    void refuse(EventRefusal refusal, std::string sentence);
    void read_event(const json::Item& item);

    EnvelopeReader envelopes_;
    json::Tape body_;
    std::vector<Event> events_;
    EventCounts counts_;
    std::string last_refusal_;
};

}  // namespace cjv::celery
