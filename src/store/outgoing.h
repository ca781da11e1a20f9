#pragma once
// The messages of a transaction, put together by list as they are made: batches that have no numbers yet. Plain memory;
// one thread at a time.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/batch.h"

namespace cjv::store {

class Outgoing {
public:
    // About so many are to come: memory for them is set aside once.
    void expect(std::size_t messages) { expected_ = messages; }
    std::size_t expected() const { return expected_; }

    // `item` is whose message it is; where it stands is found here.
    void add(const std::string& list, Batch::Item item, std::string_view message);
    // Behind ours, in their order. `later` is empty then.
    void append(Outgoing&& later);
    bool empty() const { return by_list_.empty(); }
    void clear() { by_list_.clear(); }

    // By list, in the order in which they are to leave; none is longer than a batch may be. Nothing is left.
    using Batches = std::map<std::string, std::vector<std::shared_ptr<Batch>>, std::less<>>;
    Batches take();

private:
    Batches by_list_;
    std::size_t expected_ = 0;
};

}  // namespace cjv::store
