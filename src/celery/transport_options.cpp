#include "celery/transport_options.h"

#include "base/utf8.h"

#include <algorithm>
#include <array>

namespace cjv::celery {
namespace {

constexpr std::string_view kWorkersOnly =
    "It says how workers take messages and changes nothing here: leave it out.";
constexpr std::string_view kOwnConnection =
    "It is about Python's own connection; ours is set up by the broker's URL: leave it out.";
constexpr std::string_view kSentinel = "Redis Sentinel is not supported yet.";

constexpr std::array<TransportOption, 33> kOptions = {{
    {"global_keyprefix", ""},
    {"sep", ""},
    {"priority_steps", ""},
    {"fanout_prefix", ""},
    {"fanout_patterns", ""},
    {"unacked_key", ""},
    {"unacked_index_key", ""},
    {"visibility_timeout", ""},
    {"body_encoding", ""},
    {"ack_emulation", ""},
    {"unacked_mutex_key", kWorkersOnly},
    {"unacked_mutex_expire", kWorkersOnly},
    {"unacked_restore_limit", kWorkersOnly},
    {"unacked_restore_interval", kWorkersOnly},
    {"unacked_restore_throttle", kWorkersOnly},
    {"queue_order_strategy", kWorkersOnly},
    {"polling_interval", kWorkersOnly},
    {"deadletter_queue", "Messages that no queue takes are reported here instead of put aside."},
    {"confirm_publish", "It is an option of RabbitMQ."},
    {"master_name", kSentinel},
    {"sentinels", kSentinel},
    {"sentinel_kwargs", kSentinel},
    {"min_other_sentinels", kSentinel},
    {"socket_timeout", kOwnConnection},
    {"socket_connect_timeout", kOwnConnection},
    {"socket_keepalive", kOwnConnection},
    {"socket_keepalive_options", kOwnConnection},
    {"retry_on_timeout", kOwnConnection},
    {"health_check_interval", kOwnConnection},
    {"max_connections", kOwnConnection},
    {"client_name", kOwnConnection},
    {"credential_provider", kOwnConnection},
    {"connection_class", kOwnConnection},
}};

// Of the backend's options, all that Celery's documentation and sources name.
constexpr std::array<TransportOption, 12> kResultOptions = {{
    {"global_keyprefix", ""},
    {"visibility_timeout", "It says nothing of results: leave it out."},
    {"retry_policy",
     "How often a worker tries to store a result changes nothing here: leave it out."},
    {"result_chord_ordered", kWorkersOnly},
    {"master_name", kSentinel},
    {"sentinels", kSentinel},
    {"sentinel_kwargs", kSentinel},
    {"min_other_sentinels", kSentinel},
    {"socket_timeout", kOwnConnection},
    {"socket_connect_timeout", kOwnConnection},
    {"socket_keepalive", kOwnConnection},
    {"health_check_interval", kOwnConnection},
}};

std::unexpected<Error> refuse_options(std::string what, std::vector<FieldError> errors) {
    for (const FieldError& error : errors)
        what += (&error == errors.data() ? ": " : " ") + error.path + ": " + error.message;
    return std::unexpected(
        Error{.code = Errc::bad_input, .what = std::move(what), .fields = std::move(errors)});
}

class OptionReader {
public:
    explicit OptionReader(int database) { transport_.database = database; }

    void read(std::string_view name, const json::Value& value) {
        const auto known = std::ranges::find(kOptions, name, &TransportOption::name);
        if (known == kOptions.end())
            return refuse(name, "unknown", "Not an option of Celery's Redis transport.");
        if (!known->refusal.empty()) return refuse(name, "not_supported", known->refusal);
        if (name == "global_keyprefix") return read_text(name, value, transport_.global_keyprefix);
        if (name == "sep") return read_name(name, value, transport_.sep);
        if (name == "unacked_key") return read_name(name, value, transport_.unacked_key);
        if (name == "unacked_index_key")
            return read_name(name, value, transport_.unacked_index_key);
        if (name == "priority_steps") return read_steps(value);
        if (name == "fanout_prefix") return read_fanout_prefix(value);
        if (name == "fanout_patterns") return read_patterns(value);
        if (name == "visibility_timeout") return read_visibility(value);
        if (name == "body_encoding") return read_body_encoding(value);
        read_ack_emulation(value);
    }

