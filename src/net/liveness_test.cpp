#include "net/liveness.h"

#include <doctest/doctest.h>

using namespace cjv;
using namespace cjv::net;
using namespace std::chrono_literals;
using Act = Verdict::Act;

namespace {

constexpr Steady kStart{1h};
constexpr Patience kPatience{.before_ping = 10s, .for_reply = 4s};

}  // namespace

TEST_CASE("a silence is asked after ten seconds, not before") {
    const Signs signs{.heard = kStart};
    CHECK(judge(signs, kPatience, kStart + 3s) == Verdict{Act::wait, 7s});
    CHECK(judge(signs, kPatience, kStart + 10s) == Verdict{Act::ping});
    CHECK(judge(signs, kPatience, kStart + 1h) == Verdict{Act::ping});
}

TEST_CASE("a question without an answer ends the connection") {
    const Signs signs{.heard = kStart, .waiting_since = kStart + 10s};
    CHECK(judge(signs, kPatience, kStart + 11s) == Verdict{Act::wait, 3s});
    CHECK(judge(signs, kPatience, kStart + 14s) == Verdict{Act::give_up});
}

TEST_CASE("each reply to a long batch begins the patience anew") {
    const Signs signs{.heard = kStart + 3s, .waiting_since = kStart};
    CHECK(judge(signs, kPatience, kStart + 6s) == Verdict{Act::wait, 1s});
    CHECK(judge(signs, kPatience, kStart + 7s) == Verdict{Act::give_up});
}
