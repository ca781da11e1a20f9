#include "celery/event.h"

#include "base/iso8601.h"
#include "celery/python_text.h"

#include <algorithm>

namespace cjv::celery {
namespace {

constexpr std::array<std::string_view, 12> kTypes = {
    "worker-online", "worker-heartbeat", "worker-offline", "task-sent",
    "task-received", "task-started",     "task-succeeded", "task-failed",
    "task-retried",  "task-rejected",    "task-revoked",   "task-cancelled"};
constexpr std::array<std::string_view, kEventRefusals> kRefusals = {"message", "opaque", "body",
                                                                    "field",   "type",   "ignored"};

std::optional<EventType> type_from(std::string_view text) {
    const auto found = std::ranges::find(kTypes, text);
    if (found == kTypes.end()) return std::nullopt;
    return static_cast<EventType>(found - kTypes.begin());
}

// FNV-1a: the names of fields are told apart by one look each.
constexpr std::uint32_t hash(std::string_view name) {
    std::uint32_t value = 2'166'136'261U;
    for (const char c : name) value = (value ^ static_cast<unsigned char>(c)) * 16'777'619U;
    return value;
}

std::optional<Instant> time_of(const json::Item& item) {
    const auto text = item.as_string();
    return text ? parse_iso8601(*text) : std::nullopt;
}

std::optional<std::array<double, 3>> load_of(const json::Item& item) {
    std::array<double, 3> load{};
    std::size_t count = 0;
    for (const json::Item each : item) {
        const auto number = each.as_double();
        if (!number || count == load.size()) return std::nullopt;
        load[count++] = *number;
    }
    if (count != load.size()) return std::nullopt;
    return load;
}

// What of a message's fields tells whether it is an event at all.
struct Marks {
    std::string_view type;
    bool dated = false;
};

void read_field(const json::Item& field, Event& event, Marks& marks) {
    const auto text = [&] { return field.as_string().value_or(""); };
    const auto yes = [&] { return field.as_bool().value_or(false); };
    switch (hash(field.key())) {
        case hash("type"): marks.type = text(); return;
        case hash("timestamp"): {
            const auto seconds = field.as_double();
            marks.dated = seconds && read_unix_seconds(*seconds, event.at);
            return;
        }
        case hash("hostname"): event.hostname = text(); return;
        case hash("pid"): event.pid = field.as_int64().value_or(0); return;
        case hash("clock"): event.clock = field.as_int64().value_or(0); return;
        case hash("freq"): event.freq = field.as_double(); return;
        case hash("active"): event.active = field.as_int64(); return;
        case hash("processed"): event.processed = field.as_int64(); return;
        case hash("loadavg"): event.loadavg = load_of(field); return;
        case hash("sw_ident"): event.sw_ident = text(); return;
        case hash("sw_ver"): event.sw_ver = text(); return;
        case hash("sw_sys"): event.sw_sys = text(); return;
        case hash("uuid"): event.task_id = text(); return;
        case hash("name"): event.name = text(); return;
        case hash("args"): event.args = text(); return;
        case hash("kwargs"): event.kwargs = text(); return;
        case hash("root_id"): event.root_id = text(); return;
        case hash("parent_id"): event.parent_id = text(); return;
        case hash("retries"):
            event.retries = std::max<std::int64_t>(field.as_int64().value_or(0), 0);
            return;
        case hash("eta"): event.eta = time_of(field); return;
        case hash("expires"): event.expires = time_of(field); return;
        case hash("queue"): event.queue = text(); return;
        case hash("exchange"): event.exchange = text(); return;
        case hash("routing_key"): event.routing_key = text(); return;
        case hash("result"): event.result = text(); return;
        case hash("runtime"): event.runtime = field.as_double(); return;
        case hash("exception"): event.exception = text(); return;
        case hash("traceback"): event.traceback = text(); return;
        case hash("requeue"): event.requeue = yes(); return;
        case hash("terminated"): event.terminated = yes(); return;
        case hash("expired"): event.expired = yes(); return;
        case hash("signum"): event.signum = field.as_int64(); return;
        default: return;
    }
}

}  // namespace

std::string_view to_text(EventType type) { return kTypes[static_cast<std::size_t>(type)]; }
bool is_task(EventType type) { return type >= EventType::task_sent; }
std::string_view to_text(EventRefusal refusal) {
    return kRefusals[static_cast<std::size_t>(refusal)];
}

void EventReader::refuse(EventRefusal refusal, std::string sentence) {
    ++counts_.refused[static_cast<std::size_t>(refusal)];
    last_refusal_ = std::move(sentence);
}

void EventReader::read_event(const json::Item& item) {
    ++counts_.seen;
    if (!item.is_object()) return refuse(EventRefusal::body, "an event that is no object");
    Event event;
    Marks marks;
    for (const json::Item field : item) read_field(field, event, marks);
    if (marks.type.empty()) return refuse(EventRefusal::field, "an event without a type");
    const auto named = [&] { return std::string(marks.type.substr(0, 80)); };
    if (marks.type.starts_with("worker-elect"))
        return refuse(EventRefusal::ignored, "an election among workers");
    const auto type = type_from(marks.type);
    if (!type) return refuse(EventRefusal::type, "an event of the type " + named());
    event.type = *type;
    if (event.hostname.empty()) return refuse(EventRefusal::field, named() + " without a hostname");
    if (!marks.dated) return refuse(EventRefusal::field, named() + " without a timestamp");
    if (is_task(*type) && event.task_id.empty())
        return refuse(EventRefusal::field, named() + " without a uuid");
    ++counts_.read;
    events_.push_back(event);
}

std::span<const Event> EventReader::read(std::string_view message) {
    // Fields are texts and numbers, and `loadavg` a list; what else there is stays unread.
    constexpr json::TapeLimits kLimits{.kept_depth = 4};
    events_.clear();
    ++counts_.messages;
    const auto unopened = [&](EventRefusal refusal, std::string sentence) {
        ++counts_.seen;
        refuse(refusal, std::move(sentence));
        return std::span<const Event>();
    };
    const auto envelope = envelopes_.read(message, kLimits);
    if (!envelope) return unopened(EventRefusal::message, envelope.error().what);
    if (auto opaque = envelope->opaque(); !opaque.empty())
        return unopened(EventRefusal::opaque, "an event that is " + std::move(opaque));
    const auto body = body_.read(envelope->body, kLimits);
    if (!body) return unopened(EventRefusal::body, "an event's body: " + body.error().what);
    if (body->is_object()) {
        read_event(*body);
    } else if (body->is_array()) {
        for (const json::Item item : *body) read_event(item);
    } else {
        return unopened(EventRefusal::body, "an event that is no object");
    }
    return events_;
}

}  // namespace cjv::celery
