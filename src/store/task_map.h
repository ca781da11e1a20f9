#pragma once
// Runs by the ids of their tasks, close together in memory: nearly all of these ids are UUIDs.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/text_hash.h"

namespace cjv::store {

class TaskMap {
public:
    // In the order of the ids as texts, but that UUIDs come first.
    class Sorted {
    public:
        std::size_t size() const { return uuids_.size() + texts_.size(); }
        std::string task_id(std::size_t index) const;
        // Of no run (all zero): it was forgotten.
        const RunId& run(std::size_t index) const;
        std::optional<RunId> find(std::string_view task_id) const;
        void forget(std::string_view task_id);
        void clear();

    private:
        friend class TaskMap;
        std::size_t index_of(std::string_view task_id) const;  // size(): it is not there

        std::vector<std::pair<Uuid, RunId>> uuids_;
        std::vector<std::pair<std::string, RunId>> texts_;
    };

    std::size_t size() const { return uuids_ + texts_.size(); }
    bool empty() const { return size() == 0; }
    // `run` is a run; what stood there is replaced.
    void put(std::string_view task_id, const RunId& run);
    std::optional<RunId> find(std::string_view task_id) const;
    void erase(std::string_view task_id);
    // Puts all of `more`.
    void put_all(const TaskMap& more);
    // All, in order; it is empty then, and keeps its memory.
    Sorted take_sorted();

private:
    // Open addressing; at most half of the slots are taken. A slot without a run is free, one whose run is gone
    // was taken.
    struct Slot {
        Uuid task;
        RunId run;
    };
    std::size_t slot_of(const Uuid& task) const;
    void put(const Uuid& task, const RunId& run);
    void grow();

    std::vector<Slot> slots_;  // none, or a power of two
    std::size_t taken_ = 0;    // of them, those that were ever taken
    std::size_t uuids_ = 0;
    std::unordered_map<std::string, RunId, TextHash, std::equal_to<>> texts_;
};

}  // namespace cjv::store
