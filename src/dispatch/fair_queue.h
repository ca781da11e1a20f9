#pragma once
// Runs that wait for a place. Fair between jobs: they take turns, whatever the length of their lines, so
// that a burst of one does not hold up the others. Within a job first come, first served.

#include "base/clock.h"
#include "base/id.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

namespace cjv::dispatch {

struct Waiting {
    RunId run;
    JobNumber job;
    std::optional<Instant> slot = {};
    bool has_place = false;
};

class FairQueue {
public:
    bool push(const Waiting& waiting);  // false: the run is in already
    void remove(const RunId& run);
    std::optional<Waiting> pop();

    bool contains(const RunId& run) const { return jobs_.contains(run); }
    std::size_t size() const { return jobs_.size(); }

private:
    std::deque<JobNumber> turns_;  // each job with a line, once; the front one is next
    std::unordered_map<JobNumber, std::deque<Waiting>> lines_;
    std::unordered_map<RunId, JobNumber> jobs_;  // whose line each is in
};

}  // namespace cjv::dispatch
