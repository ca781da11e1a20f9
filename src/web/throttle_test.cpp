#include "web/throttle.h"

#include <doctest/doctest.h>

namespace cjv::web {

using namespace std::chrono_literals;

TEST_CASE("after five failures each further one doubles the wait, up to a quarter of an hour") {
    Throttle throttle;
    Steady now{};
    for (int i = 0; i < 5; ++i) {
        CHECK_FALSE(throttle.before_try("ann", "10.0.0.1", now));
        throttle.failed("ann", "10.0.0.1", now);
    }

    auto wait = 1s;
    for (int i = 0; i < 12; ++i) {
        CHECK(throttle.before_try("ann", "10.0.0.1", now) == wait);
        now += wait;
        CHECK_FALSE(throttle.before_try("ann", "10.0.0.1", now));
        throttle.failed("ann", "10.0.0.1", now);
        wait = std::min(wait * 2, 900s);
    }
}

TEST_CASE("who knows the password from another network is not kept out") {
    Throttle throttle;
    const Steady now{};
    for (int i = 0; i < 10; ++i) throttle.failed("ann", "10.0.0.1", now);
    CHECK(throttle.before_try("ann", "10.0.0.77", now));
    CHECK_FALSE(throttle.before_try("ann", "10.0.1.1", now));
    CHECK_FALSE(throttle.before_try("bob", "10.0.0.1", now));
}

TEST_CASE("a right password ends the waiting") {
    Throttle throttle;
    for (int i = 0; i < 10; ++i) throttle.failed("ann", "10.0.0.1", Steady{});
    throttle.succeeded("ann", "10.0.0.1");
    CHECK_FALSE(throttle.before_try("ann", "10.0.0.1", Steady{}));
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
    CHECK(network_of("::1") == "::1");
    CHECK(network_of("") == "");
}

}  // namespace cjv::web
