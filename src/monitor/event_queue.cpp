#include "monitor/event_queue.h"

#include <utility>

namespace cjv::monitor {

// Whether `more` bytes do not go into the limits divided by `part`.
bool EventQueue::is_beyond(std::size_t part, std::size_t more) const {
    return waiting_.size() >= limits_.messages / part || bytes_ + more > limits_.bytes / part;
}

EventQueue::Put EventQueue::put(std::string_view channel, std::string_view payload, Instant at) {
    const bool is_heartbeat = channel.ends_with("worker.heartbeat");
    const std::scoped_lock lock(mutex_);
    if (is_beyond(is_heartbeat ? 2 : 1, payload.size())) {
        ++(is_heartbeat ? drops_.heartbeats : drops_.others);
        return Put::dropped;
    }
    const bool is_first = waiting_.empty();
    bytes_ += payload.size();
    waiting_.push_back({std::string(payload), at});
    return is_first ? Put::first : Put::more;
}

std::vector<RawEvents> EventQueue::take() {
    const std::scoped_lock lock(mutex_);
    bytes_ = 0;
    return std::exchange(waiting_, {});
}

bool EventQueue::empty() const {
    const std::scoped_lock lock(mutex_);
    return waiting_.empty();
}

QueueDrops EventQueue::drops() const {
    const std::scoped_lock lock(mutex_);
    return drops_;
}

}  // namespace cjv::monitor
