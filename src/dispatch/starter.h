#pragma once
// Which pending runs start now: as many commands as there are places, chores at once. They leave by a commit
// that says `queued`, and only then by a door; what can never start ends by a commit, too. A run that its decision
// has queued already, with a place (Change::has_place), leaves without another commit.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "dispatch/chores.h"
#include "dispatch/command.h"
#include "dispatch/fair_queue.h"
#include "dispatch/set_aside.h"
#include "dispatch/settings.h"
#include "domain/job.h"
#include "domain/run.h"
#include "store/store.h"

namespace cjv::dispatch {

// One thread, unless said otherwise: that of the loop.
class Starter {
public:
    // Where queued runs go, called within turn(). A command takes one of the places until free_place().
    struct Doors {
        std::function<void(Prepared)> command;
        std::function<void(Prepared)> soon;  // it takes no place yet, and may never come
        std::function<void(const Chore&)> chore;
    };
    // Everything given must outlive it.
    Starter(store::Store& store, const Clock& clock, Log& log, const Settings& settings,
            Doors doors);

    // A pending run that nothing holds back.
    void take(const Waiting& waiting);
    // A run that its decision will queue, if it comes to be.
    void expect(const store::Change& change);
    // What the feed tells; those that do not concern() it change nothing.
    void follow(const store::Change& change);
    static bool concerns(const store::Change& change);
    // Starts what may start, and ends what cannot. Returns when to call again, though nothing has happened; nothing:
    // there is no need.
    std::optional<std::chrono::milliseconds> turn();

    // Any thread, these four.
    void free_place() { store_.places().give_back(); }
    void start_nothing_more();         // from the next turn on
    bool has(const RunId& run) const;  // it was handed over, and the feed has not told its end
    std::int64_t waiting() const { return waiting_; }  // for a free place

private:
    // A pending run that ends without having left.
    struct Refusal {
        Waiting waiting;
        store::Ended end;
    };
    static Refusal deleted(const Waiting& waiting, Instant now);
    static Refusal undeliverable(const Waiting& waiting, Instant now, std::string why = {});

    std::string why_undeliverable(const domain::Run& run) const;
    bool refuse();
    void try_later(const Waiting& waiting);
    void take_back();
    void start_placed();
    std::vector<Waiting> due();
    void put_back(const std::vector<Waiting>& due);
    bool start_due();
    void hand_over(const Waiting& waiting, const std::string& overrides);
    void start_chore(const Waiting& waiting, const domain::Job& job);
    void start_command(const Waiting& waiting, const domain::Job& job,
                       const std::string& overrides);
    void give_back_place(const Waiting& waiting);
    std::optional<std::chrono::milliseconds> next_look(bool is_store_away) const;

    store::Store& store_;
    const Clock& clock_;
    Log& log_;
    const Settings& settings_;
    const Doors doors_;
    std::atomic<bool> is_stopping_ = false;
    std::atomic<std::int64_t> waiting_ = 0;

    mutable std::mutex mutex_;
    std::unordered_set<RunId> handed_;

    FairQueue queue_;
    std::vector<Waiting> chores_due_;
    std::vector<Refusal> refusals_;
    SetAside set_aside_;
    std::vector<RunId> newcomers_;  // to the queue, since the last turn
    std::vector<Waiting> placed_;   // queued by their decision
};

}  // namespace cjv::dispatch
