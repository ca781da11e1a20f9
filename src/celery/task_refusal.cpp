#include "celery/task_refusal.h"

#include "base/json.h"
#include "base/utf8.h"
#include "celery/python_text.h"
#include "celery/typed_json.h"

#include <algorithm>
#include <array>
#include <string>

namespace cjv::celery {
namespace {

// Names that mean something to a worker: the headers of protocol 2, and what Celery's request object
// (celery/app/task.py, Context) has or is given. A header of the user's own becomes an attribute of that
// object, so it would replace ours, be replaced, or take a method's place and break the task.
constexpr std::array<std::string_view, 48> kTakenHeaders = {"lang",
                                                            "task",
                                                            "id",
                                                            "shadow",
                                                            "eta",
                                                            "expires",
                                                            "group",
                                                            "group_index",
                                                            "retries",
                                                            "timelimit",
                                                            "root_id",
                                                            "parent_id",
                                                            "argsrepr",
                                                            "kwargsrepr",
                                                            "origin",
                                                            "ignore_result",
                                                            "stamps",
                                                            "stamped_headers",
                                                            "compression",
                                                            "periodic_task_name",
                                                            "redelivered",
                                                            "replaced_task_nesting",
                                                            "args",
                                                            "kwargs",
                                                            "callbacks",
                                                            "errbacks",
                                                            "chain",
                                                            "chord",
                                                            "children",
                                                            "called_directly",
                                                            "correlation_id",
                                                            "delivery_info",
                                                            "headers",
                                                            "hostname",
                                                            "is_eager",
                                                            "logfile",
                                                            "loglevel",
                                                            "properties",
                                                            "reply_to",
                                                            "soft_time_limit",
                                                            "taskset",
                                                            "time_limit",
                                                            "utc",
                                                            "as_execution_options",
                                                            "celery_beat_task",
                                                            "clear",
                                                            "get",
                                                            "update"};

// Python refuses to read longer whole numbers (sys.int_info.default_max_str_digits).
constexpr std::size_t kMostDigits = 4'300;
// What Redis and workers carry without trouble; Redis itself ends at 512 MB.
constexpr std::size_t kMostBytes = std::size_t{16} << 20;
constexpr double kMostSeconds = 10 * 366 * 86'400.0;

// Where a value stands, as text only when something is wrong with it.
struct Place {
    const Place* parent = nullptr;
    std::string_view name;
    std::size_t index = 0;  // in a list, where it has no name

    std::string text() const {
        const std::string own = name.data() ? std::string(name) : std::to_string(index);
        return parent ? parent->text() + "." + own : own;
    }
};

class Judge {
public:
    Judge(const TaskMessage& message, const Transport& transport, json::Tape& tape)
        : message_(message), transport_(transport), tape_(tape) {}

    std::vector<FieldError> judge() {
        check_text("task", message_.task, true);
        check_text("id", message_.id, true);
        check_text("delivery_tag", message_.delivery_tag, true);
        check_text("shadow", message_.shadow, false);
        // Most tasks have none.
        if (message_.args != "[]")
            check_json("args", message_.args, json::Kind::array, "Expected a JSON list.");
        if (message_.kwargs != "{}")
            check_json("kwargs", message_.kwargs, json::Kind::object, "Expected a JSON object.");
        check_headers();
        check_stamps();
        check_route();
        check_time("eta", message_.eta);
        check_time("expires", message_.expires);
        check_seconds("time_limit", message_.time_limit);
        check_seconds("soft_time_limit", message_.soft_time_limit);
        if (message_.priority < 0 || message_.priority > 255)
            refuse("priority", "invalid", "Expected a whole number from 0 to 255.");
        return std::move(errors_);
    }

private:
    void refuse(std::string path, std::string code, std::string message) {
        errors_.push_back({std::move(path), std::move(code), std::move(message)});
    }

    void check_text(std::string_view name, std::string_view text, bool needed) {
        if (text.empty() && needed)
            refuse(std::string(name), "blank", "This field may not be blank.");
        else if (!is_utf8(text))
            refuse(std::string(name), "invalid", "Not a valid string.");
        else if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
            refuse(std::string(name), "invalid", "Control characters are not allowed.");
    }

    // Nothing, and a refusal: it is not that. The item is valid until the next text is read.
    std::optional<json::Item> check_json(std::string_view name, std::string_view text,
                                         json::Kind kind, std::string_view expected) {
        const auto value = text.size() > kMostBytes ? fail(Errc::bad_input, "the text is too long")
                                                    : tape_.read_strictly(text);
        if (!value) {
            refuse(std::string(name), "invalid",
                   std::string(expected) + " It is not JSON: " + value.error().what + ".");
            return std::nullopt;
        }
        if (value->kind() != kind) {
            refuse(std::string(name), "invalid", std::string(expected));
            return std::nullopt;
        }
        check_values({.name = name}, *value);
        return *value;
    }

