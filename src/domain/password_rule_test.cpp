#include "domain/password_rule.h"

#include <doctest/doctest.h>

#include <string>

namespace cjv::domain {
namespace {

std::string refused(std::string_view password, std::string_view username = "amara") {
    const auto checked = check_password(password, username, "new_password");
    return checked ? "" : checked.error().fields.at(0).code;
}

}  // namespace

TEST_CASE("a password of 12 to 256 characters of any kind is taken") {
    CHECK(refused("correct horse battery") == "");
    CHECK(refused("            ") == "");
    std::string emoji;
    for (int i = 0; i < 256; ++i) emoji += "\xF0\x9F\x90\x8E";
    CHECK(refused(emoji) == "");
    CHECK(refused(emoji + "x") == "max_length");
    CHECK(refused("eleven char") == "password_too_short");
}

TEST_CASE("a password that somebody would guess first is refused") {
    CHECK(refused("Password1234") == "password_too_common");
    CHECK(refused("Cron-Job-Viewer") == "password_too_common");
    CHECK(refused("amaraokafor1", "AmaraOkafor") == "password_too_similar");
    CHECK(refused("amara likes long walks") == "");
}

}  // namespace cjv::domain
