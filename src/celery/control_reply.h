#pragma once
// What workers answer to remote control, and what their answers say.

#include "base/clock.h"
#include "base/error.h"
#include "celery/envelope.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::celery {

// One worker's answer.
struct ControlReply {
    std::string ticket;  // of the request
    std::string worker = {};
    std::int64_t clock = 0;
    std::string value = {};  // JSON as it came
    // `{"ok": …}` and `{"error": …}` say it in words; both empty for an answer of another shape.
    std::string ok = {};
    std::string error = {};
};

// For one thread at a time; keeps its memory.
class ReplyReader {
public:
    // An element of the reply list: one answer, in odd cases more. `bad_input` when it is none.
    Result<std::vector<ControlReply>> read(std::string_view message);

private:
    EnvelopeReader envelopes_;
    json::Tape body_;
};

// The values of ControlReply. Each is nothing when the value has another shape; fields that are
// missing are empty. `tape` is any; it is read over.

struct WorkerStats {
    std::int64_t pid = 0;
    std::chrono::seconds uptime{};
    std::string pool;  // "prefork", "solo", "threads", or a class of the application's own
    std::optional<std::int64_t> concurrency = {};
    std::vector<std::int64_t> processes = {};  // pids
    bool solo = false;                         // it is silent while it works: silence means nothing
    std::optional<std::int64_t> prefetch_count = {};
    std::optional<std::pair<std::int64_t, std::int64_t>> autoscale = {};  // least, most
    std::map<std::string, std::int64_t> total = {};  // by task, since its start
};
std::optional<WorkerStats> read_stats(json::Tape& tape, std::string_view value);
// The same as text to be shown: without the broker's `alternates`, where workers leave passwords.
std::optional<std::string> shown_stats(json::Tape& tape, std::string_view value);

struct HeldTask {
    std::string id;
    std::string name = {};  // the shadow, where there is one
    std::string type = {};  // the registered name
    std::string args = {};  // JSON, or Python's repr where that was asked for
    std::string kwargs = {};
    std::optional<Instant> started_at = {};
    std::optional<Instant> eta = {};  // of scheduled ones
    bool acknowledged = false;
    bool redelivered = false;
    std::string routing_key = {};
    std::int64_t priority = 0;
    std::optional<std::int64_t> worker_pid = {};
};
// Of `active`, `reserved` and `scheduled`.
std::optional<std::vector<HeldTask>> read_held(json::Tape& tape, std::string_view value);

struct FoundTask {
    std::string place;  // "active", "reserved", "scheduled", "ready"
    std::optional<Instant> started_at = {};
};
// Of `query_task`: the tasks that the worker knows, by their ids.
std::optional<std::map<std::string, FoundTask>> read_query(json::Tape& tape,
                                                           std::string_view value);

// Of `registered`: names without what stands in brackets behind them.
std::optional<std::vector<std::string>> read_registered(json::Tape& tape, std::string_view value);

struct ConsumedQueue {
    std::string name;
    std::string exchange = {};
    std::string exchange_type = {};
    std::string routing_key = {};

    bool operator==(const ConsumedQueue&) const = default;
};
std::optional<std::vector<ConsumedQueue>> read_queues(json::Tape& tape, std::string_view value);

// Of `conf`: the text as it came, but for values that may hold a password in a URL.
std::optional<std::string> read_conf(json::Tape& tape, std::string_view value);

}  // namespace cjv::celery
