#pragma once
// How often may somebody try to sign in? Per account and network after five failures ever longer
// waits, per network twenty tries a minute. Nobody is locked out for good: failures are forgotten a day after the
// last. What a restart must not forget comes out as rows, and goes in as rows.

#include "base/clock.h"
#include "store/store.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cjv::web {

// Any thread.
class Throttle {
public:
    // Counts a try that is about to be made. How long to wait instead of making it; nothing: go on.
    std::optional<std::chrono::seconds> before_try(std::string_view account,
                                                   std::string_view address, Steady now);
    // What to keep of it; `wall` is the same moment as `now`.
    store::ThrottleRow failed(std::string_view account, std::string_view address, Steady now,
                              Instant wall);
    // What to keep of it; nothing: there was nothing to forget.
    std::optional<store::ThrottleRow> succeeded(std::string_view account, std::string_view address);
    // Ends the waiting for this account, from everywhere; what to keep of it. (Not for what failed before this
    // start: that ends by itself within a quarter of an hour.)
    std::vector<store::ThrottleRow> forget(std::string_view account);
    // What was kept before this start. A wall clock that was set meanwhile makes nobody wait longer than ever.
    void restore(std::span<const store::ThrottleRow> rows, Steady now, Instant wall);

private:
    using Key = std::array<std::uint8_t, 32>;
    struct Failures {
        std::string network = {};  // empty: not known, of before this start
        int count = 0;
        Steady next{};  // no try before it
    };
    void forget_old(Steady now);

    std::mutex mutex_;
    std::map<Key, Failures> failures_;                           // by account and network
    std::unordered_map<std::string, std::deque<Steady>> tries_;  // by network, of the last minute
};

// The network of an address: its first three numbers (IPv4, also where it is written as IPv6) or four groups
// (IPv6), however it is written. What is no address is its own.
std::string network_of(std::string_view address);

}  // namespace cjv::web
