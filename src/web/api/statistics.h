#pragma once
// Handler of /api/cron-jobs/statistics/; docs/reference/openapi.yaml says what it answers.

#include "web/context.h"
#include "web/route.h"

namespace cjv::web {

Response statistics(const Request& request, Context& app);
// Of one job the store is read; of all the figures are in memory.
Served statistics_served(const Request& request);

}  // namespace cjv::web
