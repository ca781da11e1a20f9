#pragma once
// From the channels of events to the store: decode, fold, look up results, tell. Everything on a thread of its
// own that waits for nobody: not for the disk, not for Redis.

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/progress.h"
#include "celery/event.h"
#include "celery/task_result.h"
#include "monitor/event_queue.h"
#include "monitor/fold.h"
#include "monitor/results.h"
#include "monitor/workers.h"
#include "store/store.h"

namespace cjv::monitor {

// received = applied + duplicate + late + malformed + the sum of dropped. Events; of what was never decoded,
// messages.
struct IngestCounts {
    std::uint64_t received = 0;
    std::uint64_t applied = 0;
    std::uint64_t duplicate = 0;
    std::uint64_t late = 0;
    std::uint64_t malformed = 0;
    std::map<std::string, std::uint64_t> dropped = {};  // by reason
    std::uint64_t forgotten = 0;  // tasks without an end that made room for newer ones
    std::string last_malformed = {};
};

class Ingest {
public:
    // `results` may be null: then the events' own words must do. All must outlive it.
    Ingest(store::Store& store, Workers& workers, Results* results, const Clock& clock, Log& log);
    ~Ingest() { stop(); }

    void start(Progress& progress);
    // Tells what has come so far, without results; those that are asked for are told by another turn() when
    // they have come.
    void stop();

    // A message from a channel of events. Never waits; any thread.
    void put(std::string_view channel, std::string_view payload);
    // From now on no message is missing; nothing: the subscription was lost.
    void set_subscribed(std::optional<Instant> since);
    // Since when no event was missed, by our clock.
    std::optional<Instant> complete_since() const;

    IngestCounts counts() const;  // any thread

    // One round: what start()'s thread does each tenth of a second while there is something to do.
    void turn();

private:
    struct Answered {
        std::vector<store::TaskNews> news;
        Results::Texts texts;
    };
    void loop(Mark& mark, const Clock& clock);
    void decode();
    void apply(const celery::Event& event, Instant at);
    void tell(std::vector<store::TaskNews> news);
    void tell_answered();
    void count();
    bool has_work() const;
    bool is_stopping() const;

    store::Store& store_;
    Workers& workers_;
    Results* const results_;
    const Clock& clock_;
    Log& log_;

    EventQueue queue_;
    std::vector<RawEvents> raw_;  // of the thread alone, as are the next five
    celery::EventReader reader_;
    celery::ResultReader result_reader_;
    Fold fold_{{.patience = 2}};
    std::uint64_t worker_events_ = 0;
    std::uint64_t no_room_ = 0;

    mutable std::mutex mutex_;  // guards what follows, down to the blank line
    std::condition_variable bell_;
    std::vector<Answered> answered_;
    IngestCounts counts_;
    std::optional<Instant> complete_since_;
    bool stopping_ = false;

    std::thread thread_;
};

}  // namespace cjv::monitor
