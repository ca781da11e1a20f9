#pragma once
// What the API shows of a user.

#include "base/json.h"
#include "domain/user.h"

namespace cjv::web {

// Appends the members of a User (docs/reference/openapi.yaml) that everybody may see of themselves to the
// object that is open in `out`.
void write_user_members(json::Writer& out, const domain::User& user);

}  // namespace cjv::web
