#include "celery/control_reply.h"

#include "base/iso8601.h"
#include "celery/python_text.h"

#include <algorithm>

namespace cjv::celery {
namespace {

std::string text_at(const json::Item& object, std::string_view key) {
    const auto found = object.find(key);
    return found ? std::string(found->as_string().value_or("")) : std::string();
}

std::optional<std::int64_t> number_at(const json::Item& object, std::string_view key) {
    const auto found = object.find(key);
    return found ? found->as_int64() : std::nullopt;
}

bool yes_at(const json::Item& object, std::string_view key) {
    const auto found = object.find(key);
    return found && found->as_bool().value_or(false);
}

// Text as it is, anything else as JSON.
std::string text_or_json(const std::optional<json::Item>& item) {
    if (!item) return {};
    return std::string(item->as_string().value_or(item->raw()));
}

// "celery.concurrency.prefork:TaskPool" is prefork.
std::string pool_name(std::string_view implementation) {
    constexpr std::string_view kOurs = "celery.concurrency.";
    if (!implementation.starts_with(kOurs)) return std::string(implementation);
    implementation.remove_prefix(kOurs.size());
    const auto name = implementation.substr(0, implementation.find(':'));
    return std::string(name == "thread" ? "threads" : name);
}

// Workers before 5.6 do not name their pool; its numbers do. A solo pool's only process is the
// worker itself.
void read_pool(const json::Item& pool, WorkerStats& stats) {
    stats.pool = pool_name(text_at(pool, "implementation"));
    stats.concurrency = number_at(pool, "max-concurrency");
    if (const auto processes = pool.find("processes"))
        for (const json::Item pid : *processes)
            if (const auto number = pid.as_int64()) stats.processes.push_back(*number);
    const bool alone = stats.processes.size() == 1 && stats.processes[0] == stats.pid;
    stats.solo = stats.pool == "solo" || alone;
    if (stats.pool.empty())
        stats.pool = stats.solo                ? "solo"
                     : pool.find("threads")    ? "threads"
                     : pool.find("writes")     ? "prefork"
                     : stats.processes.empty() ? ""
                                               : "prefork";
    if (!stats.concurrency) stats.concurrency = number_at(pool, "threads");
    if (!stats.concurrency && stats.solo) stats.concurrency = 1;
    // What a prefork pool calls its maximum is what it began with; it may have grown or shrunk.
    if (stats.pool == "prefork" && !stats.processes.empty())
        stats.concurrency = std::ssize(stats.processes);
}

std::optional<HeldTask> read_request(const json::Item& request) {
    if (!request.is_object()) return std::nullopt;
    HeldTask task{.id = text_at(request, "id")};
    task.name = text_at(request, "name");
    task.type = text_at(request, "type");
    task.args = text_or_json(request.find("args"));
    task.kwargs = text_or_json(request.find("kwargs"));
    task.acknowledged = yes_at(request, "acknowledged");
    task.worker_pid = number_at(request, "worker_pid");
    const auto started = request.find("time_start");
    Instant at{};
    if (started && read_unix_seconds(started->as_double().value_or(-1), at)) task.started_at = at;
    if (const auto info = request.find("delivery_info")) {
        task.routing_key = text_at(*info, "routing_key");
        task.priority = number_at(*info, "priority").value_or(0);
        task.redelivered = yes_at(*info, "redelivered");
    }
    return task;
}

// "redis://:secret@host" and its like.
bool may_hold_password(std::string_view text) {
    const auto scheme = text.find("://");
    return scheme != text.npos && text.find('@', scheme) != text.npos;
}

void append_masked(std::string& out, const json::Item& item) {
    if (const auto text = item.as_string()) {
        append_json_string(out, may_hold_password(*text) ? "********" : *text);
        return;
    }
    if (!item.is_object() && !item.is_array()) {
        out += item.raw();
        return;
    }
    out += item.is_object() ? '{' : '[';
    bool first = true;
    for (const json::Item child : item) {
        if (item.is_object() && child.key() == "alternates") continue;
        if (!first) out += ", ";
        first = false;
        if (item.is_object()) {
            append_json_string(out, child.key());
            out += ": ";
        }
        append_masked(out, child);
    }
    out += item.is_object() ? '}' : ']';
}

std::optional<std::string> masked(json::Tape& tape, std::string_view value) {
    const auto root = tape.read(value);
    if (!root || !root->is_object()) return std::nullopt;
    std::string text;
    append_masked(text, *root);
    return text;
}

}  // namespace

Result<std::vector<ControlReply>> ReplyReader::read(std::string_view message) {
    const auto envelope = envelopes_.read(message);
    if (!envelope) return fail(envelope.error(), "a worker's answer");
    if (const auto opaque = envelope->opaque(); !opaque.empty())
        return fail(Errc::bad_input, "a worker's answer: " + opaque);
    const auto body = body_.read(envelope->body);
    if (!body) return fail(body.error(), "a worker's answer");
    if (!body->is_object())
        return fail(Errc::bad_input, "a worker's answer: expected an object of workers");
    std::int64_t clock = 0;
    if (const auto& headers = envelope->headers) clock = number_at(*headers, "clock").value_or(0);
    std::vector<ControlReply> replies;
    for (const json::Item item : *body) {
        ControlReply reply{.ticket = std::string(envelope->header("ticket"))};
        reply.clock = clock;
        reply.worker = item.key();
        reply.value = item.raw();
        reply.ok = text_or_json(item.find("ok"));
        reply.error = text_or_json(item.find("error"));
        replies.push_back(std::move(reply));
    }
    return replies;
}

std::optional<WorkerStats> read_stats(json::Tape& tape, std::string_view value) {
    const auto root = tape.read(value);
    if (!root || !root->is_object() || !root->find("pid")) return std::nullopt;
    WorkerStats stats;
    stats.pid = number_at(*root, "pid").value_or(0);
    stats.uptime = std::chrono::seconds{number_at(*root, "uptime").value_or(0)};
    stats.prefetch_count = number_at(*root, "prefetch_count");
    if (const auto pool = root->find("pool")) read_pool(*pool, stats);
    if (const auto scale = root->find("autoscaler")) {
        const auto least = number_at(*scale, "min"), most = number_at(*scale, "max");
        if (least && most) stats.autoscale = {*least, *most};
    }
    if (const auto total = root->find("total"))
        for (const json::Item task : *total)
            stats.total[std::string(task.key())] = task.as_int64().value_or(0);
    return stats;
}

std::optional<std::string> shown_stats(json::Tape& tape, std::string_view value) {
    return masked(tape, value);
}

std::optional<std::vector<HeldTask>> read_held(json::Tape& tape, std::string_view value) {
    const auto root = tape.read(value);
    if (!root || !root->is_array()) return std::nullopt;
    std::vector<HeldTask> tasks;
    for (const json::Item item : *root) {
        const auto request = item.find("request");
        auto task = read_request(request ? *request : item);
        if (!task) return std::nullopt;
        if (request) task->eta = parse_iso8601(text_at(item, "eta"));
        tasks.push_back(*std::move(task));
    }
    return tasks;
}

std::optional<std::map<std::string, FoundTask>> read_query(json::Tape& tape,
                                                           std::string_view value) {
    const auto root = tape.read(value);
    if (!root || !root->is_object() || root->find("error")) return std::nullopt;
    std::map<std::string, FoundTask> tasks;
    for (const json::Item item : *root) {
        if (!item.is_array() || item.begin() == item.end()) return std::nullopt;
        FoundTask& task = tasks[std::string(item.key())];
        auto part = item.begin();
        task.place = (*part).as_string().value_or("");
        if (++part == item.end()) continue;
        if (const auto request = read_request(*part)) task.started_at = request->started_at;
    }
    return tasks;
}

std::optional<std::vector<std::string>> read_registered(json::Tape& tape, std::string_view value) {
    const auto root = tape.read(value);
    if (!root || !root->is_array()) return std::nullopt;
    std::vector<std::string> names;
    for (const json::Item item : *root) {
        const auto text = item.as_string();
        if (!text) return std::nullopt;
        names.emplace_back(text->substr(0, text->find(" [")));
    }
    return names;
}

std::optional<std::vector<ConsumedQueue>> read_queues(json::Tape& tape, std::string_view value) {
    const auto root = tape.read(value);
    if (!root || !root->is_array()) return std::nullopt;
    std::vector<ConsumedQueue> queues;
    for (const json::Item item : *root) {
        if (!item.is_object()) return std::nullopt;
        ConsumedQueue queue{.name = text_at(item, "name")};
        queue.routing_key = text_at(item, "routing_key");
        if (const auto exchange = item.find("exchange")) {
            queue.exchange = text_at(*exchange, "name");
            queue.exchange_type = text_at(*exchange, "type");
        }
        queues.push_back(std::move(queue));
    }
    return queues;
}

std::optional<std::string> read_conf(json::Tape& tape, std::string_view value) {
    return masked(tape, value);
}

}  // namespace cjv::celery
