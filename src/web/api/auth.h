#pragma once
// Handlers of /api/auth/; docs/reference/openapi.yaml says what each answers. Who a request's caller is, is
// web/auth's business.

#include "web/context.h"
#include "web/route.h"

namespace cjv::web {

Response prepare_login(const Request& request, Context& app);
Response log_in(const Request& request, Context& app);
Response log_out(const Request& request, Context& app);
Response show_me(const Request& request, Context& app);
Response change_password(const Request& request, Context& app);

}  // namespace cjv::web
