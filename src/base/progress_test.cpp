#include "base/progress.h"

#include <doctest/doctest.h>

namespace cjv {
namespace {

using namespace std::chrono_literals;

constexpr Steady kStart{1h};

TEST_CASE("a loop that turns in time is not stalled") {
    Progress progress;
    Mark& beat = progress.add("beat", 5s, kStart);

    beat.move(kStart + 4s);

    CHECK(progress.stalled(kStart + 9s).empty());
}

TEST_CASE("a loop that stands still for longer than its limit is named, and for how long") {
    Progress progress;
    Mark& writer = progress.add("writer", 5s, kStart);
    progress.add("beat", 5s, kStart);

    writer.move(kStart + 4s);

    CHECK(progress.stalled(kStart + 8s) == std::vector<Progress::Stalled>{{"beat", 8s}});
}

TEST_CASE("a loop that never made its first turn counts from the moment it was added") {
    Progress progress;
    progress.add("beat", 5s, kStart);

    CHECK(progress.stalled(kStart + 5s).empty());
    CHECK(progress.stalled(kStart + 5s + 1us).size() == 1);
}

TEST_CASE("a loop that waits for work may stand still until it moves again") {
    Progress progress;
    Mark& writer = progress.add("writer", 5s, kStart);

    writer.rest();
    CHECK(progress.stalled(kStart + 1h).empty());

    writer.move(kStart + 1h);
    CHECK(progress.stalled(kStart + 1h + 6s).size() == 1);
}

TEST_CASE("a mark moved after the watchdog read its clock is not in the past") {
    const Mark mark("beat", 5s, kStart);
    CHECK(mark.still_for(kStart - 1s) == 0s);
}

}  // namespace
}  // namespace cjv
