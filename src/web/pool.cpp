#include "web/pool.h"

namespace cjv::web {
namespace {

// A piece of work that takes longer stands still: SQL is sliced and hashing takes 90 ms.
constexpr std::chrono::seconds kStandsStill{30};

}  // namespace

Pool::Pool(const std::string& name, Size size, Progress& progress, const Clock& clock)
    : clock_(clock), queue_limit_(size.queue) {
    for (int i = 1; i <= size.threads; ++i) {
        Mark& mark = progress.add(name + " " + std::to_string(i), kStandsStill, clock.steady());
        mark.rest();
        threads_.emplace_back([this, &mark] { loop(mark); });
    }
}

Pool::~Pool() { stop(); }

bool Pool::submit(std::function<void()> work) {
    {
        const std::scoped_lock lock(mutex_);
        if (stopping_ || queue_.size() >= queue_limit_) return false;
        queue_.push_back(std::move(work));
    }
    changed_.notify_one();
    return true;
}

void Pool::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
}

void Pool::loop(Mark& mark) {
    for (;;) {
        std::function<void()> work;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            work = std::move(queue_.front());
            queue_.pop_front();
        }
        mark.move(clock_.steady());
        work();
        mark.rest();
    }
}

Pools::Pools(Progress& progress, const Clock& clock)
    : readers("reader", {2, 1'024}, progress, clock),
      changers("changer", {4, 256}, progress, clock),
      hashers("hasher", {2, 32}, progress, clock),
      callers("caller", {4, 64}, progress, clock) {}

void Pools::stop() {
    readers.stop();
    changers.stop();
    hashers.stop();
    callers.stop();
}

}  // namespace cjv::web
