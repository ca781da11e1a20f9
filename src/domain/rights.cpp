#include "domain/rights.h"

namespace cjv::domain {

bool may(const User& user, Right right) {
    if (right == Right::anyone) return true;
    if (!user.is_active) return false;
    if (right == Right::signed_in) return true;
    if (user.must_change_password) return false;
    if (right == Right::administer) return user.is_superuser;
    return user.is_staff || user.is_superuser;
}

bool may_change(const User& user, UserNumber owner) {
    return may(user, Right::change) && (user.is_superuser || (user.number && user.number == owner));
}

bool may_command(const User& user, CommandsBy by) {
    switch (by) {
        case CommandsBy::off: return false;
        case CommandsBy::superusers: return may(user, Right::administer);
        case CommandsBy::owners: return may(user, Right::change);
    }
    return false;
}

}  // namespace cjv::domain
