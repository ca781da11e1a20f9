#include "store/draft.h"

#include <iterator>
#include <utility>

namespace cjv::store {

Draft::Draft(Draft& below) : memory_(below.memory_), below_(&below) {
    outgoing.expect(below.outgoing.expected());
}

domain::EntryPtr Draft::find(JobNumber job) const {
    if (const auto own = entries_.find(job); own != entries_.end()) return own->second;
    return below_ ? below_->find(job) : memory_.board.find(job);
}

domain::Entry* Draft::change(JobNumber job) {
    if (const auto own = entries_.find(job); own != entries_.end()) return own->second.get();
    const domain::EntryPtr now = find(job);
    if (!now) return nullptr;
    return (entries_[job] = std::make_shared<domain::Entry>(*now)).get();
}

void Draft::put(domain::Entry entry) {
    const JobNumber job = entry.number;
    entries_[job] = std::make_shared<domain::Entry>(std::move(entry));
}

void Draft::remove(JobNumber job) {
    entries_[job] = nullptr;
    set_range(job, std::nullopt);
}

std::optional<domain::Skip> Draft::range(JobNumber job) const {
    if (const auto own = ranges_.find(job); own != ranges_.end()) return own->second;
    if (below_) return below_->range(job);
    const auto known = memory_.ranges.find(job);
    return known == memory_.ranges.end() ? std::nullopt : std::optional(known->second);
}

void Draft::set_range(JobNumber job, std::optional<domain::Skip> range) { ranges_[job] = range; }

std::optional<RunId> Draft::find_task(std::string_view task_id) const {
    if (const auto own = task_ids.recorded.find(task_id)) return own;
    return below_ ? below_->find_task(task_id) : memory_.task_ids.find(task_id);
}

std::optional<RunId> Draft::task_ids_since() const {
    if (task_ids.since) return task_ids.since;
    return below_ ? below_->task_ids_since() : memory_.task_ids.since();
}

bool Draft::take_place() {
    if (!memory_.places.take_at_once()) return false;
    ++places_;
    return true;
}

void Draft::note_output(JobNumber job, const RunId& run) {
    if (with_output_.insert(run).second)
        changes.push_back({.what = Change::What::output, .job = job, .run = run});
}

void Draft::keep(Instant now) {
    if (below_) {
        keep_below();
    } else {
        keep_in_memory(now);
    }
    entries_.clear();
    ranges_.clear();
    with_output_.clear();
    totals.clear();
    task_ids = {};
    outgoing.clear();
    installation.reset();
    people.clear();
}

// A savepoint is mostly the only one in its transaction: then nothing is copied.
template <class Map>
void Draft::overlay(Map& below, Map& own) {
    if (below.empty()) {
        below.swap(own);
    } else {
        for (auto& [job, now] : own) below[job] = std::move(now);
    }
}

void Draft::keep_below() {
    overlay(below_->entries_, entries_);
    overlay(below_->ranges_, ranges_);
    for (const auto& [key, more] : totals) add(below_->totals, key.first, more);
    task_ids.keep_in(below_->task_ids);
    below_->with_output_.merge(with_output_);
    below_->places_ += std::exchange(places_, 0);
    if (below_->changes.empty()) {
        below_->changes.swap(changes);
    } else {
        std::ranges::move(changes, std::back_inserter(below_->changes));
    }
    below_->outgoing.append(std::move(outgoing));
    if (installation) below_->installation = installation;
    std::ranges::move(people, std::back_inserter(below_->people));
}

void Draft::keep_in_memory(Instant now) {
    places_ = 0;  // they are those of the runs from here on
    for (auto& [job, entry] : entries_) {
        if (entry) {
            memory_.board.put(std::move(entry));
        } else {
            memory_.board.remove(job);
        }
    }
    for (auto& [job, range] : ranges_) {
        if (range) {
            memory_.ranges[job] = *range;
        } else {
            memory_.ranges.erase(job);
        }
    }
    for (const BatchPtr& batch : batches) memory_.next_batches[batch->list] = batch->number + 1;
    if (installation) memory_.installation = *installation;
    memory_.totals.add(totals);
    memory_.task_ids.keep(task_ids, now);
    for (const auto& change : people) change(memory_.people);
}

}  // namespace cjv::store
