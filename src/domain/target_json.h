#pragma once
// The `target` of a job, read from JSON: each kind has its own shape. Who may change it is
// job_json.h's business.

#include "base/error.h"
#include "base/json.h"
#include "domain/job.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::domain {

// A target in the one form in which it is stored: defaults left out, members in a fixed order. Two
// that mean the same are equal texts (numbers in Celery's arguments stay as they were typed).
struct StoredTarget {
    std::string json;
    std::string task;  // what lists show
};

// What Celery's workers could not take of a target, by its path within it ("queue", "headers.id"). Known above
// this floor; any thread.
using TargetCheck = std::function<std::vector<FieldError>(std::string_view target)>;

struct TargetReading {
    const Job* before = nullptr;  // null: a new job
    bool path_allowed = false;    // whether `env` may change PATH
    bool shell_allowed = false;
    TargetCheck celery_check = {};  // empty: only the shape of a target is looked at
};

// Nothing when something was refused; it is then in `errors`, under "target". `kind` is not http.
std::optional<StoredTarget> read_target(Kind kind, const json::Value& object,
                                        const TargetReading& how, std::vector<FieldError>& errors);

// Variables of an environment, each with the rules of B-05 (docs/design/guarantees.md); those that are refused
// are in `errors`, under `path`.
std::map<std::string, std::string> read_environment(const json::Value& object, std::string path,
                                                    std::vector<FieldError>& errors);

// The target of an old client that sends only the task's name; what else `how.before` says of it stays.
std::optional<StoredTarget> celery_target(const std::string& task, const TargetReading& how,
                                          std::vector<FieldError>& errors);

}  // namespace cjv::domain
