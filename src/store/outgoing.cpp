#include "store/outgoing.h"

#include <algorithm>
#include <utility>

namespace cjv::store {
namespace {

bool has_room(const Batch& batch, std::size_t bytes) {
    return batch.items.size() < Batch::kMost && batch.bytes.size() + bytes <= Batch::kMostBytes;
}

constexpr std::size_t kSome = 8;  // messages of a list, before more of it are expected

// For `messages` like its first ones.
void reserve(Batch& batch, std::size_t messages) {
    const std::size_t mean = batch.bytes.size() / batch.items.size();
    const std::size_t usual = mean + mean / 8;
    batch.items.reserve(std::min(messages, Batch::kMost));
    batch.bytes.reserve(
        std::min(usual * std::min(messages, Batch::kMost), std::size_t{Batch::kMostBytes}));
}

}  // namespace

void Outgoing::add(const std::string& list, Batch::Item item, std::string_view message) {
    auto& batches = by_list_[list];
    if (batches.empty() || !has_room(*batches.back(), message.size())) {
        batches.push_back(std::make_shared<Batch>());
        batches.back()->list = list;
    }
    Batch& batch = *batches.back();
    if (batch.items.size() == kSome) reserve(batch, expected_);
    item.begin = batch.bytes.size();
    item.size = message.size();
    batch.items.push_back(item);
    batch.bytes += message;
}

void Outgoing::append(Outgoing&& later) {
    if (by_list_.empty()) {
        by_list_.swap(later.by_list_);
        return;
    }
    for (const auto& [list, batches] : later.take())
        for (const auto& batch : batches)
            for (const Batch::Item& item : batch->items) add(list, item, batch->message(item));
}

Outgoing::Batches Outgoing::take() {
    for (auto& [list, batches] : by_list_)
        for (auto& batch : batches) {
            // They may wait for long.
            if (batch->items.capacity() > 2 * batch->items.size()) batch->items.shrink_to_fit();
            if (batch->bytes.capacity() > 2 * batch->bytes.size()) batch->bytes.shrink_to_fit();
        }
    return std::exchange(by_list_, {});
}

}  // namespace cjv::store
