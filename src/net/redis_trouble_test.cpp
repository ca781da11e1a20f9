#include "net/redis_trouble.h"

#include <doctest/doctest.h>

using namespace cjv::net;

TEST_CASE("the first word of an error reply says what it is") {
    CHECK(trouble_of("LOADING Redis is loading the dataset in memory") == Trouble::loading);
    CHECK(trouble_of("READONLY You can't write against a read only replica.") ==
          Trouble::read_only);
    CHECK(trouble_of("OOM command not allowed when used memory > 'maxmemory'.") ==
          Trouble::out_of_memory);
    CHECK(trouble_of("NOAUTH Authentication required.") == Trouble::not_authenticated);
    CHECK(trouble_of("WRONGPASS invalid username-password pair or user is disabled.") ==
          Trouble::wrong_password);
    CHECK(trouble_of("ERR max number of clients reached") == Trouble::too_many_clients);
    CHECK(trouble_of("ERR unknown command 'x'") == Trouble::other);
    CHECK(trouble_of("OOMPH") == Trouble::other);
    CHECK(trouble_of("") == Trouble::other);
}

TEST_CASE("what a script or a transaction passes on is what it was") {
    CHECK(
        trouble_of("ERR Error running script (call to f_c0ffee): @user_script:3: @user_script: 3: "
                   "-OOM command not allowed when used memory > 'maxmemory'.") ==
        Trouble::out_of_memory);
    CHECK(trouble_of("ERR Error running script (call to f_c0ffee): @user_script:1: 'x' is nil") ==
          Trouble::other);
    CHECK(trouble_of("EXECABORT Transaction discarded because of: READONLY You can't write") ==
          Trouble::read_only);
}

TEST_CASE("a wrong command does not pass by waiting, every other trouble may") {
    for (int i = 0; i <= int(Trouble::other); ++i) {
        const auto trouble = Trouble(i);
        const bool is_ours =
            trouble == Trouble::none || trouble == Trouble::other || trouble == Trouble::wrong_type;
        CHECK(may_pass(trouble) == !is_ours);
        CHECK(advice_on(trouble).empty() == (trouble == Trouble::none));
    }
}

TEST_CASE(
    "a server that takes no scripts at all is told from one that refuses a command in a script") {
    CHECK(forbids_scripts("NOPERM User celery has no permissions to run the 'eval' command"));
    CHECK(forbids_scripts(
        "NOPERM this user has no permissions to run the 'evalsha' command or its subcommand"));
    CHECK(forbids_scripts("ERR unknown command 'EVAL', with args beginning with: 'x' "));
    CHECK(forbids_scripts("ERR unknown command `EVALSHA`, with args beginning with: `x`, "));
    CHECK_FALSE(forbids_scripts("NOPERM User celery has no permissions to run the 'hset' command"));
    CHECK_FALSE(forbids_scripts("NOPERM No permissions to access a key"));
    CHECK_FALSE(forbids_scripts("ERR unknown command 'x', with args beginning with: 'eval' "));
    CHECK_FALSE(forbids_scripts("ERR The user executing the script can't run this command"));
    CHECK_FALSE(forbids_scripts(""));
}
