#pragma once
// The `target` of a job of kind celery, read from JSON. For domain's own sources; target_json.h has the rest.

#include "domain/target_json.h"

namespace cjv::domain {

// Nothing when something was refused; it is then in `errors`, under "target".
std::optional<StoredTarget> read_celery_target(const json::Value& object, const TargetCheck& check,
                                               std::vector<FieldError>& errors);

}  // namespace cjv::domain
