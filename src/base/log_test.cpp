#include "base/log.h"

#include "support/clock.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

namespace cjv {
namespace {

// 2026-12-01T02:00:00.250000Z
const support::MovableClock kClock(instant_from_micros(1'796'090'400'250'000));

struct Lines {
    std::vector<std::string> lines;
    LogSettings settings(LogFormat format, LogLevel level = LogLevel::info) {
        return {level, format, [this](std::string_view line) { lines.emplace_back(line); }};
    }
};

TEST_CASE("a JSON line has the time, the level, the event and its fields") {
    Lines out;
    Log log(out.settings(LogFormat::json), kClock);

    log.warn("beat.turn_failed", {{"error", "database is locked"}, {"due", 3}, {"again", true}});

    CHECK(out.lines ==
          std::vector<std::string>{R"({"time":"2026-12-01T02:00:00.250000Z","level":"warning",)"
                                   R"("event":"beat.turn_failed","error":"database is locked",)"
                                   R"("due":3,"again":true})"});
}

TEST_CASE("a text line quotes only what would be unclear") {
    Lines out;
    Log log(out.settings(LogFormat::text), kClock);

    log.info("server.ready",
             {{"url", "http://127.0.0.1:8000/"}, {"note", "two words"}, {"in", 0.5}});

    CHECK(out.lines == std::vector<std::string>{
                           "2026-12-01T02:00:00.250Z info server.ready url=http://127.0.0.1:8000/ "
                           "note=\"two words\" in=0.5"});
}

TEST_CASE("what a stranger sent cannot end the line nor move the cursor") {
    for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
        Lines out;
        Log log(out.settings(format), kClock);

        log.info("web.refused", {{"path", "/\r\n\x1b[2J\x7f\u009b\u2028\"\\"}});

        REQUIRE(out.lines.size() == 1);
        CHECK(out.lines[0].find(R"("/\u000d\u000a\u001b[2J\u007f\u009b\u2028\"\\")") !=
              std::string::npos);
    }
}

TEST_CASE("bytes that are not UTF-8 leave as replacement characters") {
    Lines out;
    Log log(out.settings(LogFormat::json), kClock);

    log.info("runner.said", {{"line", "a\xff\xc0\xaf\xed\xa0\x80 ä€😀"}});

    CHECK(out.lines[0].find(R"("a\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd ä€😀")") !=
          std::string::npos);
}

TEST_CASE("what is below the level is not written") {
    Lines out;
    Log log(out.settings(LogFormat::json, LogLevel::warning), kClock);

    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");

    CHECK(out.lines.size() == 2);
}

TEST_CASE("a secret shows neither its text nor its length") {
    const Secret secret("hunter2");
    Lines out;
    Log log(out.settings(LogFormat::json), kClock);
    std::ostringstream printed;

    log.info("user.login", {{"password", secret}});
    printed << secret;

    CHECK(out.lines[0].find(R"("password":"********")") != std::string::npos);
    CHECK(printed.str() == "********");
    CHECK(secret.reveal() == "hunter2");
}

}  // namespace
}  // namespace cjv
