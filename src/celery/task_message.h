#pragma once
// A task as Celery's protocol 2 has it, and its text for a Redis list.

#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace cjv::celery {

// Whom a task runs for. Goes out as headers, from where the task can read it (`self.request`).
struct Provenance {
    std::string_view run_id;
    std::string_view job_id;
    std::optional<Instant> scheduled_for = {};  // nothing: "", the run has no slot
    int attempt = 1;
    // The schedule's name, as header and as property: django-celery-results reads one or the other.
    std::string_view periodic_task_name = {};
};

// All texts are UTF-8, and JSON texts go out digit for digit. What a worker would stumble over is
// the business of task_refusal.h; nothing here checks it.
struct TaskMessage {
    std::string_view task;           // the name that workers registered
    std::string_view id;             // by custom a UUID; events and results carry it
    std::string_view args = "[]";    // a JSON array
    std::string_view kwargs = "{}";  // a JSON object
    std::string_view argsrepr = {};  // see python_repr.h
    std::string_view kwargsrepr = {};
    std::string_view shadow = {};  // the name shown instead of `task`; empty: none
    std::optional<Instant> eta = {};
    std::optional<Instant> expires = {};
    std::optional<double> time_limit = {};  // seconds; kills the task
    std::optional<double> soft_time_limit = {};
    std::optional<bool> ignore_result = {};  // nothing: the task decides
    std::string_view stamped_headers = {};   // a JSON array of names; empty: none
    std::string_view stamps = {};            // a JSON object
    std::string_view headers = {};           // a JSON object of the user's own
    std::optional<Provenance> provenance = {};
    std::string_view origin = {};  // "cjv<pid>@<host>"

    // Either a queue, or an exchange with a routing key.
    std::string_view queue = {};
    std::string_view exchange = {};
    std::string_view routing_key = {};
    int priority = 0;                // 0 to 255; on Redis 0 is the most urgent
    std::string_view reply_to = {};  // who waits for a result over the broker; we never do
    std::string_view delivery_tag;   // new for each message, kept by whoever redelivers it
    Instant sent_at{};               // `expiration` counts from it
};

// Appends the element for LPUSH. Both `id` and `delivery_tag` are set.
void encode(const TaskMessage& message, std::string& out);

}  // namespace cjv::celery
