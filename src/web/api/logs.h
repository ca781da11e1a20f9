#pragma once
// Handlers of /api/cron-job-logs/; docs/reference/openapi.yaml says what each answers.

#include "web/context.h"
#include "web/route.h"

namespace cjv::web {

Response list_logs(const Request& request, Context& app);
Response show_log(const Request& request, Context& app);
// With `follow=1` a stream, else the text, or a range of it.
Response show_output(const Request& request, Context& app);
Served show_output_served(const Request& request);
Response cancel_log(const Request& request, Context& app);

}  // namespace cjv::web
