#pragma once
// Handlers of /api/users/, for superusers and the command line; docs/reference/openapi.yaml says what each
// answers. One's own password is api/auth.cpp's business.

#include "web/context.h"
#include "web/route.h"

namespace cjv::web {

Response list_users(const Request& request, Context& app);
Response create_user(const Request& request, Context& app);
Response set_user_password(const Request& request, Context& app);

}  // namespace cjv::web
