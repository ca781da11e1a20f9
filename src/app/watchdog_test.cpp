#include "app/watchdog.h"

#include <doctest/doctest.h>

#include <string>

#include "support/clock.h"

namespace cjv::app {

using namespace std::chrono_literals;

TEST_CASE("a loop that stands still is told once, and once more when it moves again") {
    support::MovableClock clock(Instant{});
    std::vector<std::string> lines;
    Log log({.level = LogLevel::info,
             .format = LogFormat::text,
             .sink = [&](std::string_view line) { lines.emplace_back(line); }},
            clock);
    Progress progress;
    Mark& beat = progress.add("beat", 5s, clock.steady());
    Watchdog watchdog(progress, clock, log);

    clock.pass(4s);
    watchdog.turn();
    CHECK(lines.empty());

    clock.pass(2s);
    watchdog.turn();
    watchdog.turn();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("watchdog.stalled loop=beat") != std::string::npos);

    beat.move(clock.steady());
    watchdog.turn();
    REQUIRE(lines.size() == 2);
    CHECK(lines[1].find("watchdog.moves_again loop=beat") != std::string::npos);
}

}  // namespace cjv::app
