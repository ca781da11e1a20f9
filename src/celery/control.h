#pragma once
// Remote control, Celery's "pidbox": what is asked of workers, as the message for the channel
// control_channel(). Sources: celery/app/control.py and kombu/pidbox.py of 5.2 to 5.7, and
// redis_pidbox.json in tests/golden/celery.
//
// On Redis a worker answers to a list, and finds it only through a binding. So before each request
// that wants an answer, write: SADD reply_binding().key reply_binding().member, for both keys (Kombu
// 5.7 sweeps the first set away and spares what stands in the second).

#include "base/clock.h"
#include "celery/transport.h"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::celery {

// A command with its arguments, a JSON object.
struct ControlCommand {
    std::string method;
    std::string arguments = "{}";

    bool operator==(const ControlCommand&) const = default;
};

ControlCommand ping();
// Tasks a worker runs, holds for its pool, holds for later. With `safe` their arguments come as
// Python's repr instead of JSON, so that nothing fails on what JSON cannot hold.
ControlCommand active(bool safe = true);
ControlCommand reserved();
ControlCommand scheduled();
ControlCommand registered();
ControlCommand stats();
ControlCommand conf();
ControlCommand active_queues();
ControlCommand query_task(std::span<const std::string> ids);
// The ids are not to be started any more. Workers keep that in memory: repeat it to those that
// start later. `signal` set: a running one's process gets it ("SIGTERM", "SIGKILL").
ControlCommand revoke(std::span<const std::string> ids, std::string_view signal = {});
// "10/m", "5/s", "100/h"; "0" lifts it.
ControlCommand rate_limit(std::string_view task, std::string_view rate);
// Seconds; nothing: no limit. Workers say ok and follow it after their next restart.
ControlCommand time_limit(std::string_view task, std::optional<double> hard,
                          std::optional<double> soft);
ControlCommand pool_grow(int processes);
ControlCommand pool_shrink(int processes);
ControlCommand autoscale(int most, int least);
ControlCommand add_consumer(std::string_view queue);
ControlCommand cancel_consumer(std::string_view queue);
ControlCommand enable_events();
ControlCommand heartbeat();
ControlCommand shutdown();  // never answered

// Nothing: "10/m" is a rate; else the sentence that says why not.
std::optional<std::string> rate_refusal(std::string_view rate);

struct ControlRequest {
    ControlCommand command;
    // Node names; empty: every worker. `pattern` (a shell pattern) counts only when it is empty.
    std::vector<std::string> destination = {};
    std::string pattern = {};
    // Both set: answers are wanted. The ticket is new for each request and comes back with them.
    std::string ticket = {};
    std::string reply_to = {};  // our id, see reply_queue()
    std::int64_t clock = 1;     // Lamport's; small, for all workers adopt it
    std::optional<Instant> expires = {};
    std::string delivery_tag;  // new for each request
};

// The message for PUBLISH.
std::string encode(const ControlRequest& request, const Transport& transport);

struct ReplyBinding {
    std::array<std::string, 2> keys;
    std::string member;
};
ReplyBinding reply_binding(const Transport& transport, std::string_view reply_to);

}  // namespace cjv::celery
