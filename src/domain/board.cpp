#include "domain/board.h"

#include <algorithm>
#include <mutex>

namespace cjv::domain {

std::string_view to_text(Trouble trouble) {
    switch (trouble) {
        case Trouble::none: return "";
        case Trouble::schedule_unreadable: return "schedule_unreadable";
        case Trouble::zone_missing: return "zone_missing";
        case Trouble::slots_refused: return "slots_refused";
    }
    return "";
}

Status shown_status(const Entry& entry) {
    if (entry.running_count > 0) return Status::running;
    if (entry.open_count > entry.waiting_count) return Status::queued;
    return entry.open_count > 0 ? Status::pending : entry.last_status;
}

EntryPtr Board::find(JobNumber number) const {
    const std::shared_lock lock(mutex_);
    const EntryPtr* const found = entries_.find(number);
    return found ? *found : nullptr;
}

EntryPtr Board::find(const Uuid& id) const {
    const std::shared_lock lock(mutex_);
    const auto at = by_id_.find(id);
    return at == by_id_.end() ? nullptr : *entries_.find(at->second);
}

EntryPtr Board::find_by_name(std::string_view name) const {
    const std::string key(name);
    const std::shared_lock lock(mutex_);
    const auto at = by_name_.find(key);
    return at == by_name_.end() ? nullptr : *entries_.find(at->second);
}

std::size_t Board::size() const {
    const std::shared_lock lock(mutex_);
    return entries_.size();
}

BoardCounts Board::counts() const {
    const std::shared_lock lock(mutex_);
    return counts_;
}

std::vector<EntryPtr> Board::all() const {
    std::vector<EntryPtr> found;
    const std::shared_lock lock(mutex_);
    found.reserve(entries_.size());
    entries_.each(0, [&](const EntryPtr& entry) {
        found.push_back(entry);
        return true;
    });
    return found;
}

std::vector<EntryPtr> Board::newest(std::size_t offset, std::size_t limit) const {
    std::vector<EntryPtr> found;
    const std::shared_lock lock(mutex_);
    if (limit == 0) return found;
    entries_.each(offset, [&](const EntryPtr& entry) {
        found.push_back(entry);
        return found.size() < limit;
    });
    return found;
}

std::vector<EntryPtr> Board::upcoming(Instant until, std::size_t limit) const {
    std::vector<EntryPtr> found;
    {
        const std::shared_lock lock(mutex_);
        entries_.each(0, [&](const EntryPtr& entry) {
            if (const auto& next = entry->next_slot; next && *next <= until) found.push_back(entry);
            return true;
        });
    }
    const auto sooner = [](const EntryPtr& a, const EntryPtr& b) {
        return std::tie(*a->next_slot, a->number) < std::tie(*b->next_slot, b->number);
    };
    const auto kept = std::ptrdiff_t(std::min(limit, found.size()));
    std::partial_sort(found.begin(), found.begin() + kept, found.end(), sooner);
    found.resize(std::size_t(kept));
    return found;
}

void Board::put(EntryPtr entry) {
    const Entry& now = *entry;  // the table keeps it
    EntryPtr before;            // may go with us, once nobody waits for us
    const std::unique_lock lock(mutex_);
    before = entries_.put(now.number, std::move(entry));
    const bool same_job = before && before->job == now.job;  // the hot part alone has changed
    if (before) {
        count(*before, -1);
        if (!same_job) forget_name(*before);
    }
    count(now, +1);
    if (same_job) return;
    by_id_.insert_or_assign(now.job->id, now.number);
    by_name_.insert_or_assign(now.job->name, now.number);
}

void Board::remove(JobNumber number) {
    const std::unique_lock lock(mutex_);
    const EntryPtr before = entries_.take(number);
    if (!before) return;
    count(*before, -1);
    forget_name(*before);
    by_id_.erase(before->job->id);
}

// Another job may have taken the name in the meantime: then it is that one's.
void Board::forget_name(const Entry& entry) {
    const auto at = by_name_.find(entry.job->name);
    if (at != by_name_.end() && at->second == entry.number) by_name_.erase(at);
}

void Board::count(const Entry& entry, std::int64_t sign) {
    const Job& job = *entry.job;
    counts_.total += sign;
    counts_.by_status[std::size_t(shown_status(entry))] += sign;
    counts_.by_schedule_type[std::size_t(job.schedule_type)] += sign;
    if (entry.running_count > 0) counts_.running_jobs += sign;
    if (entry.trouble != Trouble::none) counts_.in_trouble += sign;
    if (!job.is_active) return;
    counts_.active += sign;
    if (is_failure(entry.last_status)) counts_.failed_jobs += sign;
}

}  // namespace cjv::domain
