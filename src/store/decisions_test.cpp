#include "store/decisions.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "domain/run_id.h"
#include "support/store.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;
using domain::EntryPtr;
using domain::Misfire;
using domain::Outage;
using domain::Overlap;
using domain::Reason;
using domain::Status;
using support::a_job;
using support::at;
using support::must;
using support::StoreWorld;

std::vector<domain::Skip> ranges(StoreWorld& world, const EntryPtr& job) {
    std::vector<domain::Skip> ranges;
    for (const LogLine& line :
         must(world.store->logs({.job = job->number}, LogOrder::oldest, 0, 100)).lines)
        if (line.skip) ranges.push_back(*line.skip);
    return ranges;
}

TEST_CASE("a slot that comes while a run goes on is skipped, and the job's next one is not") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 hour").overlap(Overlap::skip));
    world.clock.set(at("02:00"));
    world.decide(job);
    world.clock.set(at("03:00"));
    world.decide(job);
    world.finish(world.run_of(job, at("02:00")).id);
    world.clock.set(at("04:00"));

    world.decide(job);

    REQUIRE(ranges(world, job).size() == 1);
    CHECK(ranges(world, job)[0].first == at("03:00"));
    CHECK(ranges(world, job)[0].status == Status::skipped);
    CHECK(ranges(world, job)[0].reason == Reason::overlap);
    CHECK(world.run_of(job, at("04:00")).status == Status::pending);
}

TEST_CASE(
    "a command that is decided while a place is free takes it, and is queued by its decision") {
    StoreWorld world;
    world.store->places().open(1);
    const auto first = world.create(a_job().name("first").every("1 hour"));
    const auto second = world.create(a_job().name("second").every("1 hour"));
    world.clock.set(at("02:00"));
    world.changes.clear();
    world.decide(first);
    world.decide(second);

    const auto run = world.run_of(first, at("02:00"));
    CHECK(run.status == Status::queued);
    CHECK(run.queued_at == at("02:00"));
    CHECK(world.entry(first)->open_count == 1);
    REQUIRE(world.changes.size() >= 2);
    CHECK(world.changes[0].after == Status::pending);
    CHECK_FALSE(world.changes[0].has_place);
    CHECK(world.changes[1].before == Status::pending);
    CHECK(world.changes[1].after == Status::queued);
    CHECK(world.changes[1].has_place);
    CHECK(world.run_of(second, at("02:00")).status == Status::pending);
    CHECK(must(world.store->commit_queued({&run.id, 1})).runs.empty());
}

TEST_CASE("a run that waits for another takes no place, nor does one that is no command") {
    StoreWorld world;
    world.store->places().open(2);
    const auto waits = world.create(a_job().every("1 hour").overlap(Overlap::queue_one));
    domain::Job of_celery = a_job().name("task").every("1 hour").job();
    of_celery.kind = domain::Kind::celery;
    const auto task = must(world.store->create_job(of_celery, {}));
    world.clock.set(at("02:00"));
    world.decide(waits);
    world.decide(task);
    world.clock.set(at("03:00"));
    world.decide(waits);

    CHECK(world.run_of(waits, at("02:00")).status == Status::queued);
    CHECK(world.run_of(waits, at("03:00")).status == Status::pending);
    CHECK(world.run_of(task, at("02:00")).status == Status::pending);
    CHECK(world.store->places().take());
    CHECK_FALSE(world.store->places().take());
}

TEST_CASE("the place of a decision that did not come to be is free again") {
    StoreWorld world;
    world.store->places().open(1);
    const auto job = world.create(a_job().every("1 hour"));
    world.clock.set(at("02:00"));
    world.poison(job);
    world.decide(job);
    CHECK(world.store->places().take());
    world.store->places().give_back();

    world.cure();
    world.decide(job);
    CHECK(world.run_of(job, at("02:00")).status == Status::queued);
    CHECK_FALSE(world.store->places().take());
}

