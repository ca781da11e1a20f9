#pragma once
// How often may somebody try to sign in? Per account and network after five failures ever longer
// waits, per network twenty tries a minute. Nobody is locked out for good.

#include "base/clock.h"

#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cjv::web {

// Any thread.
class Throttle {
public:
    // Counts a try that is about to be made. How long to wait instead of making it; nothing: go on.
    std::optional<std::chrono::seconds> before_try(std::string_view account,
                                                   std::string_view address, Steady now);
    void failed(std::string_view account, std::string_view address, Steady now);
    void succeeded(std::string_view account, std::string_view address);

private:
    struct Failures {
        int count = 0;
        Steady next{};  // no try before it
    };
    void forget_old(Steady now);

    std::mutex mutex_;
    std::unordered_map<std::string, Failures> failures_;         // by account and network
    std::unordered_map<std::string, std::deque<Steady>> tries_;  // by network, of the last minute
};

// The network of an address: its first three numbers (IPv4) or four groups (IPv6).
std::string network_of(std::string_view address);

}  // namespace cjv::web
