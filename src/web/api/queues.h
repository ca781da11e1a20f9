#pragma once
// The queues on the broker, and what waits in them. Without a broker there are none.

#include "web/context.h"
#include "web/request.h"
#include "web/response.h"

namespace cjv::web {

Response list_queues(const Request& request, Context& app);
Response list_messages(const Request& request, Context& app);

}  // namespace cjv::web
