#pragma once
// Wakes a loop: rung from any thread; one waits.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>

namespace cjv::dispatch {

class Bell {
public:
    void ring() {
        const std::scoped_lock lock(mutex_);
        is_rung_ = true;
        bell_.notify_all();
    }
    // Until it has been rung since the last time, or `stop`, or `limit` has passed.
    void wait(const std::stop_token& stop, std::optional<std::chrono::milliseconds> limit) {
        std::unique_lock lock(mutex_);
        const auto rung = [this] { return is_rung_; };
        if (limit)
            bell_.wait_for(lock, stop, *limit, rung);
        else
            bell_.wait(lock, stop, rung);
        is_rung_ = false;
    }

private:
    std::mutex mutex_;
    std::condition_variable_any bell_;
    bool is_rung_ = false;
};

}  // namespace cjv::dispatch
