#include "beat/due.h"

#include <queue>

namespace cjv::beat {

void Due::set(JobNumber job, std::optional<Instant> slot) {
    const auto found = places_.find(job);
    if (!slot) {
        if (found == places_.end()) return;
        const std::size_t hole = found->second;
        places_.erase(found);
        const Item last = heap_.back();
        heap_.pop_back();
        if (hole < heap_.size()) settle(hole, last);
        return;
    }
    std::size_t place = heap_.size();
    if (found != places_.end())
        place = found->second;
    else
        heap_.emplace_back();
    settle(place, {*slot, job});
}

std::vector<JobNumber> Due::until(Instant now, std::size_t limit) const {
    // The due ones hang together at the top: walk them, soonest first, from parent to child.
    const auto later = [&](std::size_t a, std::size_t b) { return heap_[b] < heap_[a]; };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> next(later);
    const auto look_at = [&](std::size_t place) {
        if (place < heap_.size() && heap_[place].slot <= now) next.push(place);
    };

    std::vector<JobNumber> found;
    for (look_at(0); !next.empty() && found.size() < limit;) {
        const std::size_t place = next.top();
        next.pop();
        found.push_back(heap_[place].job);
        look_at(2 * place + 1);
        look_at(2 * place + 2);
    }
    return found;
}

std::size_t Due::count(Instant now, std::size_t limit) const {
    std::size_t found = 0;
    std::vector<std::size_t> next{0};
    while (!next.empty() && found < limit) {
        const std::size_t place = next.back();
        next.pop_back();
        if (place >= heap_.size() || heap_[place].slot > now) continue;
        ++found;
        next.push_back(2 * place + 1);
        next.push_back(2 * place + 2);
    }
    return found;
}

std::optional<Instant> Due::soonest() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.front().slot;
}

void Due::put(std::size_t place, const Item& item) {
    heap_[place] = item;
    places_[item.job] = place;
}

void Due::settle(std::size_t place, const Item& item) {
    while (place > 0 && item < heap_[(place - 1) / 2]) {
        put(place, heap_[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    for (;;) {
        std::size_t child = 2 * place + 1;
        if (child + 1 < heap_.size() && heap_[child + 1] < heap_[child]) ++child;
        if (child >= heap_.size() || item <= heap_[child]) break;
        put(place, heap_[child]);
        place = child;
    }
    put(place, item);
}

}  // namespace cjv::beat
