#pragma once
// POST /api/cron-job-logs/{id}/rerun/.

#include "web/context.h"
#include "web/request.h"
#include "web/response.h"

namespace cjv::web {

Response rerun_log(const Request& request, Context& app);

}  // namespace cjv::web
