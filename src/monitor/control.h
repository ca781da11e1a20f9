#pragma once
// What people ask of workers: names and arguments as the API has them, to Celery's commands. Pure.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "celery/control.h"

namespace cjv::monitor {

struct ControlAnswers {
    std::map<std::string, std::string> replies = {};  // JSON, by worker
    std::vector<std::string> silent = {};             // who was asked and did not answer in time
};

// The command `action` with its arguments, an object. `bad_input` names each wrong one; `not_found`: there is no
// such action.
Result<celery::ControlCommand> read_control(std::string_view action, const json::Value& arguments);

}  // namespace cjv::monitor
