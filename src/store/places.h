#pragma once
// Places of this machine for commands that run at once. A run that is decided while one is free takes it, and is
// queued by the same commit.

#include <cstdint>
#include <mutex>

namespace cjv::store {

// Any thread. At first there are none.
class Places {
public:
    void open(std::int64_t count) {
        const std::scoped_lock lock(mutex_);
        free_ = count;
    }
    // None is taken any more.
    void close() {
        const std::scoped_lock lock(mutex_);
        is_closed_ = true;
    }
    // Those that wait go before those that are decided now.
    void keep_for_others(bool others_wait) {
        const std::scoped_lock lock(mutex_);
        others_wait_ = others_wait;
    }

    // False: none is free.
    bool take() {
        const std::scoped_lock lock(mutex_);
        if (is_closed_ || free_ <= 0) return false;
        --free_;
        return true;
    }
    // For what is decided now. False: none is free, or others wait for one.
    bool take_at_once() {
        const std::scoped_lock lock(mutex_);
        if (is_closed_ || others_wait_ || free_ <= 0) return false;
        --free_;
        return true;
    }
    void give_back(std::int64_t count = 1) {
        const std::scoped_lock lock(mutex_);
        free_ += count;
    }

private:
    std::mutex mutex_;
    std::int64_t free_ = 0;
    bool others_wait_ = false, is_closed_ = false;
};

}  // namespace cjv::store
