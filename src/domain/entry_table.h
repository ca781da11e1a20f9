#pragma once
// Entries of jobs by number. Numbers are given one after the other and never again, so they lie in pages of 256:
// finding one of ten thousand looks at a tree of forty pages, all of which a processor has at hand, where a tree of
// entries would have it wait for memory fourteen times. Plain; the board guards it.

#include "domain/job.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace cjv::domain {

struct Entry;

class EntryTable {
public:
    using Ptr = std::shared_ptr<const Entry>;

    // Null: there is none.
    const Ptr* find(JobNumber number) const {
        const auto page = pages_.find(page_of(number));
        if (page == pages_.end()) return nullptr;
        const Ptr& place = page->second->places[place_of(number)];
        return place ? &place : nullptr;
    }
    std::size_t size() const { return size_; }

    // Returns what was there; null: nothing.
    Ptr put(JobNumber number, Ptr entry) {
        auto& page = pages_[page_of(number)];
        if (!page) page = std::make_unique<Page>();
        Ptr& place = page->places[place_of(number)];
        if (!place) {
            ++page->used;
            ++size_;
        }
        return std::exchange(place, std::move(entry));
    }
    Ptr take(JobNumber number) {
        const auto page = pages_.find(page_of(number));
        if (page == pages_.end()) return nullptr;
        Ptr taken = std::exchange(page->second->places[place_of(number)], nullptr);
        if (!taken) return nullptr;
        --size_;
        if (--page->second->used == 0) pages_.erase(page);
        return taken;
    }

    // Highest number first, after skipping `offset` entries, while `wants_more(entry)`. O(pages + entries seen).
    template <class F>
    void each(std::size_t offset, F wants_more) const {
        for (const auto& [number, page] : pages_) {
            if (offset >= page->used) {
                offset -= page->used;
                continue;
            }
            for (auto place = page->places.rbegin(); place != page->places.rend(); ++place) {
                if (!*place) continue;
                if (offset > 0) {
                    --offset;
                } else if (!wants_more(*place)) {
                    return;
                }
            }
        }
    }

private:
    static constexpr std::int64_t kPage = 256;
    struct Page {
        std::array<Ptr, kPage> places;
        std::size_t used = 0;
    };
    static std::int64_t page_of(JobNumber number) { return number.value / kPage; }
    static std::size_t place_of(JobNumber number) { return std::size_t(number.value % kPage); }

    std::map<std::int64_t, std::unique_ptr<Page>, std::greater<>> pages_;
    std::size_t size_ = 0;
};

}  // namespace cjv::domain
