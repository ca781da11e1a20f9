#pragma once
// Marks that each loop moves and the watchdog reads: who has stood still for longer than it may.
// What follows from that (a failing /livez) is app/watchdog's business.

#include "base/clock.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace cjv {

// One loop's mark. The loop moves it, any thread reads it.
class Mark {
public:
    Mark(std::string name, std::chrono::microseconds limit, Steady now)
        : name_(std::move(name)), limit_(limit), moved_(now.time_since_epoch().count()) {}

    // The loop has begun another turn.
    void move(Steady now) {
        moved_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    }
    // The loop has nothing to do and waits for work: standing still is right until it moves again.
    // A loop that has to turn by the clock, such as the beat's, never rests.
    void rest() { moved_.store(kResting, std::memory_order_relaxed); }

    const std::string& name() const { return name_; }
    std::chrono::microseconds limit() const { return limit_; }
    // How long it has not moved; zero while it rests.
    std::chrono::microseconds still_for(Steady now) const;

private:
    static constexpr std::int64_t kResting = -1;

    const std::string name_;
    const std::chrono::microseconds limit_;
    std::atomic<std::int64_t> moved_;
};

// All marks of the program. Any thread may call both.
class Progress {
public:
    // A loop named `name` must move its mark at least every `limit`. The mark lives as long as
    // this.
    Mark& add(std::string name, std::chrono::microseconds limit, Steady now);

    struct Stalled {
        std::string name;
        std::chrono::microseconds still_for;
        bool operator==(const Stalled&) const = default;
    };
    // Those beyond their limit, in the order in which they were added.
    std::vector<Stalled> stalled(Steady now) const;

private:
    mutable std::mutex mutex_;
    std::deque<Mark> marks_;  // its elements stay where they are
};

}  // namespace cjv
