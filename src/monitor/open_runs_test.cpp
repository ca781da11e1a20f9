#include "monitor/open_runs.h"

#include <doctest/doctest.h>

#include "domain/run_id.h"
#include "support/event.h"

namespace cjv::monitor {
namespace {

using namespace std::chrono_literals;
using domain::Status;
using support::kEventsBegin;
using Ids = std::vector<RunId>;

RunId run(std::uint32_t number) { return domain::asked_run_id(JobNumber{1}, kEventsBegin, number); }

TEST_CASE("a run is looked after soon at first, then ever more seldom") {
    OpenRuns open;
    open.put(run(1), Status::queued, kEventsBegin);
    std::vector<std::int64_t> seconds;
    for (auto after = 0s; after <= 200s; after += 1s)
        if (!open.due(kEventsBegin + after, 10).empty()) seconds.push_back(after.count());
    CHECK(seconds == std::vector<std::int64_t>{3, 6, 12, 24, 48, 96, 156});
}

TEST_CASE("one that runs is looked after at least each ten seconds") {
    OpenRuns open;
    open.put(run(1), Status::running, kEventsBegin);
    std::vector<std::int64_t> seconds;
    for (auto after = 0s; after <= 40s; after += 1s)
        if (!open.due(kEventsBegin + after, 10).empty()) seconds.push_back(after.count());
    CHECK(seconds == std::vector<std::int64_t>{3, 6, 12, 22, 32});
}

TEST_CASE("what has not been sent, or has ended, is not looked after") {
    OpenRuns open;
    open.put(run(1), Status::pending, kEventsBegin);
    open.put(run(2), Status::queued, kEventsBegin);
    open.put(run(2), Status::success, kEventsBegin);
    CHECK(open.size() == 0);
    CHECK_FALSE(open.next());
    CHECK(open.due(kEventsBegin + 1h, 10).empty());
}

TEST_CASE("a new status begins anew; the same one told again does not") {
    OpenRuns open;
    open.put(run(1), Status::queued, kEventsBegin);
    open.put(run(1), Status::queued, kEventsBegin + 2s);
    CHECK(open.next() == kEventsBegin + 3s);
    open.note_known(run(1), false);
    open.put(run(1), Status::running, kEventsBegin + 2s);
    CHECK(open.next() == kEventsBegin + 5s);
    CHECK(open.unknown(run(1)) == 0);
}

TEST_CASE("the longest overdue come first, and no more than asked for") {
    OpenRuns open;
    open.put(run(2), Status::queued, kEventsBegin + 1s);
    open.put(run(1), Status::queued, kEventsBegin);
    open.put(run(3), Status::queued, kEventsBegin + 2s);
    CHECK(open.due(kEventsBegin + 10s, 2) == Ids{run(1), run(2)});
    CHECK(open.due(kEventsBegin + 10s, 2) == Ids{run(3)});
}

TEST_CASE("a look may be brought forward, never put off") {
    OpenRuns open;
    open.put(run(1), Status::queued, kEventsBegin);
    open.look_at(run(1), kEventsBegin + 10s);
    CHECK(open.next() == kEventsBegin + 3s);
    open.look_at(run(1), kEventsBegin + 1s);
    CHECK(open.next() == kEventsBegin + 1s);
    open.look_at(run(2), kEventsBegin);
    CHECK(open.size() == 1);
}

TEST_CASE("a worker that knows the run again begins the count anew") {
    OpenRuns open;
    open.put(run(1), Status::running, kEventsBegin);
    open.note_known(run(1), false);
    open.note_known(run(1), false);
    CHECK(open.unknown(run(1)) == 2);
    open.note_known(run(1), true);
    CHECK(open.unknown(run(1)) == 0);
}

}  // namespace
}  // namespace cjv::monitor
