#pragma once
// The `target` of a job of kind celery, as its message needs it, and what of it workers could not take. Pure;
// any thread.

#include "base/clock.h"
#include "base/error.h"
#include "base/json_tape.h"
#include "celery/task_message.h"
#include "celery/task_routes.h"
#include "celery/transport.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::dispatch {

// What the configuration says of the Celery installation.
struct CelerySettings {
    celery::Transport transport = {};
    celery::TaskRoutes routes = {};
    std::string origin = {};  // "cjv<pid>@<host>"
};

struct CeleryTarget {
    std::string task = {};
    std::string args = "[]", kwargs = "{}";  // JSON, digit for digit
    std::string queue =
        {};  // the job's own, else that of the routes; empty where an exchange is named
    std::string exchange = {}, routing_key = {};
    std::string headers = {};  // a JSON object; empty: none
    std::optional<double> time_limit = {}, soft_time_limit = {};
    std::optional<bool> ignore_result = {};
    std::optional<double> expires_after = {};  // seconds after the slot, or after the request
    std::optional<Instant> expires_at = {};
    int priority = 0;

    // Of the run whose slot, or request, is at that time.
    std::optional<Instant> expires(Instant slot) const;
    // With everything but what differs from run to run. Its texts are this object's.
    celery::TaskMessage message() const;
};

// `target` is what was stored with the job. `overrides`: "args" and "kwargs" of one run; empty: none.
// `corrupt` where one of them is no JSON object. `tape` is what it reads with.
Result<CeleryTarget> read_celery_target(std::string_view target, std::string_view overrides,
                                        const celery::TaskRoutes& routes, json::Tape& tape);

// Everything in it that would hurt a worker, or that no worker could get, by its path within the target: "queue",
// "headers.id", "args.0".
std::vector<FieldError> refusals(const CeleryTarget& target, const celery::Transport& transport,
                                 json::Tape& tape);
// The same for a job that is being saved.
std::vector<FieldError> refusals(std::string_view target, const CelerySettings& settings);

}  // namespace cjv::dispatch
