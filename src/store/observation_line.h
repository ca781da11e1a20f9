#pragma once
// Observations that wait to be written, oldest first. Keeps the memory of those that are gone for those that come.

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "store/observations.h"

namespace cjv::store {

// Not for several threads at once.
class ObservationLine {
public:
    bool empty() const { return gone_ == all_.size(); }
    std::size_t size() const { return all_.size() - gone_; }
    std::size_t capacity() const { return all_.capacity(); }
    // 0 is the oldest.
    const Observation& operator[](std::size_t index) const { return all_[gone_ + index]; }
    const Observation& front() const { return all_[gone_]; }

    void push_back(Observation observation) { all_.push_back(std::move(observation)); }
    // Takes all of `more`, which is empty then, but for memory of ours.
    void append(std::vector<Observation>& more) {
        if (empty()) {
            clear();
            all_.swap(more);
            return;
        }
        if (gone_ > all_.size() / 2) {
            all_.erase(all_.begin(), all_.begin() + std::ptrdiff_t(gone_));
            gone_ = 0;
        }
        all_.insert(all_.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
        empty_out(more);
    }
    // Before the oldest.
    void push_front(std::vector<Observation> pieces) {
        all_.insert(all_.begin() + std::ptrdiff_t(gone_), std::move_iterator(pieces.begin()),
                    std::move_iterator(pieces.end()));
    }
    void pop_front() {
        all_[gone_++] = PendingReason{};  // what it held goes at once
        if (empty()) clear();
    }

private:
    static constexpr std::size_t kKept = 8'192;  // more is given back: it was a flood

    void clear() {
        gone_ = 0;
        empty_out(all_);
    }
    static void empty_out(std::vector<Observation>& line) {
        line.clear();
        if (line.capacity() > kKept) line.shrink_to_fit();
    }

    std::vector<Observation> all_;
    std::size_t gone_ = 0;  // of the first of them
};

}  // namespace cjv::store
