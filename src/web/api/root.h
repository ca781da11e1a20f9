#pragma once
// Handler of /api/: where to go on from here.

#include "web/context.h"
#include "web/route.h"

namespace cjv::web {

Response list_collections(const Request& request, Context& app);

}  // namespace cjv::web
