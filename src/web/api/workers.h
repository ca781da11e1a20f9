#pragma once
// The workers behind the broker, and what may be asked of them. Without a broker there are none.

#include "web/context.h"
#include "web/request.h"
#include "web/response.h"

namespace cjv::web {

Response list_workers(const Request& request, Context& app);
Response show_worker(const Request& request, Context& app);
// The action is the path's last part, see monitor/control.h.
Response control_worker(const Request& request, Context& app);
Response revoke_task(const Request& request, Context& app);
Response list_tasks(const Request& request, Context& app);

}  // namespace cjv::web
