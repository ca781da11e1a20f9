#pragma once
// Handler of /api/events/; docs/reference/openapi.yaml says what it answers.

#include "web/context.h"
#include "web/route.h"

namespace cjv::web {

Response follow_events(const Request& request, Context& app);

}  // namespace cjv::web
