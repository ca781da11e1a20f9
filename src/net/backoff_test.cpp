#include "net/backoff.h"

#include <doctest/doctest.h>

#include <limits>

using namespace cjv::net;
using namespace std::chrono_literals;

TEST_CASE("each failure doubles the pause, up to the most") {
    CHECK(pause_after(1, 0) == 100ms);
    CHECK(pause_after(2, 0) == 200ms);
    CHECK(pause_after(5, 0) == 1'600ms);
    CHECK(pause_after(8, 0) == 10s);
    CHECK(pause_after(std::numeric_limits<int>::max(), 0) == 10s);
}

TEST_CASE("chance takes away up to a half, never more") {
    CHECK(pause_after(3, 0.5) == 300ms);
    CHECK(pause_after(3, 1.0) == 200ms);
    CHECK(pause_after(3, 7.0) == 200ms);
    CHECK(pause_after(3, -1.0) == 400ms);
}

TEST_CASE("other bounds are obeyed, also where the first is above the most") {
    CHECK(pause_after(4, 0, {.first = 1ms, .most = 5ms}) == 5ms);
    CHECK(pause_after(1, 0, {.first = 9ms, .most = 5ms}) == 5ms);
}
