#include "store/people.h"

#include <doctest/doctest.h>

#include "support/store.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;
using support::must;
using support::StoreWorld;

struct World : StoreWorld {
    domain::User ada = must(store->create_user({.number = {},
                                                .username = "ada",
                                                .first_name = "Ada",
                                                .last_name = "L",
                                                .email = "ada@example.com",
                                                .is_staff = true},
                                               "hash 1", {}));

    SessionRow sign_in(std::uint8_t mark) {
        SessionRow session{.user = ada.number,
                           .csrf = "c",
                           .created_at = clock.now(),
                           .last_used_at = clock.now()};
        session.hash.fill(mark);
        must(store->create_session(session, "hash 1"));
        return session;
    }
};

TEST_CASE("a user is found by number and name, also after a restart") {
    World world;
    CHECK(world.store->find_user("ada")->number == world.ada.number);
    CHECK(world.store->password_hash(world.ada.number) == "hash 1");

    const auto again = world.reloaded()->find_user(world.ada.number);

    REQUIRE(again);
    CHECK(again->email == "ada@example.com");
    CHECK(again->is_staff);
    CHECK_FALSE(again->is_superuser);
    CHECK(again->created_at == world.clock.now());
    CHECK_FALSE(world.store->find_user("eve"));
}

TEST_CASE("a password that is hashed anew ends no session, unless it was changed meanwhile") {
    World world;
    const SessionRow session = world.sign_in(1);

    must(world.store->rehash_password(world.ada.number, "hash 1", "hash 2"));
    CHECK(world.store->password_hash(world.ada.number) == "hash 2");
    CHECK(world.reloaded()->password_hash(world.ada.number) == "hash 2");
    CHECK(world.store->find_session(session.hash));

    must(world.store->rehash_password(world.ada.number, "hash 1", "hash 3"));
    CHECK(world.store->password_hash(world.ada.number) == "hash 2");
}

TEST_CASE("failed sign-ins are there after a restart, for a day, until one succeeds") {
    World world;
    const auto row = [&](std::uint8_t mark, std::int64_t failures) {
        ThrottleRow row{.failures = failures, .next = world.clock.now() + 900s};
        row.key.fill(mark);
        return row;
    };
    world.store->observe_throttle(row(1, 6));
    world.store->observe_throttle(row(1, 7));
    world.store->observe_throttle(row(2, 1));
    world.store->observe_throttle(row(3, 1));
    world.store->observe_throttle(row(3, 0));
    world.turn();

    const auto kept = must(world.reloaded()->throttles());
    REQUIRE(kept.size() == 2);
    CHECK(kept[0].key == row(1, 0).key);
    CHECK(kept[0].failures == 7);
    CHECK(kept[0].next == row(1, 0).next);

    world.clock.pass(25h);
    CHECK(must(world.store->throttles()).empty());
    world.store->observe_throttle(row(4, 1));
    world.turn();
    auto db = world.reader();
    CHECK(must(db.find("SELECT count(*) FROM throttles", {},
                       [](const Row& row) { return row.integer(0); })) == 1);
}

TEST_CASE("a user's name is taken once") {
    World world;
    const auto twin = world.store->create_user({.number = {}, .username = "ada"}, "hash 2", {});
    REQUIRE_FALSE(twin);
    CHECK(twin.error().fields.at(0).path == "username");
    CHECK(world.store->users().size() == 1);
}

TEST_CASE("a new password ends all sessions but the one that is kept") {
    World world;
    const auto here = world.sign_in(1), elsewhere = world.sign_in(2);

    must(world.store->set_password(world.ada.number, "hash 2", {}, &here.hash, {}));

    CHECK(world.store->find_session(here.hash));
    CHECK_FALSE(world.store->find_session(elsewhere.hash));
    const auto again = world.reloaded();
    CHECK(again->find_session(here.hash)->csrf == "c");
    CHECK_FALSE(again->find_session(elsewhere.hash));
    CHECK(again->password_hash(world.ada.number) == "hash 2");
}

TEST_CASE("a one-time password must be changed, and then is none") {
    World world;
    const Instant until = world.clock.now() + 24h;
    must(world.store->set_password(world.ada.number, "once", until, nullptr, {}));
    CHECK(world.store->one_time_until(world.ada.number) == until);
    CHECK(world.reloaded()->find_user(world.ada.number)->must_change_password);

    must(world.store->set_password(world.ada.number, "hash 3", {}, nullptr, {}));
    CHECK_FALSE(world.store->one_time_until(world.ada.number));
    CHECK_FALSE(world.store->find_user(world.ada.number)->must_change_password);
}

TEST_CASE("a session that was ended is not found") {
    World world;
    const auto session = world.sign_in(1);
    must(world.store->delete_session(session.hash));
    CHECK_FALSE(world.store->find_session(session.hash));
    CHECK_FALSE(world.reloaded()->find_session(session.hash));
}

TEST_CASE("the use of a session is kept to the minute") {
    World world;
    const auto session = world.sign_in(1);
    world.clock.pass(59s);
    world.store->observe_session_used(session.hash, world.clock.now());
    CHECK_FALSE(world.store->turn());

    world.clock.pass(1s);
    world.store->observe_session_used(session.hash, world.clock.now());
    world.turn();
    CHECK(world.reloaded()->find_session(session.hash)->last_used_at == world.clock.now());
}

TEST_CASE("a session of a fortnight ago is over at the next start") {
    World world;
    const auto session = world.sign_in(1);
    world.clock.pass(24h * 14 + 1s);
    CHECK_FALSE(world.reloaded()->find_session(session.hash));
}

TEST_CASE("sessions that are over go with the next sign-in, from the database and from memory") {
    World world;
    const auto unused = world.sign_in(1), old = world.sign_in(2);
    for (int hours = 0; hours < 24 * 14; hours += 6) {
        world.clock.pass(6h);
        world.store->observe_session_used(old.hash, world.clock.now());
        world.turn();
    }
    CHECK(world.store->find_session(unused.hash));
    const auto fresh = world.sign_in(3);

    CHECK_FALSE(world.store->find_session(unused.hash));
    CHECK_FALSE(world.store->find_session(old.hash));
    CHECK(world.store->find_session(fresh.hash));
    auto db = world.reader();
    CHECK(must(db.find("SELECT count(*) FROM sessions", {},
                       [](const Row& row) { return row.integer(0); })) == 1);
}

TEST_CASE(
    "nobody gets a session, nor another password, for a password that was changed meanwhile") {
    World world;
    const auto here = world.sign_in(1);
    must(world.store->set_password(world.ada.number, "hash 2", {}, &here.hash, {}));
    SessionRow late{.user = world.ada.number, .csrf = "c", .created_at = world.clock.now()};
    late.hash.fill(2);

    CHECK(world.store->create_session(late, "hash 1").error().code == Errc::stale);
    CHECK(world.store->change_password(world.ada.number, "hash 1", "hash 3", here.hash, {})
              .error()
              .code == Errc::stale);

    CHECK_FALSE(world.store->find_session(late.hash));
    CHECK_FALSE(world.reloaded()->find_session(late.hash));
    CHECK(world.store->password_hash(world.ada.number) == "hash 2");
    must(world.store->change_password(world.ada.number, "hash 2", "hash 3", here.hash, {}));
    CHECK(world.store->find_session(here.hash));
}

TEST_CASE("a password of nobody cannot be set") {
    World world;
    CHECK(world.store->set_password(UserNumber{99}, "x", {}, nullptr, {}).error().code ==
          Errc::not_found);
}

}  // namespace
}  // namespace cjv::store
