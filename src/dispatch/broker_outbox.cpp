// What waits on disk: it comes into memory in pages, and expires there, too.
#include "dispatch/broker_parts.h"

#include "base/iso8601.h"
#include "celery/task_reader.h"

#include <algorithm>
#include <span>
#include <utility>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 1s;              // younger batches do not say that the broker is away
constexpr auto kUnreadAgain = 10s;          // after a page could not be read
constexpr std::size_t kPagesAtOnce = 4;     // in a turn
constexpr std::size_t kEndsAtOnce = 1'000;  // in a commit, so that others come between

// A batch that was read back: its messages themselves say when they expire.
store::BatchPtr with_expiry(const store::BatchPtr& read) {
    if (!read->may_expire) return read;
    auto batch = std::make_shared<store::Batch>(*read);
    celery::TaskReader reader;
    for (auto& item : batch->items)
        if (const auto task = reader.read(batch->message(item)); task && task->expires)
            item.expires = task->expires;
    return batch;
}

}  // namespace

Result<void> Broker::Parts::recover() {
    if (const auto begun = store.begin_unmet(); !begun) return begun;
    auto known = store.list_numbers();
    if (!known) return fail(known.error(), "read how far the broker's lists are");
    const auto left = store.open_lists();
    if (!left) return fail(left.error(), "read the outbox");
    const std::scoped_lock lock(mutex);
    for (auto& list : *known) {
        offered[list.list] = inherited[list.list] = list.offered;
        lists.insert_or_assign(list.list, list);
    }
    for (const auto& list : *left) unsent.put_on_disk(list);
    return {};
}

// What there is room for. A page that cannot be read holds up its list alone.
void Broker::Parts::load_pages() {
    for (std::size_t i = 0; i < kPagesAtOnce; ++i) {
        std::optional<Unsent::Page> page;
        {
            const std::scoped_lock lock(mutex);
            page = unsent.page_due(clock.steady());
        }
        if (!page) return;
        mark.move(clock.steady());
        auto read = store.outbox_page(page->list, page->from, page->bytes, page->newest);
        if (read)
            for (auto& batch : read->batches) batch = with_expiry(batch);
        const std::scoped_lock lock(mutex);
        if (read) {
            unsent.end_page(*page, *read, clock.steady());
            continue;
        }
        log.warn("broker.outbox_not_read", {{"list", page->list}, {"error", read.error().what}});
        unsent.break_page();
        unsent.refuse(
            page->list,
            "what waits for the list " + page->list + " cannot be read back: " + read.error().what,
            clock.steady() + kUnreadAgain);
    }
}

// Runs that wait for the broker say so.
void Broker::Parts::tell_away() {
    std::vector<store::BatchPtr> overdue;
    std::vector<Unsent::Range> on_disk;
    {
        const std::scoped_lock lock(mutex);
        overdue = unsent.overdue(clock.steady(), kPatience);
        on_disk = unsent.overdue_on_disk(clock.steady(), kPatience);
    }
    // Of each list a page at a time: the store has others to serve.
    for (const auto& range : on_disk) {
        mark.move(clock.steady());
        auto page = store.outbox_page(range.list, range.from, page_bytes, range.until);
        if (!page) continue;  // the store is away; or who loads the page says it
        overdue.insert(overdue.end(), page->batches.begin(), page->batches.end());
        const std::scoped_lock lock(mutex);
        unsent.set_told(range.list,
                        page->batches.empty() ? range.until : page->batches.back()->number);
    }
    for (const auto& batch : overdue)
        for (const auto& item : batch->items)
            store.observe_reason(item.run, domain::Reason::broker_away);
}

// Runs whose message may not be sent any more end, before anything is pushed. False: the store is away.
bool Broker::Parts::end_expired() {
    const Instant now = clock.now();
    std::vector<Unsent::Expired> expired;
    {
        const std::scoped_lock lock(mutex);
        expired = unsent.expired(now);
    }
    if (!expired.empty()) {
        if (!end(expired)) return false;
        const std::scoped_lock lock(mutex);
        unsent.set_expired_done();
    }
    return end_expired_on_disk();
}

bool Broker::Parts::end_expired_on_disk() {
    const Instant now = clock.now();
    std::vector<Unsent::MayExpire> stretches;
    {
        const std::scoped_lock lock(mutex);
        stretches = unsent.expired_on_disk(now, clock.steady());
    }
    bool is_store_there = true;
    for (const auto& stretch : stretches) {
        std::optional<Instant> next;
        const auto seen = is_store_there ? end_expired_on_disk(stretch, now, next) : Seen::nothing;
        const bool is_seen = seen == Seen::all;
        const std::scoped_lock lock(mutex);
        unsent.set_expired_done(stretch, is_seen ? now : stretch.after,
                                is_seen ? next : stretch.expires, clock.steady());
        is_store_there = is_store_there && seen != Seen::nothing;
    }
    return is_store_there;
}

Broker::Parts::Seen Broker::Parts::end_expired_on_disk(const Unsent::MayExpire& stretch,
                                                       Instant until,
                                                       std::optional<Instant>& next) {
    const auto make_sooner = [&](std::optional<Instant> at) {
        if (at) next = std::min(next.value_or(*at), *at);
    };
    for (std::int64_t from = stretch.from;;) {
        mark.move(clock.steady());
        const auto some =
            store.expiring_batches(stretch.list, from, stretch.after, until, page_bytes);
        if (!some) {
            log.warn("broker.outbox_not_read",
                     {{"list", stretch.list}, {"error", some.error().what}});
            return Seen::unread;
        }
        if (some->empty()) break;
        from = some->back()->number + 1;
        std::vector<Unsent::Expired> expired;
        for (const auto& read : *some) {
            const auto batch = with_expiry(read);
            for (const auto& item : batch->items) {
                if (!item.expires || *item.expires <= stretch.after) continue;
                if (*item.expires <= until)
                    expired.push_back({item.run, *item.expires});
                else
                    make_sooner(item.expires);
            }
        }
        if (!end(expired)) return Seen::nothing;
    }
    const auto later = store.next_expiry(stretch.list, stretch.from, until);
    if (!later) return Seen::unread;
    make_sooner(*later);
    return Seen::all;
}

bool Broker::Parts::end(const std::vector<Unsent::Expired>& expired) {
    std::vector<store::Ended> ends;
    ends.reserve(expired.size());
    for (const auto& [run, at] : expired)
        ends.push_back({.run = run,
                        .at = clock.now(),
                        .status = domain::Status::missed,
                        .reason = domain::Reason::expired,
                        .error = "It expired at " + to_iso8601(at) +
                                 ", before it could be sent to the broker."});
    // The feed tells of those that ended; what the database refuses is dropped by its worker.
    for (std::span<const store::Ended> rest = ends; !rest.empty();) {
        const auto some = rest.first(std::min(kEndsAtOnce, rest.size()));
        rest = rest.subspan(some.size());
        mark.move(clock.steady());
        const auto left = store.commit_ended(some);
        if (left) continue;
        log.warn("broker.expired_not_recorded", {{"error", left.error().what}});
        return false;
    }
    return true;
}

}  // namespace cjv::dispatch