TEST_CASE(
    "of many runs of one job that are decided together one takes a place, and none is caught up in "
    "it") {
    StoreWorld world;
    world.store->places().open(10);
    const auto job = world.create(a_job().every("1 minute").overlap(Overlap::allow));
    world.clock.set(at("01:03"));
    world.decide(job);
    CHECK(world.run_of(job, at("01:01")).status == Status::queued);
    CHECK(world.run_of(job, at("01:02")).status == Status::pending);
    CHECK(world.run_of(job, at("01:03")).status == Status::pending);

    const auto late = world.create(
        a_job().name("late").every("1 hour").misfire(Misfire::latest).overlap(Overlap::allow));
    world.clock.set(at("02:30"));
    world.decide(late, {.until = at("02:30")});
    CHECK(world.run_of(late, at("02:00")).trigger == domain::Trigger::catch_up);
    CHECK(world.run_of(late, at("02:00")).status == Status::pending);
}

TEST_CASE("an edit or a removal that decides due slots first takes no place for them") {
    StoreWorld world;
    world.store->places().open(1);
    const auto job = world.create(a_job().every("1 hour"));
    world.store->set_service({.last_turn = at("02:00")});
    world.clock.set(at("02:00"));
    must(world.store->update_job(job->number, 0, a_job().every("2 hours").job(), {}));
    CHECK(world.run_of(job, at("02:00")).status == Status::pending);
    CHECK(world.store->places().take());
}

TEST_CASE("what is decided takes no place before those that wait, nor once nothing is to start") {
    StoreWorld world;
    world.store->places().open(2);
    const auto job = world.create(a_job().every("1 hour").overlap(Overlap::allow));
    world.store->places().keep_for_others(true);
    world.clock.set(at("02:00"));
    world.decide(job);
    CHECK(world.run_of(job, at("02:00")).status == Status::pending);
    world.store->places().keep_for_others(false);
    world.store->places().close();
    world.clock.set(at("03:00"));
    world.decide(job);
    CHECK(world.run_of(job, at("03:00")).status == Status::pending);
}

TEST_CASE("under queue_one one run waits and what comes then finds the buffer full") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 hour").overlap(Overlap::queue_one));
    for (const auto* hour : {"02:00", "03:00", "04:00"}) {
        world.clock.set(at(hour));
        world.decide(job);
    }

    CHECK(world.run_of(job, at("02:00")).reason == Reason::none);
    CHECK(world.run_of(job, at("03:00")).reason == Reason::waiting_overlap);
    CHECK(ranges(world, job).at(0).reason == Reason::buffer_full);
    CHECK(world.entry(job)->waiting_count == 1);

    world.finish(world.run_of(job, at("02:00")).id);

    CHECK(world.run_of(job, at("03:00")).reason == Reason::none);
    CHECK(world.entry(job)->waiting_count == 0);
}

TEST_CASE("catch-up runs follow one another, oldest first") {
    StoreWorld world;
    const auto job =
        world.create(a_job().every("1 hour").misfire(Misfire::all).overlap(Overlap::skip));
    world.clock.set(at("04:30"));
    world.decide(job, Outage{.until = at("04:30"), .reason = Reason::server_down});
    CHECK(world.entry(job)->waiting_count == 2);

    world.finish(world.run_of(job, at("02:00")).id);

    CHECK(world.run_of(job, at("03:00")).reason == Reason::none);
    CHECK(world.run_of(job, at("04:00")).reason == Reason::waiting_overlap);
}

TEST_CASE("slots that an outage swallowed are missed, and say why") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 hour").misfire(Misfire::none));
    world.clock.set(at("05:30"));

    world.decide(job, Outage{.until = at("05:30"), .reason = Reason::stalled});

    REQUIRE(ranges(world, job).size() == 1);
    CHECK(ranges(world, job)[0].first == at("02:00"));
    CHECK(ranges(world, job)[0].last == at("05:00"));
    CHECK(ranges(world, job)[0].count == 4);
    CHECK(ranges(world, job)[0].status == Status::missed);
    CHECK(ranges(world, job)[0].reason == Reason::stalled);
}

