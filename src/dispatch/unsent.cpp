#include "dispatch/unsent.h"

#include <algorithm>
#include <iterator>
#include <queue>
#include <utility>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;

constexpr auto kExpiryLook =
    10s;  // at what is on disk; what comes into memory is looked at by itself

// When the first message expires that does so after `since`.
std::optional<Instant> first_expiry(const store::Batch& batch, Instant since) {
    std::optional<Instant> first;
    for (const auto& item : batch.items)
        if (item.expires && *item.expires > since)
            first = std::min(first.value_or(*item.expires), *item.expires);
    return first;
}

std::size_t size_of(const store::Batch& batch) {
    return batch.bytes.size() + batch.items.size() * sizeof(store::Batch::Item);
}

void make_sooner(std::optional<Instant>& soonest, std::optional<Instant> at) {
    if (at) soonest = std::min(soonest.value_or(*at), *at);
}

}  // namespace

std::size_t Unsent::List::may_leave(Steady now) const {
    if (!again_at) return waiting.size();
    return now < *again_at ? 0 : std::min<std::size_t>(1, waiting.size());
}

Unsent::Waiting& Unsent::put_in_memory(List& list, const store::BatchPtr& batch, Steady now) {
    const auto expires = first_expiry(*batch, Instant::min());
    list.waiting.push_back({.batch = batch, .order = ++order_, .since = now, .expires = expires});
    list.bytes += size_of(*batch);
    bytes_ += size_of(*batch);
    make_sooner(soonest_, expires);
    ++not_indexed_;
    return list.waiting.back();
}

void Unsent::index() {
    if (std::exchange(not_indexed_, 0) == 0) return;
    for (auto& [name, list] : lists_)  // the newest are those that are not
        for (auto at = list.waiting.rbegin(); at != list.waiting.rend() && !at->is_indexed; ++at) {
            for (const auto& item : at->batch->items) ++runs_[item.run];
            at->is_indexed = true;
        }
}

void Unsent::recall(const RunId& run) {
    index();
    if (runs_.contains(run)) recalled_.insert(run);
    if (is_paging_) ended_meanwhile_.push_back(run);
}

void Unsent::put(const store::BatchPtr& batch, Steady now) {
    List& list = lists_[batch->list];
    messages_ += std::int64_t(batch->items.size());
    const bool has_room = list.waiting.empty() || bytes_ + size_of(*batch) <= room_.all;
    if (list.tail.empty() && has_room) {
        put_in_memory(list, batch, now);
        return;
    }
    Tail& tail = list.tail;
    if (tail.empty()) {
        tail = {.first = batch->number};
        ++tails_;
    }
    tail.newest = batch->number;
    tail.messages += std::int64_t(batch->items.size());
    const auto expires = first_expiry(*batch, Instant::min());
    make_sooner(tail.expires, expires);
    if (expires && *expires <= tail.expired_until) tail.expired_until = *expires - 1us;
}

void Unsent::put_on_disk(const store::OpenList& open) {
    messages_ += open.messages;
    ++tails_;
    lists_[open.list].tail = {.first = open.first,
                              .newest = open.newest,
                              .messages = open.messages,
                              .trusted_from = open.newest + 1,
                              .expires = open.expires};
}

void Unsent::remove(const store::BatchPtr& batch) {
    const auto found_list = lists_.find(batch->list);
    if (found_list == lists_.end()) return;
    List& list = found_list->second;
    const auto found = std::ranges::find(list.waiting, batch, &Waiting::batch);
    if (found == list.waiting.end()) return;
    const bool is_indexed = found->is_indexed;
    list.waiting.erase(found);
    list.bytes -= size_of(*batch);
    bytes_ -= size_of(*batch);
    if (list.waiting.empty() && list.tail.empty()) lists_.erase(found_list);
    messages_ -= std::int64_t(batch->items.size());
    if (!is_indexed) {
        --not_indexed_;
        return;
    }
    for (const auto& item : batch->items) {
        if (--runs_[item.run] > 0) continue;
        runs_.erase(item.run);
        recalled_.erase(item.run);
    }
}

