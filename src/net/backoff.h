#pragma once
// How long to wait before the next attempt. Pure.

#include <algorithm>
#include <chrono>

namespace cjv::net {

struct Backoff {
    std::chrono::milliseconds first{100};
    std::chrono::milliseconds most{10'000};
};

// The pause after `failures` in a row (1 or more): `first`, doubled with each failure up to `most`,
// of which `random` (0 to 1) takes away up to a half, so that clients which lost the same server do
// not come back in the same moment.
constexpr std::chrono::milliseconds pause_after(int failures, double random,
                                                const Backoff& backoff = {}) {
    auto whole = std::min(backoff.first, backoff.most);
    for (int i = 1; i < failures && whole < backoff.most; ++i)
        whole = std::min(whole * 2, backoff.most);
    const auto taken = double(whole.count()) / 2 * std::clamp(random, 0.0, 1.0);
    return whole - std::chrono::milliseconds(std::chrono::milliseconds::rep(taken));
}

}  // namespace cjv::net
