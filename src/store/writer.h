#pragma once
// The one thread that writes. Work comes in three classes: decisions first, promises at once and each under a
// savepoint of its own, observations together a little later; chores (clean-up) when nothing else waits. What
// work does is its callers' business.

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/progress.h"
#include "store/burst.h"
#include "store/draft.h"
#include "store/newest.h"
#include "store/observation_line.h"
#include "store/stage.h"

namespace cjv::store {

enum class Order : std::uint8_t { decision, promise, chore };

class Writer {
public:
    using Work = std::function<Result<void>(Transaction&)>;

    // All have to outlive the writer.
    struct Parts {
        Memory& memory;
        Feed& feed;
        const domain::InstallationKey& key;
        const Encode& encode;
        const Clock& clock;
        Log& log;
    };
    Writer(Database db, const Parts& parts) : db_(std::move(db)), parts_(parts) {}
    ~Writer();  // stops the thread; without one, observations that wait are gone

    void start(Progress& progress);
    void stop();  // writes what waits, and joins

    // Does `work` in a transaction and returns when that is on disk and the feed has told of it; else what is
    // wrong, and nothing of it has happened. `work` may not be called more than once.
    Result<void> commit(Order order, const Work& work);
    // Does `work`, as of the time `at`, in a transaction that stays open until commit_staged() makes it true; after
    // the first of it more can be added. Whatever else is to be written takes all of it back, and so does the
    // passing of `until`; only observations and chores wait so long. False: it is taken back.
    bool stage(bool is_first, const Work& work, Instant at, Steady until);
    // There is no more to add: the feed is told, and it is put on the disk already, so that the commit is short.
    void finish_stage();
    // Returns as commit() does. False: it was taken back, and nothing of it has happened.
    Result<bool> commit_staged();
    void observe(Observation observation);
    std::uint64_t waiting_output_bytes() const { return waiting_output_; }

    // One round, where there is no thread: observations for five milliseconds. (Those who call commit() then
    // serve themselves.) True when it did something.
    bool turn();

    std::chrono::microseconds last_commit_time() const {
        return std::chrono::microseconds{last_commit_us_};
    }
    // Why nothing can be written until a restart; empty: all is well.
    std::string trouble() const;
    // Nothing is written from now on. Any thread; the first reason counts.
    void stop_writing(Damage damage);

private:
    struct Waiting {
        const Work* work;
        Result<void> outcome = {};
        bool done = false;
    };
    using Line = std::vector<Waiting*>;
    // Of the decisions that come before their time.
    struct Staging {
        enum class What : std::uint8_t { add, finish, commit } what = What::commit;
        const Work* work = nullptr;  // to add
        bool is_first = false;
        Instant at{};
        Steady until{};
        Result<bool> outcome = {};
        bool done = false;
    };

    Line& line_of(Order order);
    void loop();
    bool is_stopping() const;
    bool wait_for_work();
    std::optional<Steady> observations_due() const;
    bool observations_wait() const;

    bool serve_waiting();
    bool serve_chore();
    bool serve(const Line& line, bool has_decisions = false);
    Result<bool> ask(Staging staging);
    void serve_staging();
    Result<bool> carry_out(const Staging& staging);
    Result<bool> add_to_stage(const Staging& staging);
    Result<bool> finish_staging();
    Result<bool> commit_stage();
    void take_back_stage();
    Result<void> write(const Line& line, Draft& draft);
    Result<void> do_one(const Work& work, Draft& below);

    bool serve_observations();
    void take_observations();
    Result<std::size_t> write_observations(std::size_t most, Draft& draft);
    Result<void> settle(Transaction& tx);
    void drop_observations(std::size_t count);
    bool split_oldest();
    void give_up_oldest(const Error& error);
    void bear_failure(const Error& error);

    Result<void> finish(Scope& scope, Draft& draft);
    void tell(Draft& draft);
    void look_for_damage();
    void checkpoint_when_long();
    bool anyone_waits() const;

    Database db_;
    Parts parts_;
    std::uint64_t sequence_ = 0;  // of commits

    mutable std::mutex mutex_;  // guards what follows, down to the blank line
    std::condition_variable work_;
    std::condition_variable done_;
    Line decisions_, promises_, chores_;
    Staging* staging_ = nullptr;          // the beat alone stages, and waits for each
    std::optional<Steady> staged_until_;  // something is staged
    std::vector<Observation> observed_;
    Newest newest_;
    bool is_newest_full_ = false;           // and the log has said so
    std::optional<Steady> observed_since_;  // when the oldest of both came
    Burst burst_;                           // observations and checkpoints wait for its end
    bool has_thread_ = false;
    bool stopping_ = false;
    std::string trouble_;

    std::optional<Stage> stage_;  // of the writer alone
    ObservationLine taken_;       // of the writer alone: what it has not written yet
    std::size_t one_by_one_ =
        0;  // of the oldest: one of them failed with the others, find out which
    std::optional<Steady> retry_at_;
    std::optional<Steady> settle_again_at_;  // the table of task ids refused some
    struct Refused {
        Observation essence;
        Steady again_at{};
    };
    std::vector<Refused> refused_;  // of the writer alone

    std::atomic<std::uint64_t> waiting_output_{0};
    std::atomic<std::int64_t> last_commit_us_{0};
    std::thread thread_;
    Mark* mark_ = nullptr;
};

}  // namespace cjv::store
