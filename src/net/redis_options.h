#pragma once
// How a connection to Redis is kept, and what can be seen of it.

#include "base/clock.h"
#include "net/backoff.h"
#include "net/liveness.h"
#include "net/redis_url.h"
#include "net/resp.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace cjv::net {

struct RedisOptions {
    RedisUrl url;
    std::string client_name = "cron-job-viewer";  // in Redis' CLIENT LIST; no spaces
    // For look-up, connect, TLS and log-in together.
    std::chrono::milliseconds connect_patience{5'000};
    Patience patience = {};  // for silence and for replies
    Backoff backoff = {};
    ReplyLimits limits = {};
    std::size_t unsent_bytes = 64 << 20;  // what may wait for the socket before we refuse more
    std::uint64_t seed = 0;               // of the back-off's chance
};

struct RedisState {
    enum class Is : std::uint8_t {
        connecting,  // for the first time
        ready,
        away  // lost or never reached; we try again and again
    };
    Is is = Is::connecting;
    Instant since = {};           // when it became so
    std::string detail = {};      // with `away`: one sentence, why; no secrets
    std::int64_t connection = 0;  // counts connections that became ready; 0: none yet

    bool is_ready() const { return is == Is::ready; }
    bool operator==(const RedisState&) const = default;
};
std::string_view to_text(RedisState::Is is);

// Called on the io thread with each change, and with each new reason for being away. It must not wait.
using RedisWatcher = std::function<void(const RedisState&)>;

}  // namespace cjv::net
