#pragma once
// What the configuration says of the Celery installation, in Celery's words.

#include <string>

#include "base/config.h"
#include "base/error.h"
#include "dispatch/celery_target.h"

namespace cjv::app {

// Routes and transport, for messages to the broker's database of that number. `bad_input` with file and line of
// everything that is wrong: a queue that can be none, an option that is not followed.
Result<dispatch::CelerySettings> celery_settings(const Config& config, int database);

// `global_keyprefix` of the results. `bad_input` as above.
Result<std::string> result_prefix(const Config& config);

}  // namespace cjv::app