    Result<Transport> take() {
        if (errors_.empty()) return std::move(transport_);
        return refuse_options("broker_transport_options", std::move(errors_));
    }

private:
    void refuse(std::string_view name, std::string_view code, std::string_view message) {
        errors_.push_back({.path = std::string(name),
                           .code = std::string(code),
                           .message = std::string(message)});
    }

    void read_text(std::string_view name, const json::Value& value, std::string& into) {
        if (const auto text = value.as_string())
            into = *text;
        else
            refuse(name, "invalid", "Expected a text.");
    }

    void read_name(std::string_view name, const json::Value& value, std::string& into) {
        if (const auto text = value.as_string(); text && !text->empty())
            into = *text;
        else
            refuse(name, "invalid", "Expected a text that is not empty.");
    }

    // Kombu looks a priority's step up by bisection: any other list sends messages to lists that no
    // worker reads.
    void read_steps(const json::Value& value) {
        std::vector<int> steps;
        for (const json::Value& item : value.items()) {
            const auto step = item.as_int64();
            if (!step || *step < 0 || *step > 9 || (!steps.empty() && *step <= steps.back()))
                return refuse_steps();
            steps.push_back(int(*step));
        }
        if (steps.empty() || steps.front() != 0) return refuse_steps();
        transport_.priority_steps = std::move(steps);
    }
    void refuse_steps() {
        refuse("priority_steps", "invalid",
               "Expected whole numbers from 0 to 9, ascending, the first one 0: [0, 3, 6, 9].");
    }

    void read_fanout_prefix(const json::Value& value) {
        if (const auto on = value.as_bool()) {
            if (!*on) transport_.fanout_prefix.clear();
            return;
        }
        if (const auto text = value.as_string()) {
            transport_.fanout_prefix = *text;
            return;
        }
        refuse("fanout_prefix", "invalid", "Expected true, false or a text.");
    }

    void read_patterns(const json::Value& value) {
        if (const auto on = value.as_bool())
            transport_.fanout_patterns = *on;
        else
            refuse("fanout_patterns", "invalid", "Expected true or false.");
    }

    void read_visibility(const json::Value& value) {
        constexpr double kMost = 10 * 366 * 86'400.0;
        const double seconds = value.as_double().value_or(0);
        if (seconds < 1 || seconds > kMost)
            return refuse("visibility_timeout", "invalid",
                          "Expected seconds, from 1 to ten years.");
        transport_.visibility_timeout = std::chrono::seconds{std::int64_t(seconds)};
    }

    // A reader goes by what the message says of itself; so ours may be base64 always.
    void read_body_encoding(const json::Value& value) {
        const auto name = value.as_string().value_or("");
        if (name != "base64" && name != "utf-8")
            refuse("body_encoding", "invalid", "Expected \"base64\" or \"utf-8\".");
    }

    void read_ack_emulation(const json::Value& value) {
        if (value.as_bool() != true)
            refuse("ack_emulation", "invalid",
                   "Expected true: without it a worker that dies loses its tasks, and nobody can "
                   "say which.");
    }

    Transport transport_;
    std::vector<FieldError> errors_;
};

}  // namespace

std::span<const TransportOption> transport_options() { return kOptions; }

Result<Transport> read_transport_options(const json::Value& options, int database) {
    if (options.kind() != json::Kind::object)
        return cjv::refuse("", "invalid",
                           "broker_transport_options: expected an object of options.");
    OptionReader reader(database);
    for (const auto& [name, value] : options.members()) reader.read(name, value);
    return reader.take();
}

Result<std::string> read_result_transport_options(const json::Value& options) {
    if (options.kind() != json::Kind::object)
        return cjv::refuse("", "invalid",
                           "result_backend_transport_options: expected an object of options.");
    std::string prefix;
    std::vector<FieldError> errors;
    for (const auto& [name, value] : options.members()) {
        const auto known = std::ranges::find(kResultOptions, name, &TransportOption::name);
        if (known == kResultOptions.end())
            errors.push_back(
                {std::string(name), "unknown", "Not an option of Celery's Redis result backend."});
        else if (!known->refusal.empty())
            errors.push_back({std::string(name), "not_supported", std::string(known->refusal)});
        else if (const auto text = value.as_string())
            prefix = *text;
        else
            errors.push_back({std::string(name), "invalid", "Expected a text."});
    }
    if (!errors.empty())
        return refuse_options("result_backend_transport_options", std::move(errors));
    return prefix;
}

}  // namespace cjv::celery
