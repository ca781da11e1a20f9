#include "store/burst.h"

#include <doctest/doctest.h>

namespace cjv::store {
namespace {

using namespace std::chrono_literals;

TEST_CASE("without decisions nobody waits") { CHECK(Burst{}.end() <= Steady{}); }

TEST_CASE("after a decision others wait for the next one, for a moment") {
    Burst burst;
    burst.note(Steady{1min});
    CHECK(burst.end() == Steady{1min + Burst::kNext});
    burst.note(Steady{1min + 5ms});
    CHECK(burst.end() == Steady{1min + 5ms + Burst::kNext});
}

TEST_CASE("a burst that does not end holds up the others for a second, and no longer") {
    Burst burst;
    for (auto at = 0ms; at < 3s; at += 10ms) burst.note(Steady{1min + at});
    CHECK(burst.end() == Steady{1min + 1s});
}

TEST_CASE("decisions that are apart are bursts of their own") {
    Burst burst;
    for (auto at = 0s; at < 10s; at += 1s) {
        burst.note(Steady{1min + at});
        CHECK(burst.end() == Steady{1min + at + Burst::kNext});
    }
}

}  // namespace
}  // namespace cjv::store
