#pragma once
// Takes decided runs away and tells how they went, badly: what it should tell it loses, says twice,
// says late, or says the wrong way round. The real one is src/dispatch.

#include "base/clock.h"
#include "domain/run.h"
#include "oracle.h"
#include "store/feed.h"
#include "store/store.h"

#include <map>

namespace cjv::sim {

class Dispatcher {
public:
    Dispatcher(Dice& dice, const Clock& clock) : dice_(dice), clock_(clock) {}

    void on_commit(const store::Commit& commit);
    // After a start: what a dead server had in its hands is lost, what waited goes.
    Result<void> recover(store::Store& store);
    // Does what is due. Failing calls are made again later.
    void step(store::Store& store);
    // From now on nothing goes wrong, and all is quick.
    void heal() { is_healed_ = true; }

private:
    enum class Stage { ready, started, ended, vanished };
    struct Task {
        Stage stage = Stage::ready;  // what is to be told next
        Instant due{};
        Instant started_at{};
        bool is_start_told = false;
        bool is_cancelled = false;
        bool has_place = false;
    };
    using Tasks = std::map<RunId, Task>;

    bool goes_wrong(std::int64_t one_in) { return !is_healed_ && dice_.one_in(one_in); }
    Instant in(std::int64_t most_seconds);
    void start_ready(store::Store& store);
    bool begin(store::Store& store, const RunId& run, Task& task);
    bool end(store::Store& store, const RunId& run, Task& task);

    Dice& dice_;
    const Clock& clock_;
    Tasks tasks_;
    bool is_healed_ = false;
};

}  // namespace cjv::sim
