#pragma once
// A Redis to be asked from plain code: commands go out in one write, and all their replies come back as
// one value. Connects and comes back by itself; keeps nothing for a server that is away. Channels are
// redis_subscriber.h's business.

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "net/io_thread.h"
#include "net/redis_options.h"
#include "net/resp.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>

namespace cjv::net {

// No reply, or not all of them.
struct Unanswered {
    // `unavailable`: away, or lost before the replies came; the same may work later. `corrupt`: the server
    // does not speak Redis' protocol. `throttled`: too much waits for the socket already.
    Error error;
    // True when the commands may have reached Redis and been carried out, all or some of them. False:
    // not one has.
    bool maybe_done = false;
};
// As many replies as commands, in their order. Each may still be an error: see Reply::trouble().
using Answer = std::expected<Replies, Unanswered>;

class Redis {
public:
    // Begins to connect at once. The others must outlive it. `watcher` may be empty.
    Redis(IoThread& io, RedisOptions options, RedisWatcher watcher, const Clock& clock, Log& log);
    // Answers what waits. Not on the io thread.
    ~Redis();
    Redis(const Redis&) = delete;

    static constexpr std::int64_t kAnyConnection = 0;

    // Any thread. `then` is called once, on the io thread: it must not wait, and hands on what takes
    // longer. While Redis is not ready the answer is `unavailable` at once. With a `connection` (see
    // RedisState) the commands are sent on that one only: what was learned about the server on one
    // connection need not hold on the next. A command that blocks in Redis (BRPOP, WAIT) must end well
    // within the patience for replies, and everything behind it waits.
    void send(Commands commands, std::function<void(Answer)> then,
              std::int64_t connection = kAnyConnection);
    // The same for those who wait. Returns within the patience of the options. Not on the io thread.
    Answer ask(Commands commands, std::int64_t connection = kAnyConnection);

    RedisState state() const;  // any thread

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace cjv::net