TEST_CASE("a job that is skipped every second is one row") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 second").overlap(Overlap::skip));
    for (int i = 0; i < 600; ++i) {
        world.clock.pass(1s);
        world.decide(job);
    }

    REQUIRE(ranges(world, job).size() == 1);
    CHECK(ranges(world, job)[0].count == 599);
    CHECK(ranges(world, job)[0].last == world.clock.now());
}

TEST_CASE("a range ends with the UTC day") {
    StoreWorld world(at("23:59:57"));
    const auto job = world.create(a_job().every("1 second").overlap(Overlap::skip));
    for (int i = 0; i < 6; ++i) {
        world.clock.pass(1s);
        world.decide(job);
    }

    REQUIRE(ranges(world, job).size() == 2);
    CHECK(ranges(world, job)[0].last == at("23:59:59"));
    CHECK(ranges(world, job)[1].count == 4);
}

TEST_CASE("a range ends where a slot ran") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 second").overlap(Overlap::skip));
    const auto pass = [&](int seconds) {
        for (int i = 0; i < seconds; ++i) {
            world.clock.pass(1s);
            world.decide(job);
        }
    };
    pass(3);
    world.finish(must(world.store->open_runs()).at(0).id);
    pass(3);

    REQUIRE(ranges(world, job).size() == 2);
    CHECK(ranges(world, job)[0].count == 2);
    CHECK(ranges(world, job)[1].count == 2);
}

TEST_CASE("a decision about a job that was edited since is left out") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 hour"));
    world.clock.set(at("02:00"));
    const domain::Decision decision = domain::plan(*job, {}, world.clock.now());
    domain::Job other = *job->job;
    other.description = "edited";
    must(world.store->update_job(job->number, 1, other, {}));  // decides 02:00 itself
    world.changes.clear();

    must(world.store->commit({&decision, 1}));

    CHECK(world.changes.empty());
    CHECK(world.entry(job)->total_run_count == 1);
}

TEST_CASE("a decision that the database refuses spares its neighbours, and its job says so") {
    StoreWorld world;
    const auto one = world.create(a_job().name("one").every("1 hour"));
    const auto bad = world.create(a_job().name("bad").every("1 hour"));
    const auto two = world.create(a_job().name("two").every("1 hour"));
    world.poison(bad);
    world.clock.set(at("02:00"));
    std::vector<domain::Decision> decisions;
    for (const auto& job : {one, bad, two})
        decisions.push_back(domain::plan(*job, {}, world.clock.now()));
    world.changes.clear();

    must(world.store->commit(decisions));

    CHECK(world.run_of(one, at("02:00")).status == Status::pending);
    CHECK(world.run_of(two, at("02:00")).status == Status::pending);
    CHECK(must(world.store->open_runs()).size() == 2);
    CHECK(world.entry(bad)->next_slot == at("02:00"));
    CHECK(world.entry(bad)->trouble == domain::Trouble::slots_refused);
    CHECK(world.store->board().counts().in_trouble == 1);
    CHECK(std::ranges::count(world.changes, bad->number, &Change::job) == 1);  // the feed tells
    REQUIRE(world.log_lines.size() == 1);
    CHECK(world.log_lines[0].find("store.decision_refused") != std::string::npos);
    CHECK(world.log_lines[0].find("\"job\":\"bad\"") != std::string::npos);
    CHECK(world.log_lines[0].find("poisoned") != std::string::npos);
}

TEST_CASE("what passed while decisions were refused is a misfire, and the trouble is over then") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 hour").misfire(Misfire::latest));
    world.poison(job);
    for (const auto* hour : {"02:00", "03:00", "04:30"}) {
        world.clock.set(at(hour));
        world.decide(job);
    }
    CHECK(must(world.store->logs({.job = job->number}, LogOrder::newest, 0, 9)).lines.empty());
    CHECK(world.log_lines.size() == 1);  // told once, not at each try

    world.cure();
    world.decide(job);

    CHECK(world.run_of(job, at("04:00")).trigger == domain::Trigger::catch_up);
    CHECK(ranges(world, job).at(0).count == 2);
    CHECK(ranges(world, job).at(0).reason == Reason::stalled);
    CHECK(world.entry(job)->trouble == domain::Trouble::none);
    CHECK(world.store->board().counts().in_trouble == 0);
}

