#pragma once
// The loop that decides what is due: it plans on the board, commits decisions to the store, and
// follows the commit feed. How a decided run leaves is dispatch's business, what a slot becomes
// domain/plan's.

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "beat/alarm.h"
#include "beat/due.h"
#include "domain/plan.h"
#include "store/store.h"

#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

namespace cjv::beat {

// Turns fail: nothing is decided meanwhile, and all of it stays due.
struct Failure {
    Instant since{};         // the first failed turn
    std::string error = {};  // of the newest
};

// How long the loop may stand still: short enough that /livez fails within ten seconds of a beat that does.
inline constexpr std::chrono::seconds kBeatLimit{5};

// What health says of the beat.
struct Report {
    std::optional<Failure> failure = {};  // nothing: the newest turn was good
    // The clock was set back: until it has caught up, no slot is decided that was decided already.
    std::optional<Instant> resumes_at = {};
    // How late the oldest slot was that the newest deciding turn served; zero when that was more
    // than a minute ago.
    std::chrono::microseconds lateness{};
};

class Beat {
public:
    // Reads the board: the store is open, and its writer has not started. What is there with the schedule
    // @reboot runs with the first good turn. Everything given must outlive the beat. Throws std::system_error when there are no descriptors left.
    Beat(store::Store& store, const Clock& clock, Log& log, Mark& mark);

    // Subscribe this to the store's feed, before its writer starts. Writer's thread.
    void on_commit(const store::Commit& commit);

    // Until `stop` is asked for. The beat's thread.
    void loop(const std::stop_token& stop);
    // One round: decides what is due, of at most 1,000 jobs and, after an outage, about a million slots. When to come again at the latest, or why
    // nothing could be decided: then all of it is still due. The beat's thread.
    Result<Instant> turn();

    // Any thread.
    Report report() const;

private:
    Result<Instant> try_turn(Instant now);
    void report_outcome(const Result<Instant>& outcome, Instant now);
    void watch_clock(Instant now);
    void follow_feed();
    void take_back();
    Result<void> decide(Instant now);
    Result<void> run_at_start();
    Instant prepare_next(Instant now);
    void stage(Instant next);
    Result<bool> decide_staged(Instant now);
    void report_lateness(std::chrono::microseconds lateness);

    store::Store& store_;
    const Clock& clock_;
    Log& log_;
    Mark& mark_;
    Alarm alarm_;
    Due due_;
    // Jobs whose decisions the store refused, and when to try again: until then they are not due, so that they
    // cost the others nothing.
    std::unordered_map<JobNumber, Steady> set_aside_;
    domain::Service service_;

    // Jobs whose run of this start (@reboot) is not recorded, and when the database may be asked again.
    std::vector<JobNumber> at_start_;
    Steady at_start_again_{};

    Instant counted_ = Instant::min();          // the jobs that are due then were counted
    std::chrono::microseconds stage_before_{};  // how long before it their decisions are staged
    Instant stage_tried_ = Instant::min();      // that was done, or could not be
    struct Staged {
        Instant at;     // when it is due
        Instant until;  // from then on more is due of these jobs than was staged
    };
    std::optional<Staged> staged_;
    Instant newest_{};     // the latest time that a decision or a good turn has seen
    Steady decided_at_{};  // when a turn last had something to decide

    mutable std::mutex mutex_;  // of what other threads read or write
    std::vector<JobNumber> changed_;
    Report report_;
};

}  // namespace cjv::beat
