#pragma once
// Handlers of /api/health/, for people, and of /livez and /readyz, for machines.

#include "web/context.h"
#include "web/route.h"

namespace cjv::web {

Response show_health(const Request& request, Context& app);
Response livez(const Request& request, Context& app);
Response readyz(const Request& request, Context& app);

// The object that show_health answers with; also the data of the event `health`.
std::string health_json(const monitor::Health& health);

}  // namespace cjv::web
