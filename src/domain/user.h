#pragma once
// A person, as far as rights go. Passwords and sessions are the store's rows and web/auth's
// business.

#include "base/clock.h"
#include "base/id.h"

#include <string>

namespace cjv::domain {

struct User {
    UserNumber number = {};
    std::string username = {};
    std::string first_name = {};
    std::string last_name = {};
    std::string email = {};
    bool is_active = true;
    bool is_staff = false;
    bool is_superuser = false;
    bool must_change_password = false;  // a one-time password: nothing else until it is changed
    Instant created_at{};
};

}  // namespace cjv::domain
