#include "store/outgoing.h"

#include <algorithm>
#include <utility>

namespace cjv::store {
namespace {

constexpr std::size_t kSome = 8;  // messages of a list, before more of it are expected

bool has_room(const Batch& batch, std::size_t bytes) {
    return batch.items.size() < Batch::kMost && batch.bytes.size() + bytes <= Batch::kMostBytes;
}

// For so many messages like its first ones, as far as they go into one batch.
void reserve(Batch& batch, std::size_t messages) {
    messages = std::min(messages, Batch::kMost);
    const std::size_t mean = batch.bytes.size() / batch.items.size();
    batch.items.reserve(messages);
    batch.bytes.reserve(std::min(messages * (mean + mean / 8), Batch::kMostBytes));
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
