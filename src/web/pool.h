#pragma once
// A few threads for requests that must not hold up the io threads, and a short queue before them.

#include "base/clock.h"
#include "base/progress.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cjv::web {

class Pool {
public:
    struct Size {
        int threads = 2;
        std::size_t queue = 256;  // how many may wait
    };
    // `progress` and `clock` must outlive the pool.
    Pool(const std::string& name, Size size, Progress& progress, const Clock& clock);
    ~Pool();  // stops

    // False when the queue is full or the pool has stopped: `work` is then not called. It must not throw.
    bool submit(std::function<void()> work);
    // Does what is queued, then ends the threads.
    void stop();

private:
    void loop(Mark& mark);

    const Clock& clock_;
    const std::size_t queue_limit_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

// One for each way of being served that leaves the io thread. A full one answers 503, hashers 429.
struct Pools {
    Pool readers, changers, hashers, callers;
    Pools(Progress& progress, const Clock& clock);
    void stop();
};

}  // namespace cjv::web
