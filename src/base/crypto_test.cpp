#include "base/crypto.h"

#include <doctest/doctest.h>

#include <set>

namespace cjv {

TEST_CASE("a password fits its own hash only") {
    const auto hash = crypto::hash_password("correct horse battery");
    REQUIRE(hash);
    CHECK(hash->starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    CHECK(crypto::verify_password(*hash, "correct horse battery"));
    CHECK_FALSE(crypto::verify_password(*hash, "correct horse batterz"));
    CHECK_FALSE(crypto::verify_password("not a hash", "correct horse battery"));
    CHECK_FALSE(crypto::needs_rehash(*hash));
}

TEST_CASE("a byte NUL is part of a password, not its end") {
    using namespace std::string_view_literals;
    const auto hash = crypto::hash_password("twelve chars\0and more"sv);
    CHECK_FALSE(crypto::verify_password(*hash, "twelve chars"));
}

TEST_CASE("a hash of other parameters asks to be made again") {
    CHECK(
        crypto::needs_rehash("$argon2id$v=19$m=8192,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
                             "RdescudvJCsgt3ub+b2dWRWJTmaaJObGRdescudvJCs"));
    CHECK(crypto::needs_rehash("pbkdf2_sha256$600000$salt$hash"));
}

TEST_CASE("random texts have the length asked for and differ") {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) seen.insert(crypto::random_text(32));
    CHECK(seen.size() == 100);
    CHECK(seen.begin()->size() == 43);
    CHECK(seen.begin()->find_first_of("+/=") == std::string::npos);
}

TEST_CASE("SipHash-2-4 gives the value of its paper") {
    crypto::ShortKey key;
    std::string message;
    for (std::uint8_t i = 0; i < 16; ++i) key[i] = i;
    for (char i = 0; i < 15; ++i) message += i;
    CHECK(crypto::short_hash(key, message) == 0xa129ca6149be45e5);
}

TEST_CASE("SHA-256 gives the value of its standard") {
    const auto digest = crypto::sha256("abc");
    CHECK(digest[0] == 0xba);
    CHECK(digest[31] == 0xad);
}

TEST_CASE("texts of different length are not equal") {
    CHECK(crypto::equal("", ""));
    CHECK(crypto::equal("abc", "abc"));
    CHECK_FALSE(crypto::equal("abc", "abd"));
    CHECK_FALSE(crypto::equal("abc", "abcd"));
}

}  // namespace cjv
