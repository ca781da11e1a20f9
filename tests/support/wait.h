#pragma once
// Waiting for what another thread or process does, with a deadline.

#include <chrono>
#include <thread>

namespace cjv::support {

// True as soon as `condition()` is; false when ten seconds did not bring it.
template <class Condition>
bool until(Condition condition, std::chrono::milliseconds deadline = std::chrono::seconds{10}) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

}  // namespace cjv::support
