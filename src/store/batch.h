#pragma once
// Messages for one list of a broker, which leave in one write. Plain values.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "domain/job.h"
#include "domain/run.h"

namespace cjv::store {

// What a broker is to carry for one run.
struct Message {
    std::string list;  // the broker's name of it
    std::string bytes;
    std::optional<Instant> expires = {};  // not to be sent from then on
};

// Makes the message of a run that nothing holds back; nothing where no broker carries it. Called inside the
// deciding transaction, on the writer's thread: it must be pure and quick.
using Encode = std::function<std::optional<Message>(const domain::Job&, const domain::Run&)>;

struct Batch {
    static constexpr std::size_t kMost = 500;           // messages
    static constexpr std::size_t kMostBytes = 4 << 20;  // of them, but for one that is longer

    struct Item {
        RunId run;
        std::size_t begin = 0, size = 0;  // within `bytes`
        // Unknown of a batch that was read back: zero and nothing.
        JobNumber job = {};
        std::optional<Instant> slot = {};
        domain::Trigger trigger = domain::Trigger::schedule;
        std::optional<Instant> expires = {};
    };
    std::string list;
    std::int64_t number = 0;  // 1, 2, 3 … of its list; never used twice
    std::vector<Item> items = {};
    std::string bytes = {};
    bool may_expire = false;  // of a batch that was read back: its messages say when

    std::string_view message(const Item& item) const {
        return std::string_view(bytes).substr(item.begin, item.size);
    }
};
using BatchPtr = std::shared_ptr<const Batch>;

// Which one it is, without its messages.
inline BatchPtr bare_batch(const Batch& batch) {
    return std::make_shared<Batch>(Batch{.list = batch.list, .number = batch.number});
}

// A batch that the broker has taken. Runs that it was not given, because they had ended, are left out.
struct Sent {
    BatchPtr batch;
    Instant at{};
    Uuid installation = {};  // whose number the batch's is; nil: ours, as it is now
};

// One run of a batch that was sent, where the batch could not be recorded at once. `batch` has list and number alone.
struct SentRun {
    RunId run;
    BatchPtr batch;
    Instant at{};
    Uuid installation = {};  // as Sent's

    Sent sent() const { return {.batch = batch, .at = at, .installation = installation}; }
};

// What waits on one list, on disk.
struct OpenList {
    std::string list;
    std::int64_t first = 0, newest = 0;  // numbers of batches
    std::int64_t messages = 0;
    std::optional<Instant> expires = {};  // nothing expires before it; nothing: none expires
};
// Some batches of a list, in their order, and those of their runs that have ended; some of these may be there no more.
struct OutboxPage {
    std::vector<BatchPtr> batches = {};
    std::vector<RunId> ended = {};
};

// How far one list of the broker is: what we have given numbers to, and what it said that it has.
struct ListNumbers {
    std::string list;
    std::int64_t newest = 0;     // number of the newest batch that was written; 0: none
    std::int64_t confirmed = 0;  // of the newest that the broker has
    std::int64_t offered = 0;    // of the newest that may have been pushed before this start
};

// The broker said that it has the batches up to `confirmed`, and knows of none after `had` now: its data were
// lost, or are older ones.
struct LostBatches {
    std::string list;
    std::int64_t had = 0;
    std::int64_t confirmed = 0;
};

}  // namespace cjv::store