void Unsent::remove_until(const std::string& name, std::int64_t number) {
    const auto found = lists_.find(name);
    if (found == lists_.end()) return;
    if (Tail& tail = found->second.tail; !tail.empty() && tail.first <= number) {
        tail.first = number + 1;  // its count of messages is right when the last has come
        if (tail.first > tail.newest) {
            messages_ -= tail.messages;
            tail = {};
            --tails_;
        }
    }
    std::vector<store::BatchPtr> gone;
    for (const Waiting& waiting : found->second.waiting)
        if (waiting.batch->number <= number) gone.push_back(waiting.batch);
    if (gone.empty() && found->second.waiting.empty() && found->second.tail.empty())
        lists_.erase(found);
    for (const auto& batch : gone) remove(batch);
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
    next.reserve(first.size());
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
        if (Tail& tail = list.tail; newest + 1 < tail.trusted_from) {
            tail.trusted_from = newest + 1;
            tail.expires = tail.expired_until = Instant::min();
            tail.look_at = Steady::min();
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

// --- what is on disk alone

bool Unsent::is_short(const List& list, Steady now) const {
    if (list.tail.empty() || (list.again_at && now < *list.again_at)) return false;
    return list.waiting.empty() ||
           (list.bytes < room_.page / 2 && bytes_ + room_.page <= room_.all);
}

bool Unsent::has_page_due(Steady now) const {
    return tails_ > 0 &&
           std::ranges::any_of(lists_, [&](const auto& one) { return is_short(one.second, now); });
}

std::optional<Unsent::Page> Unsent::page_due(Steady now) {
    if (tails_ == 0) return std::nullopt;
    for (const auto& [name, list] : lists_) {
        if (!is_short(list, now)) continue;
        is_paging_ = true;
        ended_meanwhile_.clear();
        // What the list needs at least is one batch, which is more than a byte.
        const std::size_t left = bytes_ < room_.all ? room_.all - bytes_ : 1;
        return Page{.list = name,
                    .from = list.tail.first,
                    .bytes = std::min(room_.page, left),
                    .newest = list.tail.newest};
    }
    return std::nullopt;
}

void Unsent::end_page(const Page& page, const store::OutboxPage& read, Steady now) {
    is_paging_ = false;
    const auto found = lists_.find(page.list);
    if (found == lists_.end()) return;
    List& list = found->second;
    const Tail tail = list.tail;
    std::int64_t last = read.batches.empty() ? page.newest : 0, messages = 0;
    for (const auto& batch : read.batches) {
        Waiting& waiting = put_in_memory(list, batch, now);
        waiting.is_told = batch->number <= tail.told;
        waiting.is_in_doubt = batch->number < tail.trusted_from;
        messages += std::int64_t(batch->items.size());
        last = batch->number;
    }
    for (const auto& runs : {read.ended, ended_meanwhile_})
        for (const RunId& run : runs) recall(run);
    if (last >= tail.newest) {
        messages_ -= tail.messages - messages;  // 0, but for rows that are not there any more
        list.tail = {};
        --tails_;
        if (list.waiting.empty()) lists_.erase(found);
        return;
    }
    list.tail.first = last + 1;
    list.tail.messages -= messages;
}

std::vector<Unsent::MayExpire> Unsent::expired_on_disk(Instant now, Steady steady) {
    std::vector<MayExpire> stretches;
    if (tails_ == 0) return stretches;
    for (auto& [name, list] : lists_) {
        Tail& tail = list.tail;
        if (tail.empty() || !tail.expires || now < *tail.expires || steady < tail.look_at) continue;
        const std::int64_t from = std::max(tail.first, tail.trusted_from);
        if (from > tail.newest) continue;
        // What is put meanwhile is not seen: it counts anew.
        stretches.push_back({name, from, tail.expired_until, std::exchange(tail.expires, {})});
    }
    return stretches;
}

void Unsent::set_expired_done(const MayExpire& seen, Instant until, std::optional<Instant> next,
                              Steady steady) {
    const auto found = lists_.find(seen.list);
    if (found == lists_.end() || found->second.tail.empty()) return;
    Tail& tail = found->second.tail;
    tail.expired_until = until;
    if (tail.expires && *tail.expires <= until) tail.expired_until = *tail.expires - 1us;
    make_sooner(tail.expires, next);
    tail.look_at = steady + kExpiryLook;
}

std::vector<Unsent::Range> Unsent::overdue_on_disk(Steady now, Steady::duration patience) {
    std::vector<Range> ranges;
    if (tails_ == 0) return ranges;
    for (auto& [name, list] : lists_) {
        Tail& tail = list.tail;
        if (tail.empty()) continue;
        if (tail.seen <= std::max(tail.told, tail.first - 1)) {
            tail.seen = tail.newest;
            tail.seen_at = now;
        }
        const std::int64_t from = std::max(tail.first, tail.told + 1);
        if (from <= tail.seen && now - tail.seen_at >= patience)
            ranges.push_back({name, from, tail.seen});
    }
    return ranges;
}

void Unsent::set_told(const std::string& list, std::int64_t until) {
    if (const auto found = lists_.find(list); found != lists_.end())
        found->second.tail.told = std::max(found->second.tail.told, until);
}

}  // namespace cjv::dispatch
