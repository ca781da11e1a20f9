#pragma once
// What should be true of a world, kept beside it from what it tells and from what was done to it:
// I-01, I-02, I-07, I-10, I-12, I-14, I-15 and I-29 of docs/design/guarantees.md.

#include "base/clock.h"
#include "domain/board.h"
#include "domain/job.h"
#include "keeper.h"
#include "oracle.h"
#include "store/feed.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cjv::sim {

// What a job is, as far as its slots go.
struct Terms {
    Spec spec;
    bool is_active = true;
    domain::Misfire misfire = domain::Misfire::latest;
    std::int64_t misfire_limit = 1;
    std::int64_t misfire_window = 0;
    domain::Overlap overlap = domain::Overlap::skip;
};

class Ledger {
public:
    explicit Ledger(Keeper& keeper) : keeper_(keeper) {}

    // From `at` on a job is so; what it was before goes on until then.
    void job_is(JobNumber job, const Terms& terms, std::int64_t version, Instant at);
    void job_is_gone(JobNumber job, Instant at);
    bool knows(JobNumber job) const { return jobs_.contains(job.value); }
    std::int64_t version(JobNumber job) const { return jobs_.at(job.value).version; }
    // From now on this job's slots may wait, and be missed then; nothing: no job's, but those that wait.
    void poisoned(JobNumber job);
    // From now on a person who asks for a run says "all the same", or does not.
    void force(bool is_forced) { is_forced_ = is_forced; }

    // A server starts: its commits are numbered from 1.
    void server_starts() { sequence_ = 0; }
    // What is there with the schedule @reboot has one run in this start, by the first good turn.
    void starts_jobs();
    void turned_well();
    // `may_miss`: nobody could serve for a while, so that slots may be missed or caught up.
    void commit(const store::Commit& commit, Instant now, bool may_miss);
    void look_at(const domain::Board& board);
    // Every slot up to `now` has its decision, and exactly one.
    void balance(Instant now);

    void violated(const std::string& invariant, const std::string& how);
    const std::vector<std::string>& violations() const { return violations_; }

    // A number that two equal histories share.
    void mix(std::int64_t number);
    std::uint64_t trace() const { return trace_; }
    // How often what happened: "catch_up", "missed server_down", "waits", …
    const std::map<std::string, std::int64_t>& seen() const { return seen_; }
    void saw(const std::string& what) { ++seen_[what]; }

private:
    struct Span {
        Spec spec;
        std::int64_t after, until;
    };
    struct Account {
        Terms terms;
        std::int64_t version = 0;
        std::int64_t bound = 0;  // every slot up to it belongs to what the job was
        std::vector<Span> spans;
        bool is_gone = false;
        std::int64_t decided_until = INT64_MIN, cursor = INT64_MIN, cursor_version = 0;
    };
    struct OpenRun {
        JobNumber job;
        domain::Status status = domain::Status::pending;
        bool is_free = false;  // decided under `allow`, or all the same: others do not matter to it
        bool is_catch_up = false;
        std::int64_t slot = 0;
    };

    // A job that runs whenever a server starts, in this start.
    struct AtStart {
        int runs = 0;
        bool is_edited = false;  // since: then it may, and need not
    };

    void close_span(JobNumber job, Account& account, Instant at);
    void follow_start(const store::Change& change, const std::string& name);
    void follow_run(const store::Change& change, Instant now);
    void check_start(const store::Change& change, const OpenRun& run);
    void check_catch_up(const store::Commit& commit, Instant now, bool may_miss);
    void look_outside(const Span& span);
    void balance_job(std::int64_t job, Account& account);

    Keeper& keeper_;
    std::map<std::int64_t, Account> jobs_;
    std::map<RunId, OpenRun> open_;
    std::map<RunId, domain::Status> ended_;
    std::map<std::int64_t, AtStart> at_start_;
    JobNumber poisoned_;
    std::set<JobNumber> excused_;  // the poisoned one, and those that were and still wait
    bool is_forced_ = false;
    std::uint64_t sequence_ = 0;
    std::vector<std::string> violations_;
    std::uint64_t trace_ = 14'695'981'039'346'656'037U;
    std::map<std::string, std::int64_t> seen_;
};

}  // namespace cjv::sim
