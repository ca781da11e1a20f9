#include "domain/rights.h"

#include <doctest/doctest.h>

namespace cjv::domain {

namespace {
const User kPlain{.number = {4}};
const User kStaff{.number = {3}, .is_staff = true};
const User kSuper{.number = {2}, .is_staff = true, .is_superuser = true};
}  // namespace

TEST_CASE("a plain user reaches nothing but what signing in needs") {
    CHECK(may(kPlain, Right::anyone));
    CHECK(may(kPlain, Right::signed_in));
    CHECK_FALSE(may(kPlain, Right::view));
    CHECK_FALSE(may(kPlain, Right::change));
    CHECK_FALSE(may_change(kPlain, kPlain.number));
}

TEST_CASE("staff view everything and change what is theirs") {
    CHECK(may(kStaff, Right::view));
    CHECK(may(kStaff, Right::change));
    CHECK_FALSE(may(kStaff, Right::administer));
    CHECK(may_change(kStaff, kStaff.number));
    CHECK_FALSE(may_change(kStaff, kSuper.number));
}

TEST_CASE("a superuser may change every job, our own chores among them") {
    CHECK(may(kSuper, Right::administer));
    CHECK(may_change(kSuper, kStaff.number));
    CHECK(may_change(kSuper, UserNumber{}));
    CHECK_FALSE(may_change(User{.is_staff = true}, UserNumber{}));
}

TEST_CASE("with a one-time password nothing opens but the change of it") {
    User fresh = kSuper;
    fresh.must_change_password = true;

    CHECK(may(fresh, Right::signed_in));
    CHECK_FALSE(may(fresh, Right::view));
    CHECK_FALSE(may_change(fresh, fresh.number));
    CHECK_FALSE(may_command(fresh, CommandsBy::superusers));
}

TEST_CASE("who was switched off is as good as a stranger") {
    User gone = kSuper;
    gone.is_active = false;

    CHECK(may(gone, Right::anyone));
    CHECK_FALSE(may(gone, Right::signed_in));
    CHECK_FALSE(may(gone, Right::administer));
}

TEST_CASE("commands are for whom the configuration says") {
    CHECK_FALSE(may_command(kSuper, CommandsBy::off));
    CHECK(may_command(kSuper, CommandsBy::superusers));
    CHECK_FALSE(may_command(kStaff, CommandsBy::superusers));
    CHECK(may_command(kStaff, CommandsBy::owners));
    CHECK_FALSE(may_command(kPlain, CommandsBy::owners));
}

}  // namespace cjv::domain
