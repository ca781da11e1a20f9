#pragma once
// Events of tasks, folded to what is known of each. Keeps what may still change, and for a while what has ended,
// so that news which comes twice or late is told apart from news. Pure but for its memory; for one thread.

#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/text_hash.h"
#include "celery/event.h"
#include "celery/task_state.h"
#include "store/task_news.h"

namespace cjv::monitor {

struct FoldLimits {
    std::size_t open = 100'000;  // tasks without an end
    std::size_t ended = 16'384;  // those that ended, so that late news finds them
    // For how many takes an end waits for the start that came before it: threads tell in any order, and a final
    // run learns nothing more.
    int patience = 0;
};

// Each event of a task is one of these.
struct FoldCounts {
    std::uint64_t applied = 0;
    std::uint64_t duplicate = 0;  // the very same was seen before
    std::uint64_t late = 0;       // its task had ended before it came; taken all the same
    std::uint64_t forgotten = 0;  // tasks without an end that made room for newer ones; no events
};

class Fold {
public:
    explicit Fold(FoldLimits limits = {}) : limits_(limits) {}

    // `event` is one of a task; it came at `now`, by our clock.
    void apply(const celery::Event& event, Instant now);

    // What is new since the last call, of each task all that is known; in the order in which they came.
    std::vector<store::TaskNews> take();
    // An end waits for its start: take again soon.
    bool has_waiting() const { return !changed_.empty(); }

    const FoldCounts& counts() const { return counts_; }
    std::size_t size() const { return tasks_.size(); }

private:
    struct Task;
    using Tasks = std::unordered_map<std::string, Task, TextHash, std::equal_to<>>;
    struct Task {
        celery::TaskState state;
        Instant seen_at;
        bool is_new = false;  // something was told since the last take
        bool has_ended = false;
        int waited = 0;                                   // takes
        std::list<Tasks::value_type*>::iterator place{};  // in its queue

        // As if it were new; keeps its memory.
        void reset();
    };
    using Queue = std::list<Tasks::value_type*>;  // least recently told first

    Tasks::value_type& known(std::string_view task_id, Instant now);
    void touch(Tasks::value_type& task);
    void forget(Queue& queue, std::size_t most);
    void make_room();

    FoldLimits limits_;
    Tasks tasks_;
    Queue open_, ended_;
    // Of tasks that are gone: their memory serves those that come.
    std::vector<Tasks::node_type> spare_;
    Queue spare_places_;
    std::vector<Tasks::value_type*> changed_;
    Tasks::value_type* last_ =
        nullptr;  // that was told of: what a worker does at once it tells at once
    FoldCounts counts_;
};

}  // namespace cjv::monitor
