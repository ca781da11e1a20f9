#include "celery/transport.h"

#include <algorithm>

namespace cjv::celery {
namespace {

std::string key(const Transport& transport, std::string_view name) {
    return transport.global_keyprefix + std::string(name);
}

std::string step_key(const Transport& transport, std::string_view queue, int step) {
    auto name = key(transport, queue);
    if (step != 0) name += transport.sep + std::to_string(step);
    return name;
}

std::string fanout_channel(const Transport& transport, std::string_view exchange) {
    constexpr std::string_view kDatabase = "{db}";
    std::string prefix = transport.fanout_prefix;
    for (auto at = prefix.find(kDatabase); at != prefix.npos; at = prefix.find(kDatabase, at))
        prefix.replace(at, kDatabase.size(), std::to_string(transport.database));
    return key(transport, prefix + std::string(exchange));
}

// Redis matches like a shell: what is meant literally is escaped.
std::string glob_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::string_view("*?[]\\").contains(c)) out += '\\';
        out += c;
    }
    return out;
}

}  // namespace

int priority_step(const Transport& transport, int priority) {
    const int wanted = std::clamp(priority, 0, 9);
    int step = 0;
    for (const int each : transport.priority_steps)
        if (each <= wanted) step = each;
    return step;
}

std::string queue_key(const Transport& transport, std::string_view queue, int priority) {
    return step_key(transport, queue, priority_step(transport, priority));
}

std::vector<std::string> queue_keys(const Transport& transport, std::string_view queue) {
    std::vector<std::string> keys;
    keys.reserve(transport.priority_steps.size());
    for (const int step : transport.priority_steps)
        keys.push_back(step_key(transport, queue, step));
    return keys;
}

std::string binding_key(const Transport& transport, std::string_view exchange) {
    return key(transport, "_kombu.binding." + std::string(exchange));
}
std::string permanent_binding_key(const Transport& transport, std::string_view exchange) {
    return key(transport, "_kombu.binding_permanent." + std::string(exchange));
}

std::string unacked_key(const Transport& transport) {
    return key(transport, transport.unacked_key);
}
std::string unacked_index_key(const Transport& transport) {
    return key(transport, transport.unacked_index_key);
}

std::string event_pattern(const Transport& transport) {
    auto pattern = glob_escaped(fanout_channel(transport, transport.event_exchange));
    if (transport.fanout_patterns) pattern += "/*";
    return pattern;
}

std::string control_exchange(const Transport& transport) {
    return transport.control_exchange + ".pidbox";
}
std::string control_channel(const Transport& transport) {
    return fanout_channel(transport, control_exchange(transport));
}

std::string reply_exchange(const Transport& transport) {
    return "reply." + control_exchange(transport);
}
std::string reply_queue(const Transport& transport, std::string_view reply_to) {
    return std::string(reply_to) + "." + reply_exchange(transport);
}

}  // namespace cjv::celery
