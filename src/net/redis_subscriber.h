#pragma once
// Messages of channels, as they come, on a connection of its own. Whoever takes them must be quick:
// Redis closes a subscriber for whom 32 MB wait. Messages sent while it was away are gone; the
// watcher learns of each gap.

#include "base/clock.h"
#include "base/log.h"
#include "net/io_thread.h"
#include "net/redis_options.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::net {

struct RedisChannels {
    std::vector<std::string> names = {};     // SUBSCRIBE
    std::vector<std::string> patterns = {};  // PSUBSCRIBE: globs
};

// Views into the reader's memory: they are good until the call returns.
struct RedisMessage {
    std::string_view channel;
    std::string_view payload;
};

class RedisSubscriber {
public:
    // Begins to connect at once; at least one channel. `take` and `watcher` are called on the io thread.
    // The state becomes `ready` when Redis has confirmed all channels: from then until the next state
    // no message is missing. The others must outlive it.
    RedisSubscriber(IoThread& io, RedisOptions options, RedisChannels channels,
                    std::function<void(const RedisMessage&)> take, RedisWatcher watcher,
                    const Clock& clock, Log& log);
    ~RedisSubscriber();  // nothing is called afterwards; not on the io thread
    RedisSubscriber(const RedisSubscriber&) = delete;

    RedisState state() const;  // any thread

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace cjv::net
