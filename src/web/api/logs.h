#pragma once
// Handlers of /api/cron-job-logs/; docs/reference/openapi.yaml says what each answers.

#include "web/context.h"
#include "web/route.h"

namespace cjv::web {

// The run that the path names; `not_found` when there is none.
Result<domain::Run> find_run(const Request& request, Context& app);

Response list_logs(const Request& request, Context& app);
Response show_log(const Request& request, Context& app);
Response cancel_log(const Request& request, Context& app);

}  // namespace cjv::web
