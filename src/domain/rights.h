#pragma once
// Who may do what. Pure.

#include "base/id.h"
#include "domain/user.h"

#include <cstdint>

namespace cjv::domain {

// The least that a route asks for.
enum class Right : std::uint8_t {
    anyone,      // nobody needs to be signed in
    signed_in,   // also a plain user, also while a one-time password waits to be changed
    view,        // staff
    change,      // staff to reach it; the job's owner or a superuser to do it
    administer,  // superusers
};

// Whether `user` may reach a route that asks for `right`; objects are may_change's business.
bool may(const User& user, Right right);
// Whether `user` may change, run, activate or delete a job of `owner`.
bool may_change(const User& user, UserNumber owner);

// runner.commands of the configuration: who may create jobs of kind `command` or change their
// target.
enum class CommandsBy : std::uint8_t { off, superusers, owners };
bool may_command(const User& user, CommandsBy by);

}  // namespace cjv::domain
