#pragma once
// The output of one run as it grows: a stream that reads the store and is woken by the commit feed.

#include "base/id.h"
#include "store/feed.h"
#include "store/store.h"
#include "web/stream.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace cjv::web {

class Follow {
public:
    explicit Follow(store::Store& store) : store_(store) {}

    // The writer's thread, after each commit.
    void on_commit(const store::Commit& commit);

    // What follows the chunk `after` (0: all), of one stream or of both, until the run is final.
    std::shared_ptr<Source> open(const RunId& run, std::int64_t after,
                                 std::optional<store::Stream> only);

private:
    class Reader;

    store::Store& store_;
    std::mutex mutex_;
    std::unordered_multimap<RunId, std::weak_ptr<Waker>> wakers_;
};

// The data of the event `chunk`: text where the bytes are UTF-8, else base64.
std::string chunk_json(const store::OutputChunk& chunk);

}  // namespace cjv::web
