#include "store/logs.h"

#include <doctest/doctest.h>

#include <set>

#include "support/store.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;
using domain::EntryPtr;
using domain::Overlap;
using domain::Run;
using domain::Status;
using support::a_job;
using support::at;
using support::must;
using support::StoreWorld;

// "02:00 success", "03:00 skipped x2" …
std::string line_text(const LogLine& line) {
    const Instant at = line.run ? line.run->at : line.skip->first;
    const auto status = to_text(line.run ? line.run->status : line.skip->status);
    return to_iso8601(at).substr(11, 5) + " " + std::string(status) +
           (line.skip ? " x" + std::to_string(line.skip->count) : "");
}
using Lines = std::vector<std::string>;

// 02:00 success, 03:00 running, 04:00 and 05:00 skipped; another job failed at 02:30.
struct World : StoreWorld {
    EntryPtr job = create(a_job().name("one").every("1 hour").overlap(Overlap::skip));
    EntryPtr other = create(a_job().name("two").cron("30 2 * * *"));

    World() {
        clock.set(at("02:00"));
        decide(job);
        clock.pass(10s);
        finish(run_of(job, at("02:00")).id);
        clock.set(at("02:30"));
        decide(other);
        clock.pass(5s);
        finish(run_of(other, at("02:30")).id, Status::failed);
        clock.set(at("03:00"));
        decide(job);
        const RunId running = run_of(job, at("03:00")).id;
        must(store->commit_queued({&running, 1}));
        store->observe_started({.run = running, .at = clock.now(), .worker = "w2"});
        turn();
        clock.set(at("05:00"));
        decide(job);
    }

    Lines lines(const LogFilter& filter, LogOrder order = LogOrder::newest) {
        const auto page = must(store->logs(filter, order, 0, 100));
        CHECK(page.count == std::ssize(page.lines));
        CHECK(page.count_is_exact);
        return texts(page);
    }
    static Lines texts(const LogPage& page) {
        Lines lines;
        for (const LogLine& line : page.lines) lines.push_back(line_text(line));
        return lines;
    }
};

TEST_CASE("all logs are runs and ranges by time") {
    World world;
    CHECK(world.lines({}) ==
          Lines{"04:00 skipped x2", "03:00 running", "02:30 failed", "02:00 success"});
    CHECK(world.lines({}, LogOrder::oldest) ==
          Lines{"02:00 success", "02:30 failed", "03:00 running", "04:00 skipped x2"});
}

TEST_CASE("logs of a job hold its open runs, too") {
    World world;
    CHECK(world.lines({.job = world.job->number}) ==
          Lines{"04:00 skipped x2", "03:00 running", "02:00 success"});
    CHECK(world.lines({.jobs = {world.other->number, JobNumber{99}}}) == Lines{"02:30 failed"});
    CHECK(world.lines({.job = JobNumber{99}}).empty());
}

TEST_CASE("what did not go well is one filter") {
    World world;
    CHECK(world.lines({.statuses = {Status::missed, Status::skipped, Status::failed}}) ==
          Lines{"04:00 skipped x2", "02:30 failed"});
}

TEST_CASE("a time filter takes its beginning and leaves its end") {
    World world;
    CHECK(world.lines({.from = at("02:30"), .until = at("04:00")}) ==
          Lines{"03:00 running", "02:30 failed"});
    CHECK(world.lines({.from = at("02:30") + 1us, .until = at("04:00") + 1us}) ==
          Lines{"04:00 skipped x2", "03:00 running"});
}

TEST_CASE("filters by trigger, worker and id leave ranges out, unless the id is one") {
    World world;
    CHECK(world.lines({.triggers = {domain::Trigger::schedule}}).size() == 3);
    CHECK(world.lines({.workers = {"w1", "w2"}}) == Lines{"03:00 running"});
    const Run run = world.run_of(world.job, at("02:00"));
    CHECK(world.lines({.run = run.id}) == Lines{"02:00 success"});
    const RunId range = must(world.store->logs({}, LogOrder::newest, 0, 1)).lines.at(0).skip->id;
    CHECK(world.lines({.run = range}) == Lines{"04:00 skipped x2"});
}

TEST_CASE("sorted by duration what has none comes last, either way") {
    World world;
    const auto shortest = world.lines({}, LogOrder::duration),
               longest = world.lines({}, LogOrder::duration_down);
    CHECK(shortest[0] == "02:00 success");
    CHECK(std::set{shortest[2], shortest[3]} == std::set{longest[2], longest[3]});
    CHECK(world.lines({}, LogOrder::started)[0] == "02:00 success");
    CHECK(world.lines({}, LogOrder::started_down)[0] == "03:00 running");
}

TEST_CASE("a page is a part of the whole list") {
    World world;
    const auto page = must(world.store->logs({}, LogOrder::newest, 1, 2));
    CHECK(page.count == 4);
    CHECK(World::texts(page) == Lines{"03:00 running", "02:30 failed"});
    CHECK(must(world.store->logs({}, LogOrder::newest, 10, 2)).lines.empty());
}

TEST_CASE("by cursor each line comes once, while new ones arrive") {
    World world;
    Lines seen;
    std::optional<RunId> after;
    do {
        const auto page = must(world.store->logs_after({}, after, 1));
        for (const auto& line : World::texts(page)) seen.push_back(line);
        after = page.next;
        world.clock.pass(1h);
        world.ask(world.other, true);
    } while (after);
    CHECK(seen == Lines{"04:00 skipped x2", "03:00 running", "02:30 failed", "02:00 success"});
}

TEST_CASE("the newest runs of a job leave its ranges out") {
    World world;
    const auto runs = must(world.store->newest_runs(world.job->number, 50));
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].slot == at("03:00"));
    CHECK(runs[1].slot == at("02:00"));
    CHECK(must(world.store->newest_runs(world.job->number, 1)).size() == 1);
}

TEST_CASE("by cursor a long list is counted by estimate, and says so") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 second").overlap(Overlap::allow));
    world.clock.pass(12'000s);
    world.decide(job);

    const auto page = must(world.store->logs_after({.job = job->number}, {}, 10));

    CHECK_FALSE(page.count_is_exact);
    CHECK(page.count > 11'900);
    CHECK(page.count < 12'100);
    CHECK(must(world.store->logs({.job = job->number}, LogOrder::newest, 0, 10)).count == 12'000);
}

}  // namespace
}  // namespace cjv::store
