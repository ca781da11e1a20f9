#include "web/api/user_view.h"

namespace cjv::web {

void write_user_members(json::Writer& out, const domain::User& user) {
    out.field("id", user.number.value);
    out.field("username", user.username);
    out.field("first_name", user.first_name);
    out.field("last_name", user.last_name);
    out.field("email", user.email);
    out.field("is_staff", user.is_staff);
    out.field("is_superuser", user.is_superuser);
}

}  // namespace cjv::web
