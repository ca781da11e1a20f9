#include "monitor/control.h"

#include <algorithm>
#include <array>
#include <optional>

#include "domain/fields.h"

namespace cjv::monitor {
namespace {

using celery::ControlCommand;
using domain::Fields;

constexpr domain::IntegerRange kProcesses{.low = 1, .high = 10'000};
constexpr domain::TextRule kName{.max_length = 200, .may_be_blank = false, .one_line = true};
constexpr domain::TextRule kManyIds{.max_length = 1'000, .may_be_blank = false, .one_line = true};
constexpr std::array<std::string_view, 9> kSignals = {"SIGTERM", "SIGKILL", "SIGINT",
                                                      "SIGQUIT", "SIGHUP",  "SIGABRT",
                                                      "SIGUSR1", "SIGUSR2", "SIGALRM"};

int processes(Fields& fields, std::string_view name) {
    fields.require(name);
    return static_cast<int>(fields.integer(name, kProcesses).value_or(0));
}

std::string text(Fields& fields, std::string_view name, const domain::TextRule& rule = kName) {
    fields.require(name);
    return fields.text(name, rule).value_or("");
}

// Absent and null: no limit.
std::optional<double> seconds(Fields& fields, std::string_view name) {
    const auto given = fields.value(name);
    if (!given || given->is_null()) return std::nullopt;
    const auto number = given->as_double();
    if (!number || !(*number > 0))
        fields.refuse(name, "invalid", "A number of seconds above zero, or null for no limit.");
    return number;
}

ControlCommand autoscale(Fields& fields) {
    const int most = processes(fields, "max");
    fields.require("min");
    const auto least = fields.integer("min", {.low = 0, .high = kProcesses.high});
    if (least && most > 0 && *least > most)
        fields.refuse("min", "invalid", "It must not be above max.");
    return celery::autoscale(most, static_cast<int>(least.value_or(0)));
}

ControlCommand rate_limit(Fields& fields) {
    const std::string task = text(fields, "task_name");
    const std::string rate = text(fields, "rate_limit");
    if (!rate.empty())
        if (const auto why = celery::rate_refusal(rate))
            fields.refuse("rate_limit", "invalid", *why);
    return celery::rate_limit(task, rate);
}

ControlCommand time_limit(Fields& fields) {
    const std::string task = text(fields, "task_name");
    const auto hard = seconds(fields, "hard");
    const auto soft = seconds(fields, "soft");
    if (hard && soft && *soft >= *hard)
        fields.refuse("soft", "invalid", "It must be below hard, or it would never be reached.");
    return celery::time_limit(task, hard, soft);
}

ControlCommand revoke(Fields& fields) {
    const std::array ids = {text(fields, "task_id", kManyIds)};
    const bool terminate = fields.boolean("terminate").value_or(false);
    const std::string signal = fields.text("signal").value_or("SIGTERM");
    if (std::ranges::find(kSignals, signal) == kSignals.end())
        fields.refuse("signal", "invalid_choice",
                      "\"" + signal + "\" is not a signal such as SIGTERM or SIGKILL.");
    return celery::revoke(ids, terminate ? signal : "");
}

std::optional<ControlCommand> command(std::string_view action, Fields& fields) {
    if (action == "ping") return celery::ping();
    if (action == "pool_grow") return celery::pool_grow(processes(fields, "n"));
    if (action == "pool_shrink") return celery::pool_shrink(processes(fields, "n"));
    if (action == "autoscale") return autoscale(fields);
    if (action == "rate_limit") return rate_limit(fields);
    if (action == "time_limit") return time_limit(fields);
    if (action == "add_consumer") return celery::add_consumer(text(fields, "queue"));
    if (action == "cancel_consumer") return celery::cancel_consumer(text(fields, "queue"));
    if (action == "shutdown") return celery::shutdown();
    if (action == "revoke") return revoke(fields);
    return std::nullopt;
}

}  // namespace

Result<ControlCommand> read_control(std::string_view action, const json::Value& arguments) {
    std::vector<FieldError> errors;
    Fields fields(arguments, "", errors);
    auto made = command(action, fields);
    if (!made) return fail(Errc::not_found, "There is no such action.");
    fields.refuse_unknown({"csrfmiddlewaretoken"});
    if (!errors.empty()) return domain::refuse_all(std::move(errors));
    return *std::move(made);
}

}  // namespace cjv::monitor