    // Everywhere below, Kombu looks for its wrappers and Python reads the numbers.
    void check_values(const Place& place, const json::Item& item) {
        if (const auto typed = typed_value(item)) {
            if (!is_known(*typed))
                return refuse(
                    place.text(), "invalid",
                    "Workers cannot read this __type__ and __value__. They know datetime, "
                    "date, time, decimal, uuid, bytes and base64.");
            if (!place.parent && place.name == "kwargs")
                return refuse("kwargs", "invalid", "A typed value is no object of arguments.");
        }
        if (item.kind() == json::Kind::number && item.raw().size() > kMostDigits)
            return refuse(
                place.text(), "invalid",
                "Python reads numbers of at most " + std::to_string(kMostDigits) + " digits.");
        std::size_t index = 0;
        for (const json::Item child : item)
            check_values({.parent = &place,
                          .name = item.is_array() ? std::string_view() : named(child.key()),
                          .index = index++},
                         child);
    }

    // An empty name is a name, too.
    static std::string_view named(std::string_view key) { return key.data() ? key : ""; }

    void check_headers() {
        if (message_.headers.empty()) return;
        const auto headers =
            check_json("headers", message_.headers, json::Kind::object, "Expected a JSON object.");
        if (!headers) return;
        for (const json::Item header : *headers) {
            const auto name = header.key();
            const std::string path = "headers." + std::string(name);
            if (std::ranges::find(kTakenHeaders, name) != kTakenHeaders.end() ||
                name.starts_with('_'))
                refuse(path, "reserved",
                       "This name is Celery's own: choose another, such as x_" + std::string(name) +
                           ".");
            else if (name.starts_with("cjv_"))
                refuse(path, "reserved",
                       "Names that begin with cjv_ are this server's own: choose another.");
        }
    }

    void check_stamps() {
        if (!message_.stamps.empty())
            check_json("stamps", message_.stamps, json::Kind::object, "Expected a JSON object.");
        if (message_.stamped_headers.empty()) return;
        const auto names = check_json("stamped_headers", message_.stamped_headers,
                                      json::Kind::array, "Expected a JSON list of names.");
        if (!names) return;
        for (const json::Item name : *names)
            if (!name.as_string())
                return refuse("stamped_headers", "invalid", "Expected a JSON list of names.");
    }

    void check_route() {
        const bool exchange = !message_.exchange.empty();
        const bool key = !message_.routing_key.empty();
        check_text("exchange", message_.exchange, false);
        check_text("routing_key", message_.routing_key, false);
        if (exchange != key)
            return refuse(exchange ? "routing_key" : "exchange", "required",
                          "An exchange and a routing key go together: name both, or a queue.");
        if (exchange && !message_.queue.empty())
            refuse("queue", "invalid", "Name either a queue, or an exchange with a routing key.");
        if (!exchange) check_queue();
    }

    // A list under one of these names is something else: pushing to it fails, or tells a worker
    // nonsense on its control channel.
    void check_queue() {
        const auto queue = message_.queue;
        check_text("queue", queue, true);
        const bool is_taken = queue == transport_.unacked_key ||
                              queue == transport_.unacked_index_key || queue == "unacked_mutex" ||
                              queue.starts_with("_kombu.") || queue.starts_with("cjv:") ||
                              queue.ends_with(".pidbox");
        if (is_taken)
            refuse("queue", "reserved",
                   "Celery or this server uses this name itself: choose another.");
        if (queue.contains(transport_.sep))
            refuse("queue", "invalid",
                   "The separator of priorities (sep) may not be part of the name.");
    }

    void check_time(const std::string& name, const std::optional<Instant>& at) {
        if (at && !has_isoformat(*at))
            refuse(name, "invalid", "Expected an instant of the years 1 to 9999.");
    }

    void check_seconds(const std::string& name, const std::optional<double>& seconds) {
        const bool holds = !seconds || (*seconds > 0 && *seconds <= kMostSeconds);
        if (!holds) refuse(name, "invalid", "Expected seconds, more than 0 and at most ten years.");
    }

    const TaskMessage& message_;
    const Transport& transport_;
    json::Tape& tape_;
    std::vector<FieldError> errors_;
};

}  // namespace

std::vector<FieldError> refusals(const TaskMessage& message, const Transport& transport) {
    json::Tape tape;
    return refusals(message, transport, tape);
}

std::vector<FieldError> refusals(const TaskMessage& message, const Transport& transport,
                                 json::Tape& tape) {
    return Judge(message, transport, tape).judge();
}

}  // namespace cjv::celery
