#include "dispatch/unsent.h"

#include <algorithm>
#include <iterator>
#include <queue>
#include <utility>

namespace cjv::dispatch {
namespace {

// When the first message expires that does so after `since`.
std::optional<Instant> first_expiry(const store::Batch& batch, Instant since) {
    std::optional<Instant> first;
    for (const auto& item : batch.items)
        if (item.expires && *item.expires > since)
            first = std::min(first.value_or(*item.expires), *item.expires);
    return first;
}

void make_sooner(std::optional<Instant>& soonest, std::optional<Instant> at) {
    if (at) soonest = std::min(soonest.value_or(*at), *at);
}

}  // namespace

std::size_t Unsent::List::may_leave(Steady now) const {
    if (!again_at) return waiting.size();
    return now < *again_at ? 0 : std::min<std::size_t>(1, waiting.size());
}

void Unsent::put(const store::BatchPtr& batch, Steady now) {
    const auto expires = first_expiry(*batch, Instant::min());
    lists_[batch->list].waiting.push_back(
        {.batch = batch, .order = ++order_, .since = now, .expires = expires});
    make_sooner(soonest_, expires);
    messages_ += std::int64_t(batch->items.size());
    for (const auto& item : batch->items) ++runs_[item.run];
}

void Unsent::remove(const store::BatchPtr& batch) {
    const auto list = lists_.find(batch->list);
    if (list == lists_.end()) return;
    auto& waiting = list->second.waiting;
    const auto found = std::ranges::find(waiting, batch, &Waiting::batch);
    if (found == waiting.end()) return;
    waiting.erase(found);
    if (waiting.empty()) lists_.erase(list);
    messages_ -= std::int64_t(batch->items.size());
    for (const auto& item : batch->items) {
        if (--runs_[item.run] > 0) continue;
        runs_.erase(item.run);
        recalled_.erase(item.run);
    }
}

Unsent::Waiting* Unsent::find(const store::BatchPtr& batch) {
    const auto list = lists_.find(batch->list);
    if (list == lists_.end()) return nullptr;
    const auto found = std::ranges::find(list->second.waiting, batch, &Waiting::batch);
    return found == list->second.waiting.end() ? nullptr : &*found;
}

std::vector<store::BatchPtr> Unsent::next(std::size_t most, Steady now) const {
    struct Place {
        const List* list;
        std::size_t index, end;
        bool operator<(const Place& other) const {
            return list->waiting[index].order > other.list->waiting[other.index].order;
        }
    };
    std::priority_queue<Place> places;
    for (const auto& [name, list] : lists_)
        if (const std::size_t end = list.may_leave(now); end > 0) places.push({&list, 0, end});
    std::vector<store::BatchPtr> next;
    while (next.size() < most && !places.empty()) {
        Place place = places.top();
        places.pop();
        next.push_back(place.list->waiting[place.index].batch);
        if (++place.index < place.end) places.push(place);
    }
    return next;
}

std::vector<store::BatchPtr> Unsent::next_of_each_list(std::size_t most, Steady now) const {
    std::vector<const Waiting*> first;
    for (const auto& [name, list] : lists_)
        if (list.may_leave(now) > 0) first.push_back(&list.waiting.front());
    std::ranges::sort(first, {}, &Waiting::order);
    first.resize(std::min(most, first.size()));
    std::vector<store::BatchPtr> next;
    for (const Waiting* waiting : first) next.push_back(waiting->batch);
    return next;
}

void Unsent::refuse(const std::string& list, std::string why, Steady again_at) {
    const auto found = lists_.find(list);
    if (found == lists_.end()) return;
    found->second.again_at = again_at;
    found->second.refusal = std::move(why);
}

void Unsent::accept(const std::string& list) {
    const auto found = lists_.find(list);
    if (found == lists_.end()) return;
    found->second.again_at.reset();
    found->second.refusal.clear();
}

void Unsent::try_all() {
    for (auto& [name, list] : lists_)
        if (list.again_at) list.again_at = Steady::min();
}

std::string Unsent::refusal() const {
    for (const auto& [name, list] : lists_)
        if (list.again_at) return list.refusal;
    return "";
}

void Unsent::doubt(const store::BatchPtr& batch) {
    if (Waiting* found = find(batch)) found->is_in_doubt = true;
}

bool Unsent::is_in_doubt(const store::BatchPtr& batch) {
    const Waiting* found = find(batch);
    return found != nullptr && found->is_in_doubt;
}

void Unsent::trust_beyond(const std::map<std::string, std::int64_t>& there) {
    for (auto& [name, list] : lists_) {
        const auto found = there.find(name);
        const std::int64_t newest = found == there.end() ? 0 : found->second;
        for (Waiting& waiting : list.waiting) {
            if (waiting.batch->number <= newest || !waiting.is_in_doubt) continue;
            waiting.is_in_doubt = false;
            make_sooner(soonest_, waiting.expires);
        }
    }
}

std::vector<Unsent::Expired> Unsent::expired(Instant now) {
    std::vector<Expired> expired;
    if (!soonest_ || now < *soonest_) return expired;
    soonest_.reset();
    for (auto& [name, list] : lists_)
        for (Waiting& waiting : list.waiting) {
            if (waiting.is_in_doubt || !waiting.expires) continue;
            make_sooner(soonest_, waiting.expires);
            if (now < *waiting.expires) continue;
            waiting.asked = now;
            for (const auto& item : waiting.batch->items)
                if (item.expires && *item.expires >= *waiting.expires && *item.expires <= now &&
                    !recalled_.contains(item.run))
                    expired.push_back({item.run, *item.expires});
        }
    return expired;
}

void Unsent::set_expired_done() {
    soonest_.reset();
    for (auto& [name, list] : lists_)
        for (Waiting& waiting : list.waiting) {
            if (const auto until = std::exchange(waiting.asked, std::nullopt))
                waiting.expires = first_expiry(*waiting.batch, *until);
            if (!waiting.is_in_doubt) make_sooner(soonest_, waiting.expires);
        }
}

std::vector<store::BatchPtr> Unsent::overdue(Steady now, Steady::duration patience) {
    std::vector<store::BatchPtr> overdue;
    for (auto& [name, list] : lists_)
        for (Waiting& waiting : list.waiting) {
            if (waiting.is_told) continue;
            if (now - waiting.since < patience) break;
            waiting.is_told = true;
            overdue.push_back(waiting.batch);
        }
    return overdue;
}

}  // namespace cjv::dispatch
