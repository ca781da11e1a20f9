#pragma once
// `argsrepr` and `kwargsrepr`: how a task's arguments look in the events and lists of workers. Made
// for people; it decides nothing.

#include "base/json_tape.h"

#include <string>
#include <string_view>

namespace cjv::celery {

// Celery's saferepr() of a value: 1,024 characters and what closes it, strings in single quotes,
// containers inside three others as "[...]". `value` outlives the call.
std::string python_repr(const json::Item& value);

// Of the JSON texts of a message: a list as `celery beat` has them, "[2, 3]", and "()" and "{}"
// where there are none. Empty for a text that `tape` cannot read.
std::string args_repr(json::Tape& tape, std::string_view args);
std::string kwargs_repr(json::Tape& tape, std::string_view kwargs);

}  // namespace cjv::celery
