#pragma once
// What a client of these tests lives in: an io thread, a clock, a log that can be read, and a list of
// the states that it went through.

#include "base/clock.h"
#include "base/log.h"
#include "base/progress.h"
#include "net/io_thread.h"
#include "net/redis.h"
#include "net/redis_subscriber.h"
#include "support/must.h"
#include "support/wait.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace cjv::redis_test {

using namespace cjv::net;
using namespace std::chrono_literals;
using support::must;
using support::until;
using Is = RedisState::Is;

class World {
public:
    SystemClock clock;
    Progress progress;
    Log log{{.level = LogLevel::debug,
             .format = LogFormat::json,
             .sink = [this](std::string_view line) { keep(line); }},
            clock};
    IoThread io{"redis", progress, clock, log};

    // Options that find out fast.
    static RedisOptions options(std::string_view url) {
        return {.url = must(parse_redis_url(url)),
                .client_name = "cjv-test",
                .connect_patience = 2s,
                .patience = {.before_ping = 200ms, .for_reply = 500ms},
                .backoff = {.first = 5ms, .most = 50ms}};
    }

    std::string logged() {
        const std::scoped_lock lock(mutex_);
        std::string all;
        for (const auto& line : lines_) all += line + "\n";
        return all;
    }

private:
    void keep(std::string_view line) {
        const std::scoped_lock lock(mutex_);
        lines_.emplace_back(line);
    }

    std::mutex mutex_;
    std::vector<std::string> lines_;
};

// The states that a watcher was told, in order.
class States {
public:
    RedisWatcher watcher() {
        return [this](const RedisState& state) {
            const std::scoped_lock lock(mutex_);
            told_.push_back(state);
        };
    }
    std::vector<RedisState> told() const {
        const std::scoped_lock lock(mutex_);
        return told_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<RedisState> told_;
};

inline bool becomes(const auto& client, Is is) {
    return until([&] { return client.state().is == is; });
}
// Its connection number `number` is there.
inline bool reaches(const auto& client, std::int64_t number) {
    return until([&] { return client.state().is_ready() && client.state().connection >= number; });
}
// Checks that the sentence of why it is away comes to have these words.
inline void check_says(const auto& client, std::string_view words) {
    std::string detail;
    const bool said = until([&] {
        detail = client.state().detail;
        return detail.find(words) != std::string::npos;
    });
    CHECK_MESSAGE(said, "\"", words, "\" is not in \"", detail, "\"");
}

}  // namespace cjv::redis_test
