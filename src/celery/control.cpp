#include "celery/control.h"

#include "base/base64.h"
#include "celery/binding.h"
#include "celery/python_text.h"

#include <charconv>
#include <cmath>

namespace cjv::celery {
namespace {

std::string json_text(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

std::string text_or_null(std::string_view text) { return text.empty() ? "null" : json_text(text); }

std::string list_of(std::span<const std::string> texts) {
    std::string out = "[";
    for (const std::string& text : texts) out += (out.size() > 1 ? ", " : "") + json_text(text);
    return out + "]";
}

std::string seconds_or_null(std::optional<double> seconds) {
    if (!seconds) return "null";
    char digits[400];
    const auto end =
        std::to_chars(digits, digits + sizeof digits, *seconds, std::chars_format::fixed).ptr;
    return {digits, end};
}

ControlCommand for_queue(std::string method, std::string_view queue, std::string_view rest) {
    return {std::move(method), "{\"queue\": " + json_text(queue) + std::string(rest) + "}"};
}

ControlCommand with_count(std::string method, int count) {
    return {std::move(method), "{\"n\": " + std::to_string(count) + "}"};
}

std::string body_of(const ControlRequest& request, const Transport& transport) {
    std::string body = R"({"method": )" + json_text(request.command.method) + R"(, "arguments": )" +
                       request.command.arguments + R"(, "destination": )";
    body += request.destination.empty() ? "null" : list_of(request.destination);
    body += R"(, "pattern": )" + text_or_null(request.pattern);
    body += R"(, "matcher": )" + text_or_null(request.pattern.empty() ? "" : "glob");
    if (!request.ticket.empty() && !request.reply_to.empty())
        body += R"(, "ticket": )" + json_text(request.ticket) + R"(, "reply_to": {"exchange": )" +
                json_text(reply_exchange(transport)) + R"(, "routing_key": )" +
                json_text(request.reply_to) + "}";
    return body + "}";
}

}  // namespace

ControlCommand ping() { return {"ping"}; }
ControlCommand active(bool safe) {
    return {"active", safe ? R"({"safe": true})" : R"({"safe": null})"};
}
ControlCommand reserved() { return {"reserved"}; }
ControlCommand scheduled() { return {"scheduled"}; }
ControlCommand registered() { return {"registered", R"({"taskinfoitems": []})"}; }
ControlCommand stats() { return {"stats"}; }
ControlCommand conf() { return {"conf", R"({"with_defaults": false})"}; }
ControlCommand active_queues() { return {"active_queues"}; }
ControlCommand query_task(std::span<const std::string> ids) {
    return {"query_task", "{\"ids\": " + list_of(ids) + "}"};
}
ControlCommand revoke(std::span<const std::string> ids, std::string_view signal) {
    return {"revoke", "{\"task_id\": " + list_of(ids) +
                          ", \"terminate\": " + (signal.empty() ? "false" : "true") +
                          ", \"signal\": " + json_text(signal.empty() ? "SIGTERM" : signal) + "}"};
}
ControlCommand rate_limit(std::string_view task, std::string_view rate) {
    return {"rate_limit",
            "{\"task_name\": " + json_text(task) + ", \"rate_limit\": " + json_text(rate) + "}"};
}
ControlCommand time_limit(std::string_view task, std::optional<double> hard,
                          std::optional<double> soft) {
    return {"time_limit", "{\"task_name\": " + json_text(task) + ", \"hard\": " +
                              seconds_or_null(hard) + ", \"soft\": " + seconds_or_null(soft) + "}"};
}
ControlCommand pool_grow(int processes) { return with_count("pool_grow", processes); }
ControlCommand pool_shrink(int processes) { return with_count("pool_shrink", processes); }
ControlCommand autoscale(int most, int least) {
    return {"autoscale",
            "{\"max\": " + std::to_string(most) + ", \"min\": " + std::to_string(least) + "}"};
}
ControlCommand add_consumer(std::string_view queue) {
    return for_queue("add_consumer", queue,
                     R"(, "exchange": null, "exchange_type": "direct", "routing_key": null)");
}
ControlCommand cancel_consumer(std::string_view queue) {
    return for_queue("cancel_consumer", queue, "");
}
ControlCommand enable_events() { return {"enable_events"}; }
ControlCommand heartbeat() { return {"heartbeat"}; }
ControlCommand shutdown() { return {"shutdown"}; }

std::optional<std::string> rate_refusal(std::string_view rate) {
    const auto slash = rate.find('/');
    const auto count = rate.substr(0, slash);
    const auto unit = slash == rate.npos ? "s" : rate.substr(slash + 1);
    double number = 0;
    const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), number,
                                              std::chars_format::fixed);
    const bool is_number = error == std::errc{} && end == count.data() + count.size() &&
                           std::isfinite(number) && number >= 0;
    if (is_number && (unit == "s" || unit == "m" || unit == "h")) return std::nullopt;
    return "Expected a number and a unit: \"10/m\", \"5/s\" or \"100/h\"; \"0\" for no limit.";
}

std::string encode(const ControlRequest& request, const Transport& transport) {
    std::string out = R"({"body": ")";
    append_base64(out, body_of(request, transport));
    out += R"(", "content-encoding": "utf-8", "content-type": "application/json", "headers":)";
    out += R"( {"clock": )" + std::to_string(request.clock) + R"(, "expires": )";
    if (request.expires)
        append_float(out, unix_seconds(*request.expires));
    else
        out += '0';
    out += R"(}, "properties": {"delivery_mode": 2, "delivery_info": {"exchange": )";
    append_json_string(out, control_exchange(transport));
    out += R"(, "routing_key": ""}, "priority": 0, "body_encoding": "base64", "delivery_tag": )";
    append_json_string(out, request.delivery_tag);
    out += "}}";
    return out;
}

ReplyBinding reply_binding(const Transport& transport, std::string_view reply_to) {
    const auto exchange = reply_exchange(transport);
    return {.keys = {binding_key(transport, exchange), permanent_binding_key(transport, exchange)},
            .member = binding_member(transport, reply_to, reply_queue(transport, reply_to))};
}

}  // namespace cjv::celery
