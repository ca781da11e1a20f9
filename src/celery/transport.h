#pragma once
// Where Kombu keeps what in Redis: the names of keys and channels, which depend on the Python side's
// `broker_transport_options`. Nothing on the wire announces those; both sides must be told the same.
// Sources: kombu/transport/redis.py of Kombu 5.2 to 5.7, and captures in tests/golden/celery.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::celery {

struct Transport {
    int database = 0;
    // Options of `broker_transport_options`, under their own names.
    std::string global_keyprefix = {};
    std::string sep = "\x06\x16";
    std::vector<int> priority_steps = {0, 3, 6, 9};  // ascending, the first is 0
    std::string fanout_prefix = "/{db}.";            // {db} is the database's number
    bool fanout_patterns = true;
    std::string unacked_key = "unacked";
    std::string unacked_index_key = "unacked_index";
    std::chrono::seconds visibility_timeout{3'600};
    // Celery's settings `control_exchange` and `event_exchange`.
    std::string control_exchange = "celery";
    std::string event_exchange = "celeryev";
};

// The highest step that is not above `priority`, which counts as 0 to 9. On Redis 0 is the most
// urgent.
int priority_step(const Transport& transport, int priority);

// The lists that hold a queue's messages: the one for a priority, and all of them in the order in
// which workers look at them. With `global_keyprefix`, as are all keys and channels here.
std::string queue_key(const Transport& transport, std::string_view queue, int priority);
std::vector<std::string> queue_keys(const Transport& transport, std::string_view queue);

// The set that says which queues an exchange feeds, see binding.h; and Kombu 5.7's second one, whose
// members its clean-up spares.
std::string binding_key(const Transport& transport, std::string_view exchange);
std::string permanent_binding_key(const Transport& transport, std::string_view exchange);

// A hash and a sorted set: messages that workers hold, and since when.
std::string unacked_key(const Transport& transport);
std::string unacked_index_key(const Transport& transport);

// The channels of events: a pattern for PSUBSCRIBE that matches all of them.
std::string event_pattern(const Transport& transport);
// The channel that reaches every worker, and its exchange.
std::string control_exchange(const Transport& transport);
std::string control_channel(const Transport& transport);
// Where workers reply to; `reply_to` is our id there. The name of the queue: see queue_key() for its list.
std::string reply_exchange(const Transport& transport);
std::string reply_queue(const Transport& transport, std::string_view reply_to);

}  // namespace cjv::celery
