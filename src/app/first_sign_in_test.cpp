#include "app/first_sign_in.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/crypto.h"
#include "support/store.h"
#include "support/temp_folder.h"

namespace cjv::app {
namespace {

using namespace std::chrono_literals;
using support::must;

struct World : support::StoreWorld {
    Result<std::optional<std::string>> offer() {
        return offer_first_sign_in(*store, data, clock.now());
    }
    bool opens(const std::string& password) const {
        const auto admin = store->find_user("admin");
        const auto hash = admin ? store->password_hash(admin->number) : std::nullopt;
        return hash && crypto::verify_password(*hash, password);
    }
    std::string told() const {
        std::ifstream file(data.file("first-sign-in"));
        return {std::istreambuf_iterator<char>(file), {}};
    }

    support::TempFolder folder;
    DataDir data = must(DataDir::open((folder.path() / "data").string()));
};

}  // namespace

TEST_CASE(
    "a first start offers a password for a day, tells it in a file, and does not offer another") {
    World world;

    const auto password = must(world.offer());

    REQUIRE(password);
    CHECK(world.opens(*password));
    CHECK(world.told() == *password + "\n");
    const auto admin = world.store->find_user("admin").value();
    CHECK(admin.must_change_password);
    CHECK(world.store->one_time_until(admin.number) == world.clock.now() + kOneTimeFor);
    CHECK_FALSE(must(world.offer()));
}

TEST_CASE("a password that ran out unused is replaced") {
    World world;
    const auto first = must(world.offer()).value();
    world.clock.pass(kOneTimeFor + 1s);

    const auto second = must(world.offer());

    REQUIRE(second);
    CHECK(world.opens(*second));
    CHECK_FALSE(world.opens(first));
    CHECK(world.told() == *second + "\n");
}

TEST_CASE("a first start that fails at any point is made up for by the next") {
    int statement = 1;
    for (bool is_whole = false; !is_whole; ++statement) {
        REQUIRE(statement < 30);
        World world;
        world.break_at(statement);
        const auto cut_short = world.offer();
        world.mend();
        is_whole = cut_short.has_value();

        const auto keeper = world.reader();  // a database in memory ends with its last connection
        world.open();                        // as after a crash; what was committed stays
        const auto again = must(world.offer());
        const auto& password = is_whole ? *cut_short : again;

        REQUIRE(password);
        CHECK(world.opens(*password));
        CHECK(world.told() == *password + "\n");
    }
    CHECK(statement > 2);  // it failed somewhere
}

TEST_CASE("where the password cannot be told, nobody is made who could not sign in") {
    World world;
    std::filesystem::create_directory(world.data.file("first-sign-in"));

    CHECK_FALSE(world.offer());
    CHECK(world.store->users().empty());

    std::filesystem::remove(world.data.file("first-sign-in"));
    CHECK(must(world.offer()));
}

}  // namespace cjv::app
