#pragma once
// What came on the channels of events and was not decoded yet. Whoever puts never waits: beyond the limits
// messages are dropped, heartbeats first, and counted.

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace cjv::monitor {

struct RawEvents {
    std::string payload;  // a message of Kombu
    Instant at;           // when it came, by our clock
};

struct QueueLimits {
    std::size_t bytes = 64 << 20;
    std::size_t messages = 65'536;
};

// Messages that found no room.
struct QueueDrops {
    std::uint64_t heartbeats = 0;  // of workers, when it was half full
    std::uint64_t others = 0;      // when it was full; what they told is lost
};

// Any thread.
class EventQueue {
public:
    explicit EventQueue(QueueLimits limits = {}) : limits_(limits) {}

    enum class Put : std::uint8_t {
        first,  // nothing else waited: wake whoever takes
        more,
        dropped
    };
    Put put(std::string_view channel, std::string_view payload, Instant at);
    // What waits, oldest first, in place of what was taken into `taken` before, whose memory serves what comes.
    std::span<const RawEvents> take(std::vector<RawEvents>& taken);
    bool empty() const;
    QueueDrops drops() const;

private:
    bool is_beyond(std::size_t part, std::size_t more) const;

    const QueueLimits limits_;
    mutable std::mutex mutex_;
    std::vector<RawEvents> messages_;  // those that wait, and spare ones
    std::size_t waiting_ = 0;
    std::size_t bytes_ = 0;
    QueueDrops drops_;
};

}  // namespace cjv::monitor
