#pragma once
// Handlers of /api/cron-jobs/; docs/reference/openapi.yaml says what each answers.

#include "web/context.h"
#include "web/route.h"

namespace cjv::web {

Response list_jobs(const Request& request, Context& app);
Served list_jobs_served(const Request& request);
Response create_job(const Request& request, Context& app);
Response show_job(const Request& request, Context& app);
Served show_job_served(const Request& request);
Response replace_job(const Request& request, Context& app);
Response update_job(const Request& request, Context& app);
Response delete_job(const Request& request, Context& app);
Response run_now(const Request& request, Context& app);
Response update_status(const Request& request, Context& app);
Response next_runs(const Request& request, Context& app);
Response upcoming(const Request& request, Context& app);

}  // namespace cjv::web
