#include "dispatch/celery_target.h"

#include "base/iso8601.h"
#include "celery/task_refusal.h"

#include <utility>

namespace cjv::dispatch {
namespace {

constexpr double kMostSeconds = 10 * 366 * 86'400.0;

bool is_sound(double seconds) { return seconds > 0 && seconds <= kMostSeconds; }

void take_text(const json::Item& target, std::string_view name, std::string& into) {
    if (const auto value = target.find(name)) into = value->as_string().value_or("");
}

std::optional<double> seconds_of(const json::Item& target, std::string_view name) {
    const auto value = target.find(name);
    return value ? value->as_double() : std::nullopt;
}

void take_raw(const json::Item& object, std::string_view name, std::string& into) {
    if (const auto value = object.find(name); value && !value->is_null()) into = value->raw();
}

void take_expires(const json::Item& target, CeleryTarget& into) {
    const auto value = target.find("expires");
    if (!value) return;
    if (const auto seconds = value->as_double())
        into.expires_after = seconds;
    else if (const auto text = value->as_string())
        into.expires_at = parse_iso8601(*text);
}

}  // namespace

// A part of a microsecond counts as a whole one, so that what is above zero stays so.
std::optional<Instant> CeleryTarget::expires(Instant slot) const {
    if (!expires_after || !is_sound(*expires_after)) return expires_at;
    return slot + std::chrono::ceil<std::chrono::microseconds>(
                      std::chrono::duration<double>(*expires_after));
}

celery::TaskMessage CeleryTarget::message() const {
    return {.task = task,
            .id = "-",
            .args = args,
            .kwargs = kwargs,
            .expires = expires_at,
            .time_limit = time_limit,
            .soft_time_limit = soft_time_limit,
            .ignore_result = ignore_result,
            .headers = headers,
            .queue = queue,
            .exchange = exchange,
            .routing_key = routing_key,
            .priority = priority,
            .delivery_tag = "-"};
}

Result<CeleryTarget> read_celery_target(std::string_view target, std::string_view overrides,
                                        const celery::TaskRoutes& routes, json::Tape& tape) {
    const auto given = tape.read_strictly(target);
    if (!given)
        return fail(Errc::corrupt, "The job's target cannot be read: " + given.error().what + ".");
    CeleryTarget made;
    take_text(*given, "task", made.task);
    take_raw(*given, "args", made.args);
    take_raw(*given, "kwargs", made.kwargs);
    take_raw(*given, "headers", made.headers);
    take_text(*given, "queue", made.queue);
    take_text(*given, "exchange", made.exchange);
    take_text(*given, "routing_key", made.routing_key);
    made.time_limit = seconds_of(*given, "time_limit");
    made.soft_time_limit = seconds_of(*given, "soft_time_limit");
    if (const auto ignore = given->find("ignore_result")) made.ignore_result = ignore->as_bool();
    if (const auto priority = given->find("priority"))
        made.priority = int(priority->as_int64().value_or(0));
    take_expires(*given, made);
    if (!overrides.empty()) {
        const auto own = tape.read_strictly(overrides);
        if (!own)
            return fail(Errc::corrupt,
                        "The run's arguments cannot be read: " + own.error().what + ".");
        take_raw(*own, "args", made.args);
        take_raw(*own, "kwargs", made.kwargs);
    }
    if (made.queue.empty() && made.exchange.empty() && made.routing_key.empty())
        made.queue = routes.queue_of(made.task);
    return made;
}

std::vector<FieldError> refusals(const CeleryTarget& target, const celery::Transport& transport,
                                 json::Tape& tape) {
    auto errors = celery::refusals(target.message(), transport, tape);
    if (target.expires_after && !is_sound(*target.expires_after))
        errors.push_back({.path = "expires",
                          .code = "invalid",
                          .message = "Expected seconds, more than 0 and at most ten years."});
    return errors;
}

std::vector<FieldError> refusals(std::string_view target, const CelerySettings& settings) {
    json::Tape tape;
    const auto read = read_celery_target(target, {}, settings.routes, tape);
    if (!read) return {{.path = {}, .code = "invalid", .message = read.error().what}};
    return refusals(*read, settings.transport, tape);
}

}  // namespace cjv::dispatch
