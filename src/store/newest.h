#pragma once
// Observations of which only the newest of its key counts: that a session was used, that sign-ins failed. So
// they take no more room the longer nothing can be written.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "store/observations.h"

namespace cjv::store {

// Not for several threads at once.
class Newest {
public:
    static constexpr std::size_t kMost = 10'000;  // sessions, and accounts that somebody guesses at

    using Key = std::pair<std::size_t, std::array<std::uint8_t, 32>>;  // which kind, and of what
    static std::optional<Key> key_of(const Observation& observation) {
        if (const auto* used = std::get_if<SessionUsed>(&observation))
            return Key{observation.index(), used->hash};
        if (const auto* row = std::get_if<ThrottleRow>(&observation))
            return Key{observation.index(), row->key};
        return std::nullopt;
    }

    // False: there are too many, and it is not kept.
    bool put(const Key& key, Observation observation) {
        if (kept_.size() >= kMost && !kept_.contains(key)) return false;
        kept_.insert_or_assign(key, std::move(observation));
        return true;
    }
    std::vector<Observation> take() {
        std::vector<Observation> all;
        all.reserve(kept_.size());
        for (auto& [key, observation] : kept_) all.push_back(std::move(observation));
        kept_.clear();
        return all;
    }
    std::size_t size() const { return kept_.size(); }
    bool empty() const { return kept_.empty(); }

private:
    std::map<Key, Observation> kept_;
};

}  // namespace cjv::store