TEST_CASE("a job whose decisions are refused can be deactivated: what was due is missed") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 hour").misfire(Misfire::all));
    world.poison(job);
    world.clock.set(at("02:00"));
    world.decide(job);
    world.clock.set(at("04:00"));

    const auto edited =
        must(world.store->update_job(job->number, 0, a_job().every("1 hour").inactive().job(), {}));

    CHECK_FALSE(edited->next_slot);
    CHECK(edited->trouble == domain::Trouble::none);
    REQUIRE(ranges(world, job).size() == 1);
    CHECK(ranges(world, job)[0].first == at("02:00"));
    CHECK(ranges(world, job)[0].last == at("04:00"));
    CHECK(ranges(world, job)[0].status == Status::missed);
    must(world.store->delete_job(job->number, 0, {}));
}

TEST_CASE("a run that the database will not change spares those that start and end with it") {
    StoreWorld world;
    const auto job = world.create(a_job().overlap(Overlap::allow));
    const std::vector<RunId> runs = {world.ask(job).id, world.ask(job).id, world.ask(job).id};
    support::refuse_changes_of(runs[1], world.path);

    const Queued queued = must(world.store->commit_queued(runs));
    CHECK(queued.runs == std::vector<QueuedRun>{{runs[0]}, {runs[2]}});
    CHECK(queued.refused == std::vector{runs[1]});

    std::vector<Ended> ends;
    ends.reserve(runs.size());
    for (const RunId& run : runs)
        ends.push_back({.run = run,
                        .at = world.clock.now(),
                        .status = Status::lost,
                        .reason = Reason::server_crashed});
    CHECK(must(world.store->commit_ended(ends)) == std::vector{runs[1]});

    CHECK(must(world.store->find_run(runs[0]))->status == Status::lost);
    CHECK(must(world.store->find_run(runs[1]))->status == Status::pending);
    CHECK(must(world.store->find_run(runs[2]))->status == Status::lost);
    CHECK(world.entry(job)->open_count == 1);
    REQUIRE(world.log_lines.size() == 2);
    CHECK(world.log_lines[0].find(to_text(runs[1])) != std::string::npos);
}

TEST_CASE("of ends those of runs that have ended are left out, without a word on the run") {
    StoreWorld world;
    const domain::Run run = world.ask(world.create(a_job()));
    must(world.store->ask_cancel(run.id, false, {}));
    const std::string notes = world.find(run).notes;

    const Ended end{.run = run.id,
                    .at = world.clock.now(),
                    .status = Status::missed,
                    .reason = Reason::expired};
    CHECK(must(world.store->commit_ended({&end, 1})).empty());

    CHECK(world.find(run).status == Status::cancelled);
    CHECK(world.find(run).notes == notes);
}

TEST_CASE("decisions are kept all or none, whichever statement fails") {
    for (int statement = 1;; ++statement) {
        StoreWorld world;
        const auto one = world.create(a_job().name("one").every("1 hour"));
        const auto two = world.create(a_job().name("two").every("1 hour"));
        world.clock.set(at("02:00"));
        const std::vector<domain::Decision> decisions = {domain::plan(*one, {}, world.clock.now()),
                                                         domain::plan(*two, {}, world.clock.now())};
        world.changes.clear();
        world.break_at(statement);

        const bool kept = world.store->commit(decisions).has_value();

        world.mend();
        if (kept) {
            CHECK(statement > 7);  // begin, two savepoints, and two for each job came before
            CHECK(world.entry(two)->next_slot == at("03:00"));
            break;
        }
        CHECK(world.changes.empty());
        CHECK(world.entry(one)->next_slot == at("02:00"));
        CHECK(must(world.store->open_runs()).empty());
        must(world.store->commit(decisions));
        CHECK(must(world.store->open_runs()).size() == 2);
    }
}

}  // namespace
}  // namespace cjv::store
