#pragma once
// Handler of /api/schedules/preview/; docs/reference/openapi.yaml says what it answers.

#include "web/context.h"
#include "web/route.h"

namespace cjv::web {

Response preview_schedule(const Request& request, Context& app);

}  // namespace cjv::web
