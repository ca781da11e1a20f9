#pragma once
// Task messages that others wrote, as they lie in a list: protocol 1 and 2, and what is neither. A
// worker that meets a malformed one may die; we only look, and say what it is.

#include "base/clock.h"
#include "base/error.h"
#include "celery/envelope.h"

#include <optional>
#include <string>
#include <string_view>

namespace cjv::celery {

// What a message says; whatever is absent or of the wrong kind is empty. Views end with the reader's
// next read.
struct QueuedTask {
    int protocol = 2;
    std::string_view task = {};
    std::string_view id = {};
    std::string_view shadow = {};
    std::string_view args = {};    // JSON text; empty when the body is opaque
    std::string_view kwargs = {};  // JSON text
    std::string_view argsrepr = {};
    std::string_view kwargsrepr = {};
    std::optional<Instant> eta = {};
    std::optional<Instant> expires = {};
    std::int64_t retries = 0;
    std::optional<double> time_limit = {};
    std::optional<double> soft_time_limit = {};
    std::optional<bool> ignore_result = {};
    std::string_view root_id = {};
    std::string_view parent_id = {};
    std::string_view group = {};
    std::string_view origin = {};
    std::string_view periodic_task_name = {};  // of the header, else of the property
    std::string_view cjv_run_id = {};          // it is one of ours
    bool from_beat = false;                    // header `celery_beat_task` of Celery 5.7
    std::string_view exchange = {};
    std::string_view routing_key = {};
    int priority = 0;
    bool redelivered = false;
    std::string_view delivery_tag = {};
    std::string opaque = {};  // see Envelope::opaque(); or that the body makes no sense
};

// For one thread at a time; keeps its memory.
class TaskReader {
public:
    // `bad_input` when it is no task at all: not JSON, not an object, no name.
    Result<QueuedTask> read(std::string_view message);

private:
    void read_body(const Envelope& envelope, QueuedTask& task);
    void read_protocol_1(const json::Item& body, QueuedTask& task);

    EnvelopeReader envelopes_;
    json::Tape body_;
};

}  // namespace cjv::celery
