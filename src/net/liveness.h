#pragma once
// Is the other end of a connection still there? A cut cable and a stopped process look like silence,
// so silence is asked, and a question without an answer is the end. Pure: whoever has the timer asks.

#include "base/clock.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace cjv::net {

struct Patience {
    std::chrono::microseconds before_ping = std::chrono::seconds{10};  // of silence
    std::chrono::microseconds for_reply = std::chrono::seconds{10};
};

struct Signs {
    Steady heard;  // when the last whole reply or message came
    // When what we wait for began; nothing: we wait for nothing.
    std::optional<Steady> waiting_since = {};
};

struct Verdict {
    enum class Act : std::uint8_t { wait, ping, give_up };
    Act act;
    std::chrono::microseconds again_in{};  // with `wait`: when to ask next

    bool operator==(const Verdict&) const = default;
};

// Each whole reply begins the patience anew; single bytes do not, so that a server which drips holds
// nobody.
constexpr Verdict judge(const Signs& signs, const Patience& patience, Steady now) {
    using Act = Verdict::Act;
    if (signs.waiting_since) {
        const auto quiet = now - std::max(signs.heard, *signs.waiting_since);
        if (quiet >= patience.for_reply) return {Act::give_up};
        return {Act::wait, patience.for_reply - quiet};
    }
    const auto quiet = now - signs.heard;
    if (quiet >= patience.before_ping) return {Act::ping};
    return {Act::wait, patience.before_ping - quiet};
}

}  // namespace cjv::net
