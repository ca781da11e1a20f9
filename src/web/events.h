#pragma once
// The commit feed on its way to the browser: a ring of what happened last, and streams that read it at
// their own pace. A stream that falls behind the ring is told how much it missed; one that comes back
// goes on where it stopped.
//
// An event's id is "<start of the server>-<number>". The number counts the events of the stream's own
// topics, so that a gap in what a stream sees is a gap in its numbers.

#include "base/clock.h"
#include "base/id.h"
#include "domain/board.h"
#include "monitor/health.h"
#include "store/feed.h"
#include "web/stream.h"

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cjv::web {

enum class Topic : std::uint8_t { job, run, output, stats, health };
constexpr std::size_t kTopics = 5;
std::string_view to_text(Topic topic);
std::optional<Topic> topic_from(std::string_view text);

using Topics = std::array<bool, kTopics>;
constexpr Topics kAllTopics = {true, true, true, true, true};

class Events {
public:
    // `board` and `clock` must outlive it. Made after the board was loaded.
    Events(std::int64_t start_number, std::string version, const domain::Board& board,
           const Clock& clock);

    // The writer's thread, after each commit.
    void on_commit(const store::Commit& commit);
    // Any thread.
    void on_health(const monitor::Health& health);
    // Now and then, any thread: lets out what was held back, so that it is not late by more than that.
    void turn();

    // A stream of `topics`: `hello`, then what follows `last_id` (empty: from now on).
    std::shared_ptr<Source> open(const Topics& topics, std::string_view last_id);

private:
    class Reader;

    enum class JobChange : std::uint8_t { created, updated, deleted };
    // One event, small: it becomes text only when somebody reads it.
    struct Event {
        Topic topic = Topic::job;
        JobChange change = JobChange::updated;
        domain::Status status = domain::Status::pending;
        Uuid id = {};   // of the job or the run
        Uuid job = {};  // of a run: its job; zero: none
        std::int64_t version = 0;
        std::shared_ptr<const std::string> text = {};  // of stats and health: the data
        std::array<std::uint64_t, kTopics> counts{};   // events so far by topic, with this one
    };
    struct Known {
        Uuid id;
        std::int64_t version = 0;
    };

    void add(Event event);  // mutex_ is held
    void add_change(const store::Change& change);
    void add_job(JobNumber number);
    void add_stats();
    void wake_readers();
    static void append(std::string& out, const Event& event, std::string_view id);

    const std::int64_t start_number_;
    const std::string version_;
    const domain::Board& board_;
    const Clock& clock_;

    std::mutex mutex_;
    std::deque<Event> ring_;                        // the newest at the back
    std::uint64_t first_ = 1;                       // sequence of ring_.front()
    std::array<std::uint64_t, kTopics> dropped_{};  // counts of the newest event that left the ring
    std::array<std::uint64_t, kTopics> counts_{};
    std::unordered_map<JobNumber, Known> jobs_;
    domain::BoardCounts told_;  // the counts of the newest stats event
    Steady told_at_{};
    std::vector<std::weak_ptr<Waker>> wakers_;
};

}  // namespace cjv::web
