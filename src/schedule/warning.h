#pragma once
// What is accepted, and yet may not be what was meant.

#include "schedule/refusal.h"

#include <optional>
#include <string>

namespace cjv::schedule {

// What people should know of a schedule that is accepted; `code` is from the closed list of
// docs/reference/schedules.md.
struct Warning {
    std::string code;
    std::string message;
    bool strong = false;  // most probably a slip: a form has it answered before it saves
    std::optional<Suggestion> suggest = {};
};

}  // namespace cjv::schedule
