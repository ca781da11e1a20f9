#include "celery/task_message.h"

#include "base/base64.h"
#include "base/iso8601.h"
#include "celery/python_text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace cjv::celery {
namespace {

constexpr std::string_view kEmbed =
    R"(, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}])";

void append_text(std::string& out, std::string_view before, std::string_view text) {
    out += before;
    append_json_string(out, text);
}

void append_text_or_null(std::string& out, std::string_view before, std::string_view text) {
    if (!text.empty()) return append_text(out, before, text);
    out += before;
    out += "null";
}

void append_number(std::string& out, std::int64_t number) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, std::size_t(end - digits));
}

void append_time(std::string& out, std::string_view before, const std::optional<Instant>& at) {
    out += before;
    if (!at) {
        out += "null";
        return;
    }
    out += '"';
    append_isoformat(out, *at);
    out += '"';
}

void append_seconds(std::string& out, const std::optional<double>& seconds) {
    if (!seconds) {
        out += "null";
        return;
    }
    char digits[400];
    const auto end =
        std::to_chars(digits, digits + sizeof digits, *seconds, std::chars_format::fixed).ptr;
    out.append(digits, std::size_t(end - digits));
}

// What stands between the braces of a JSON object.
std::string_view inside_of(std::string_view object) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const auto open = object.find('{');
    const auto close = object.rfind('}');
    if (open == object.npos || close == object.npos || close < open) return {};
    object = object.substr(open + 1, close - open - 1);
    const auto first = object.find_first_not_of(kBlanks);
    if (first == object.npos) return {};
    return object.substr(first, object.find_last_not_of(kBlanks) + 1 - first);
}

void append_provenance(std::string& out, const Provenance& whose) {
    if (!whose.periodic_task_name.empty())
        append_text(out, R"(, "periodic_task_name": )", whose.periodic_task_name);
    append_text(out, R"(, "cjv_run_id": )", whose.run_id);
    append_text(out, R"(, "cjv_job_id": )", whose.job_id);
    out += R"(, "cjv_scheduled_for": ")";
    if (whose.scheduled_for) append_iso8601(out, *whose.scheduled_for);
    out += R"(", "cjv_attempt": )";
    append_number(out, whose.attempt);
}

void append_headers(std::string& out, const TaskMessage& message) {
    append_text(out, R"({"lang": "py", "task": )", message.task);
    append_text(out, R"(, "id": )", message.id);
    append_text_or_null(out, R"(, "shadow": )", message.shadow);
    append_time(out, R"(, "eta": )", message.eta);
    append_time(out, R"(, "expires": )", message.expires);
    out += R"(, "group": null, "group_index": null, "retries": 0, "timelimit": [)";
    append_seconds(out, message.time_limit);
    out += ", ";
    append_seconds(out, message.soft_time_limit);
    append_text(out, R"(], "root_id": )", message.id);
    append_text(out, R"(, "parent_id": null, "argsrepr": )", message.argsrepr);
    append_text(out, R"(, "kwargsrepr": )", message.kwargsrepr);
    append_text(out, R"(, "origin": )", message.origin);
    out += R"(, "ignore_result": )";
    out += !message.ignore_result ? "null" : *message.ignore_result ? "true" : "false";
    out += R"(, "replaced_task_nesting": 0, "stamped_headers": )";
    out += message.stamped_headers.empty() ? "null" : message.stamped_headers;
    out += R"(, "stamps": )";
    out += message.stamps.empty() ? "{}" : message.stamps;
    if (const auto own = inside_of(message.headers); !own.empty()) {
        out += ", ";
        out += own;
    }
    if (message.provenance) append_provenance(out, *message.provenance);
    out += '}';
}

void append_properties(std::string& out, const TaskMessage& message) {
    append_text(out, R"({"correlation_id": )", message.id);
    append_text(out, R"(, "reply_to": )", message.reply_to);
    if (message.provenance && !message.provenance->periodic_task_name.empty())
        append_text(out, R"(, "periodic_task_name": )", message.provenance->periodic_task_name);
    out += R"(, "delivery_mode": 2)";
    if (message.expires) {
        const auto left =
            std::chrono::floor<std::chrono::milliseconds>(*message.expires - message.sent_at);
        out += R"(, "expiration": ")";
        append_number(out, std::max<std::int64_t>(left.count(), 0));
        out += '"';
    }
    const bool to_exchange = !message.exchange.empty() || !message.routing_key.empty();
    append_text(out, R"(, "delivery_info": {"exchange": )", message.exchange);
    append_text(out, R"(, "routing_key": )", to_exchange ? message.routing_key : message.queue);
    out += R"(}, "priority": )";
    append_number(out, message.priority);
    append_text(out, R"(, "body_encoding": "base64", "delivery_tag": )", message.delivery_tag);
    out += '}';
}

}  // namespace

void encode(const TaskMessage& message, std::string& out) {
    std::string body;
    body.reserve(message.args.size() + message.kwargs.size() + kEmbed.size() + 4);
    body += '[';
    body += message.args;
    body += ", ";
    body += message.kwargs;
    body += kEmbed;

    constexpr std::size_t kUsual = 1'536;
    out.reserve(out.size() + kUsual + body.size() * 4 / 3);
    out += R"({"body": ")";
    append_base64(out, body);
    out += R"(", "content-encoding": "utf-8", "content-type": "application/json", "headers": )";
    append_headers(out, message);
    out += R"(, "properties": )";
    append_properties(out, message);
    out += '}';
}

}  // namespace cjv::celery
