#include "celery/task_reader.h"

#include "base/iso8601.h"

#include <algorithm>

namespace cjv::celery {
namespace {

// Only what stands at the top is looked at; arguments are passed on as text.
constexpr json::TapeLimits kShallow{.kept_depth = 2};

std::string_view text_of(const std::optional<json::Item>& item) {
    return item ? item->as_string().value_or("") : std::string_view();
}

std::optional<Instant> time_of(const std::optional<json::Item>& item) {
    const auto text = text_of(item);
    return text.empty() ? std::nullopt : parse_iso8601(text);
}

std::optional<double> first_of(const json::Item& list, int index) {
    for (const json::Item item : list)
        if (index-- == 0) return item.as_double();
    return std::nullopt;
}

// What the headers of protocol 2 and the body of protocol 1 have in common.
void read_fields(const json::Item& fields, QueuedTask& task) {
    for (const json::Item field : fields) {
        const auto name = field.key();
        const auto text = field.as_string().value_or("");
        if (name == "task") task.task = text;
        if (name == "id") task.id = text;
        if (name == "shadow") task.shadow = text;
        if (name == "eta") task.eta = time_of(field);
        if (name == "expires") task.expires = time_of(field);
        if (name == "retries")
            task.retries = std::max<std::int64_t>(field.as_int64().value_or(0), 0);
        if (name == "argsrepr") task.argsrepr = text;
        if (name == "kwargsrepr") task.kwargsrepr = text;
        if (name == "ignore_result") task.ignore_result = field.as_bool();
        if (name == "root_id") task.root_id = text;
        if (name == "parent_id") task.parent_id = text;
        if (name == "group") task.group = text;
        if (name == "origin") task.origin = text;
        if (name == "periodic_task_name") task.periodic_task_name = text;
        if (name == "cjv_run_id") task.cjv_run_id = text;
        if (name == "celery_beat_task") task.from_beat = field.as_bool().value_or(false);
        if (name == "timelimit") {
            task.time_limit = first_of(field, 0);
            task.soft_time_limit = first_of(field, 1);
        }
    }
}

std::string_view raw_of(const std::optional<json::Item>& item, json::Kind kind) {
    return item && item->kind() == kind ? item->raw() : std::string_view();
}

}  // namespace

void TaskReader::read_protocol_1(const json::Item& body, QueuedTask& task) {
    QueuedTask defaults;
    read_fields(body, defaults);
    if (task.task.empty()) {
        task.protocol = 1;
        defaults.exchange = task.exchange;
        defaults.routing_key = task.routing_key;
        defaults.priority = task.priority;
        defaults.redelivered = task.redelivered;
        defaults.delivery_tag = task.delivery_tag;
        if (defaults.periodic_task_name.empty())
            defaults.periodic_task_name = task.periodic_task_name;
        defaults.protocol = 1;
        task = std::move(defaults);
    }
    task.args = raw_of(body.find("args"), json::Kind::array);
    task.kwargs = raw_of(body.find("kwargs"), json::Kind::object);
}

void TaskReader::read_body(const Envelope& envelope, QueuedTask& task) {
    task.opaque = envelope.opaque();
    if (!task.opaque.empty()) return;
    const auto body = body_.read(envelope.body, kShallow);
    if (!body) {
        task.opaque = "not JSON";
        return;
    }
    if (body->is_object()) return read_protocol_1(*body, task);
    int index = 0;
    for (const json::Item part : *body) {
        if (index == 0) task.args = raw_of(part, json::Kind::array);
        if (index == 1) task.kwargs = raw_of(part, json::Kind::object);
        ++index;
    }
    if (!body->is_array() || index != 3) task.opaque = "not a task's body";
}

Result<QueuedTask> TaskReader::read(std::string_view message) {
    const auto envelope = envelopes_.read(message);
    if (!envelope) return std::unexpected(envelope.error());
    QueuedTask task;
    if (const auto& properties = envelope->properties) {
        task.periodic_task_name = envelope->property("periodic_task_name");
        task.delivery_tag = envelope->property("delivery_tag");
        if (const auto priority = properties->find("priority"))
            task.priority = int(std::clamp<std::int64_t>(priority->as_int64().value_or(0), 0, 255));
    }
    if (const auto& info = envelope->delivery_info) {
        task.exchange = text_of(info->find("exchange"));
        task.routing_key = text_of(info->find("routing_key"));
        const auto again = info->find("redelivered");
        task.redelivered = again && again->as_bool().value_or(false);
    }
    if (const auto& headers = envelope->headers) read_fields(*headers, task);
    read_body(*envelope, task);
    if (task.task.empty()) return fail(Errc::bad_input, "not a task: it names none");
    return task;
}

}  // namespace cjv::celery
