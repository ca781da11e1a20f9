#include "dispatch/unsent.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace cjv::dispatch {

void Unsent::put(const store::BatchPtr& batch) {
    batches_.push_back(batch);
    messages_ += std::int64_t(batch->items.size());
    for (const auto& item : batch->items) ++runs_[item.run];
}

void Unsent::remove(const store::BatchPtr& batch) {
    const auto found = std::ranges::find(batches_, batch);
    if (found == batches_.end()) return;
    batches_.erase(found);
    messages_ -= std::int64_t(batch->items.size());
    waits_.erase(batch.get());
    doubtful_.erase(batch.get());
    for (const auto& item : batch->items) {
        if (--runs_[item.run] > 0) continue;
        runs_.erase(item.run);
        recalled_.erase(item.run);
    }
}

std::vector<store::BatchPtr> Unsent::next(std::size_t most) const {
    return {batches_.begin(), batches_.begin() + std::ptrdiff_t(std::min(most, batches_.size()))};
}

std::vector<store::BatchPtr> Unsent::next_of_each_list(std::size_t most) const {
    std::vector<store::BatchPtr> next;
    std::unordered_set<std::string_view> seen;
    for (const auto& batch : batches_)
        if (next.size() < most && seen.insert(batch->list).second) next.push_back(batch);
    return next;
}

void Unsent::put_last(const std::set<std::string>& lists) {
    std::deque<store::BatchPtr> first, last;
    for (auto& batch : batches_)
        (lists.contains(batch->list) ? last : first).push_back(std::move(batch));
    std::ranges::move(last, std::back_inserter(first));
    batches_ = std::move(first);
}

void Unsent::trust_beyond(const std::map<std::string, std::int64_t>& there) {
    for (const auto& batch : batches_) {
        const auto found = there.find(batch->list);
        if (batch->number > (found == there.end() ? 0 : found->second))
            doubtful_.erase(batch.get());
    }
}

std::vector<Unsent::Expired> Unsent::expired(Instant now) const {
    std::vector<Expired> expired;
    for (const auto& batch : batches_) {
        if (doubtful_.contains(batch.get())) continue;
        for (const auto& item : batch->items)
            if (item.expires && *item.expires <= now && !recalled_.contains(item.run))
                expired.push_back({item.run, *item.expires});
    }
    return expired;
}

std::vector<store::BatchPtr> Unsent::overdue(Steady now, Steady::duration patience) {
    std::vector<store::BatchPtr> overdue;
    for (const auto& batch : batches_) {
        Wait& wait = waits_.try_emplace(batch.get(), Wait{.since = now}).first->second;
        if (wait.is_told || now - wait.since < patience) continue;
        wait.is_told = true;
        overdue.push_back(batch);
    }
    return overdue;
}

}  // namespace cjv::dispatch
