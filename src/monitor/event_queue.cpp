#include "monitor/event_queue.h"

#include <utility>

namespace cjv::monitor {
namespace {

constexpr std::size_t kMostSpare = 512;

}  // namespace

// Whether `more` bytes do not go into the limits divided by `part`.
bool EventQueue::is_beyond(std::size_t part, std::size_t more) const {
    return waiting_ >= limits_.messages / part || bytes_ + more > limits_.bytes / part;
}

EventQueue::Put EventQueue::put(std::string_view channel, std::string_view payload, Instant at) {
    const bool is_heartbeat = channel.ends_with("worker.heartbeat");
    const std::scoped_lock lock(mutex_);
    if (is_beyond(is_heartbeat ? 2 : 1, payload.size())) {
        ++(is_heartbeat ? drops_.heartbeats : drops_.others);
        return Put::dropped;
    }
    bytes_ += payload.size();
    if (waiting_ == messages_.size()) messages_.emplace_back();
    RawEvents& raw = messages_[waiting_++];
    raw.payload = payload;
    raw.at = at;
    return waiting_ == 1 ? Put::first : Put::more;
}

std::span<const RawEvents> EventQueue::take(std::vector<RawEvents>& taken) {
    if (taken.size() > kMostSpare) std::vector<RawEvents>().swap(taken);  // it was a flood
    const std::scoped_lock lock(mutex_);
    bytes_ = 0;
    messages_.swap(taken);
    return {taken.data(), std::exchange(waiting_, 0)};
}

bool EventQueue::empty() const {
    const std::scoped_lock lock(mutex_);
    return waiting_ == 0;
}

QueueDrops EventQueue::drops() const {
    const std::scoped_lock lock(mutex_);
    return drops_;
}

}  // namespace cjv::monitor
