#include "web/throttle.h"

#include <doctest/doctest.h>

namespace cjv::web {

using namespace std::chrono_literals;

constexpr Instant kWall{};

TEST_CASE("after five failures each further one doubles the wait, up to a quarter of an hour") {
    Throttle throttle;
    Steady now{};
    for (int i = 0; i < 5; ++i) {
        CHECK_FALSE(throttle.before_try("ann", "10.0.0.1", now));
        throttle.failed("ann", "10.0.0.1", now, kWall);
    }

    auto wait = 1s;
    for (int i = 0; i < 12; ++i) {
        CHECK(throttle.before_try("ann", "10.0.0.1", now) == wait);
        now += wait;
        CHECK_FALSE(throttle.before_try("ann", "10.0.0.1", now));
        throttle.failed("ann", "10.0.0.1", now, kWall);
        wait = std::min(wait * 2, 900s);
    }
}

TEST_CASE("who knows the password from another network is not kept out") {
    Throttle throttle;
    const Steady now{};
    for (int i = 0; i < 10; ++i) throttle.failed("ann", "10.0.0.1", now, kWall);
    CHECK(throttle.before_try("ann", "10.0.0.77", now));
    CHECK_FALSE(throttle.before_try("ann", "10.0.1.1", now));
    CHECK_FALSE(throttle.before_try("bob", "10.0.0.1", now));
}

TEST_CASE("a right password ends the waiting") {
    Throttle throttle;
    for (int i = 0; i < 10; ++i) throttle.failed("ann", "10.0.0.1", Steady{}, kWall);
    throttle.succeeded("ann", "10.0.0.1");
    CHECK_FALSE(throttle.before_try("ann", "10.0.0.1", Steady{}));
}

TEST_CASE("what was kept makes one wait after a restart as long as before it, and no longer") {
    Throttle before;
    const Steady now = Steady{} + 100h;
    store::ThrottleRow row;
    for (int i = 0; i < 9; ++i) row = before.failed("ann", "10.0.0.1", now, kWall);
    CHECK(row.failures == 9);
    CHECK(row.next == kWall + 16s);

    Throttle after;  // six seconds later, on another steady clock
    after.restore({&row, 1}, Steady{} + 1s, kWall + 6s);
    CHECK(after.before_try("ann", "10.0.0.1", Steady{} + 1s) == 10s);
    CHECK_FALSE(after.before_try("ann", "10.0.0.1", Steady{} + 11s));
    CHECK(after.failed("ann", "10.0.0.1", Steady{} + 11s, kWall + 16s).next == kWall + 48s);

    Throttle set_back;  // the wall clock stands a year earlier
    set_back.restore({&row, 1}, Steady{}, kWall - 8'760h);
    CHECK(set_back.before_try("ann", "10.0.0.1", Steady{}) == 900s);
}

TEST_CASE("failures are forgotten a day after the last, and by a success at once") {
    Throttle throttle;
    Steady now{};
    for (int i = 0; i < 10; ++i) throttle.failed("ann", "10.0.0.1", now, kWall);
    CHECK(throttle.failed("ann", "10.0.0.1", now + 25h, kWall).failures == 1);

    const auto forget = throttle.succeeded("ann", "10.0.0.1");
    REQUIRE(forget);
    CHECK(forget->failures == 0);
    CHECK_FALSE(throttle.succeeded("ann", "10.0.0.1"));
}

TEST_CASE(
    "an administrator ends the waiting for one account, wherever it failed, and for no other") {
    Throttle throttle;
    for (int i = 0; i < 10; ++i)
        for (const auto* from : {"10.0.0.1", "2001:db8::1"})
            for (const auto* who : {"ann", "bob"}) throttle.failed(who, from, Steady{}, kWall);

    const auto forgotten = throttle.forget("ann");

    REQUIRE(forgotten.size() == 2);
    CHECK(forgotten[0].failures == 0);
    CHECK_FALSE(throttle.before_try("ann", "10.0.0.1", Steady{}));
    CHECK_FALSE(throttle.before_try("ann", "2001:db8::7", Steady{}));
    CHECK(throttle.before_try("bob", "10.0.0.1", Steady{}));
    CHECK(throttle.forget("ann").empty());
}

TEST_CASE("a network has twenty tries a minute, whatever the names") {
    Throttle throttle;
    Steady now{};
    for (int i = 0; i < 20; ++i)
        CHECK_FALSE(
            throttle.before_try("user" + std::to_string(i), "10.0.0." + std::to_string(i), now));
    CHECK(throttle.before_try("zoe", "10.0.0.1", now) == 60s);
    CHECK_FALSE(throttle.before_try("zoe", "10.0.0.1", now + 60s));
}

TEST_CASE("a network is what its owner can vary freely") {
    CHECK(network_of("10.1.2.3") == "10.1.2.");
    CHECK(network_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2:");
    CHECK(network_of("2001:0DB8:1:2::7") == "2001:db8:1:2:");
    CHECK(network_of("2001:db8::5") == "2001:db8:0:0:");
    CHECK(network_of("2001:db8::9:5") == "2001:db8:0:0:");
    CHECK(network_of("fe80::1%eth0") == "fe80:0:0:0:");
    CHECK(network_of("::1") == "0:0:0:0:");
    CHECK(network_of("::ffff:10.1.2.3") == "10.1.2.");
    CHECK(network_of("::ffff:a01:203") == "10.1.2.");
    CHECK(network_of("") == "");
    CHECK(network_of("unix:/x") == "unix:/x");
}

}  // namespace cjv::web
