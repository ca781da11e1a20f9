#include "store/task_map.h"

#include <algorithm>
#include <bit>

namespace cjv::store {
namespace {

constexpr std::size_t kFewest = 64;
constexpr std::size_t kMostKept = 1 << 17;

const RunId kGone = [] {
    RunId id;
    id.bytes.fill(0xff);
    return id;
}();
bool is_run(const RunId& run) { return run != RunId() && run != kGone; }

// Only what to_text() makes is one here: an id in capital letters is another task.
std::optional<Uuid> uuid_in(std::string_view task_id) {
    auto uuid = parse_uuid(task_id);
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'F'; };
    if (uuid && std::ranges::any_of(task_id, is_capital)) uuid.reset();
    return uuid;
}

template <class Pairs, class Key>
auto place_in(Pairs& pairs, const Key& key) {
    const auto at = std::ranges::lower_bound(pairs, key, std::less<>(), &Pairs::value_type::first);
    return at != pairs.end() && at->first == key ? at : pairs.end();
}

}  // namespace

// --- Sorted

std::string TaskMap::Sorted::task_id(std::size_t index) const {
    return index < uuids_.size() ? to_text(uuids_[index].first)
                                 : texts_[index - uuids_.size()].first;
}

const RunId& TaskMap::Sorted::run(std::size_t index) const {
    return index < uuids_.size() ? uuids_[index].second : texts_[index - uuids_.size()].second;
}

std::size_t TaskMap::Sorted::index_of(std::string_view task_id) const {
    if (const auto uuid = uuid_in(task_id)) {
        const auto at = place_in(uuids_, *uuid);
        return at == uuids_.end() ? size() : std::size_t(at - uuids_.begin());
    }
    return uuids_.size() + std::size_t(place_in(texts_, task_id) - texts_.begin());
}

std::optional<RunId> TaskMap::Sorted::find(std::string_view task_id) const {
    const std::size_t index = index_of(task_id);
    return index < size() && is_run(run(index)) ? std::optional(run(index)) : std::nullopt;
}

void TaskMap::Sorted::forget(std::string_view task_id) {
    const std::size_t index = index_of(task_id);
    if (index < uuids_.size())
        uuids_[index].second = RunId();
    else if (index < size())
        texts_[index - uuids_.size()].second = RunId();
}

void TaskMap::Sorted::clear() {
    uuids_.clear();
    texts_.clear();
}

// --- TaskMap

// Where it is, or else where it goes. There is a free one.
std::size_t TaskMap::slot_of(const Uuid& task) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = std::hash<Uuid>{}(task)&mask;
    while (slots_[at].run != RunId() && slots_[at].task != task) at = (at + 1) & mask;
    return at;
}

void TaskMap::grow() {
    std::vector<Slot> before(std::max(kFewest, std::bit_ceil(4 * uuids_)));
    before.swap(slots_);
    taken_ = uuids_ = 0;
    for (const Slot& slot : before)
        if (is_run(slot.run)) put(slot.task, slot.run);
}

void TaskMap::put(const Uuid& task, const RunId& run) {
    if (2 * (taken_ + 1) > slots_.size()) grow();
    Slot& slot = slots_[slot_of(task)];
    taken_ += slot.run == RunId();
    uuids_ += !is_run(slot.run);
    slot = {task, run};
}

void TaskMap::put(std::string_view task_id, const RunId& run) {
    if (const auto uuid = uuid_in(task_id))
        put(*uuid, run);
    else
        texts_.insert_or_assign(std::string(task_id), run);
}

std::optional<RunId> TaskMap::find(std::string_view task_id) const {
    if (const auto uuid = uuid_in(task_id)) {
        if (slots_.empty()) return std::nullopt;
        const RunId& run = slots_[slot_of(*uuid)].run;
        return is_run(run) ? std::optional(run) : std::nullopt;
    }
    const auto at = texts_.find(task_id);
    return at == texts_.end() ? std::nullopt : std::optional(at->second);
}

void TaskMap::erase(std::string_view task_id) {
    const auto uuid = uuid_in(task_id);
    if (!uuid) {
        if (const auto at = texts_.find(task_id); at != texts_.end()) texts_.erase(at);
    } else if (!slots_.empty()) {
        Slot& slot = slots_[slot_of(*uuid)];
        if (!is_run(slot.run)) return;
        slot.run = kGone;
        --uuids_;
    }
}

void TaskMap::put_all(const TaskMap& more) {
    for (const Slot& slot : more.slots_)
        if (is_run(slot.run)) put(slot.task, slot.run);
    for (const auto& [task_id, run] : more.texts_) texts_.insert_or_assign(task_id, run);
}

TaskMap::Sorted TaskMap::take_sorted() {
    Sorted sorted;
    sorted.uuids_.reserve(uuids_);
    for (const Slot& slot : slots_)
        if (is_run(slot.run)) sorted.uuids_.emplace_back(slot.task, slot.run);
    sorted.texts_.assign(texts_.begin(), texts_.end());
    std::ranges::sort(sorted.uuids_, {}, &std::pair<Uuid, RunId>::first);
    std::ranges::sort(sorted.texts_, {}, &std::pair<std::string, RunId>::first);
    if (slots_.size() > kMostKept)
        decltype(slots_)().swap(slots_);
    else
        std::ranges::fill(slots_, Slot());
    taken_ = uuids_ = 0;
    texts_.clear();
    return sorted;
}

}  // namespace cjv::store
