#include "store/jobs.h"

#include <doctest/doctest.h>

#include "domain/job_json.h"
#include "support/store.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;
using domain::Job;
using domain::Overlap;
using domain::Reason;
using domain::Run;
using domain::Status;
using support::a_job;
using support::at;
using support::must;
using support::StoreWorld;

TEST_CASE("a job comes back from disk as it went in") {
    StoreWorld world;
    Job job = a_job().cron("5 4 * * *").job();
    job.description = "with \"quotes\" and ü";
    job.tags = {"nightly", "a,b"};
    job.custom_fields = R"({"team":"data"})";
    job.timeout = 90;
    job.priority = -3;
    job.clock = {.gap = schedule::Gap::skip, .fold = schedule::Fold::second};
    job.window = {at("02:00"), at("02:00") + 48h};
    const auto made = must(world.store->create_job(job, {}));

    const auto again = world.reloaded()->board().find(made->number);

    REQUIRE(again);
    CHECK(again->job->id == made->job->id);
    CHECK(again->job->description == job.description);
    CHECK(again->job->tags == job.tags);
    CHECK(again->job->custom_fields == job.custom_fields);
    CHECK(again->job->timeout == job.timeout);
    CHECK(again->job->priority == job.priority);
    CHECK(again->job->clock == job.clock);
    CHECK(again->job->window == job.window);
    CHECK(again->job->created_at == world.clock.now());
    CHECK(again->next_slot == at("04:05"));
    CHECK(again->job->schedule.next_after(at("04:05")) == at("04:05") + 24h);
    CHECK_FALSE(again->job->schedule.next_after(at("04:05") + 24h));
}

TEST_CASE("a job without a window is stored as one") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 hour"));
    CHECK(world.reloaded()->board().find(job->number)->job->window == schedule::Window{});
}

TEST_CASE("an edit of the window alone moves the next slot, and what is due is decided before it") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 hour"));
    world.clock.set(at("02:00") + 1s);

    const auto hourly = [](Instant start, Instant end) {
        return a_job().window(start, end).every("1 hour").job();
    };
    const auto edited =
        must(world.store->update_job(job->number, 1, hourly(at("06:30"), at("08:00")), {}));
    CHECK(world.run_of(job, at("02:00")).status == Status::pending);
    CHECK(edited->job->version == 2);
    CHECK(edited->next_slot == at("07:00"));

    const auto over = hourly(Instant::min(), at("02:00"));
    CHECK_FALSE(must(world.store->update_job(job->number, 2, over, {}))->next_slot);
    const auto open = hourly(Instant::min(), Instant::max());
    CHECK(must(world.store->update_job(job->number, 3, open, {}))->next_slot == at("03:00"));
}

TEST_CASE("a name is taken while its job is there, and free again afterwards") {
    StoreWorld world;
    const auto job = world.create(a_job().name("report"));
    const auto taken = world.store->create_job(a_job().name("report").job(), {});
    REQUIRE_FALSE(taken);
    CHECK(taken.error().fields.at(0).message == "A job with this name already exists.");

    must(world.store->delete_job(job->number, 0, {}));
    CHECK(world.store->create_job(a_job().name("report").job(), {}));
}

TEST_CASE("an edit decides the slots that are due already, by the old definition") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 hour"));
    world.clock.set(at("02:00") + 1s);

    const auto edited =
        must(world.store->update_job(job->number, 1, a_job().cron("30 * * * *").job(), {}));

    CHECK(world.run_of(job, at("02:00")).status == Status::pending);
    CHECK(edited->job->version == 2);
    CHECK(edited->next_slot == at("02:30"));
    CHECK(edited->job->created_at == job->job->created_at);
}

TEST_CASE("an edit treats slots that an outage swallowed as the beat would") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 hour").misfire(domain::Misfire::none));
    world.clock.set(at("02:30"));
    world.store->set_service({{.until = at("02:30"), .reason = Reason::server_down}, at("02:30")});

    must(world.store->update_job(job->number, 0, a_job().inactive().job(), {}));

    const auto logs = must(world.store->logs({.job = job->number}, LogOrder::newest, 0, 10));
    REQUIRE(logs.lines.size() == 1);
    CHECK(logs.lines[0].skip->reason == Reason::server_down);
}

TEST_CASE("an edit right after a long sleep knows of it before the beat does") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 minute").misfire(domain::Misfire::latest));
    world.store->set_service({.outage = {}, .last_turn = at("01:00")});
    world.clock.set(at("02:00") + 30s);

    must(world.store->update_job(job->number, 0, a_job().inactive().job(), {}));

    const auto logs = must(world.store->logs({.job = job->number}, LogOrder::oldest, 0, 10));
    REQUIRE(logs.lines.size() == 2);
    CHECK(logs.lines[0].skip->count == 59);
    CHECK(logs.lines[0].skip->reason == Reason::stalled);
    CHECK(logs.lines[1].run->trigger == domain::Trigger::catch_up);
    CHECK(logs.lines[1].run->slot == at("02:00"));
}

TEST_CASE("a job that is switched off has no next slot, and on again only those to come") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 hour"));
    CHECK_FALSE(
        must(world.store->update_job(job->number, 0, a_job().inactive().job(), {}))->next_slot);
    world.clock.set(at("05:30"));
    CHECK(must(world.store->update_job(job->number, 0, a_job().job(), {}))->next_slot ==
          at("06:00"));
    CHECK(must(world.store->logs({.job = job->number}, LogOrder::newest, 0, 10)).lines.empty());
}

TEST_CASE("after the clock was set back an edit decides no slot twice") {
    StoreWorld world;
    const auto job = world.create(a_job().every("1 hour"));
    world.clock.set(at("04:00"));
    world.decide(job);
    world.clock.set(at("02:30"));

    const auto edited =
        must(world.store->update_job(job->number, 0, a_job().name("other").job(), {}));

    CHECK(edited->next_slot == at("05:00"));
}

TEST_CASE("who edits what somebody else has edited is told") {
    StoreWorld world;
    const auto job = world.create(a_job());
    must(world.store->update_job(job->number, 1, a_job().name("first").job(), {}));

    const auto late = world.store->update_job(job->number, 1, a_job().name("second").job(), {});

    REQUIRE_FALSE(late);
    CHECK(late.error().code == Errc::stale);
    CHECK(world.entry(job)->job->name == "first");
}

TEST_CASE("a job that is sent back unchanged stays at its version") {
    StoreWorld world;
    const auto job = world.create(a_job());
    world.clock.pass(1min);
    world.changes.clear();
    const auto same = must(world.store->update_job(job->number, 1, *job->job, {}));
    CHECK(same->job->version == 1);
    CHECK(same->job->updated_at == job->job->updated_at);
    CHECK(world.changes.empty());
}

TEST_CASE("a job that comes to allow overlap lets all go that wait") {
    StoreWorld world;
    const auto job = world.create(a_job().overlap(Overlap::queue_all));
    world.ask(job);
    const Run second = world.ask(job), third = world.ask(job);

    must(world.store->update_job(job->number, 0, a_job().overlap(Overlap::allow).job(), {}));

    CHECK(world.find(second).reason == Reason::none);
    CHECK(world.find(third).reason == Reason::none);
    CHECK(world.entry(job)->waiting_count == 0);
}

TEST_CASE("deleting a job cancels what has not left, and what runs goes on to its end") {
    StoreWorld world;
    const auto job = world.create(a_job().overlap(Overlap::queue_all));
    const Run running = world.ask(job), waiting = world.ask(job);
    must(world.store->commit_queued({&running.id, 1}));
    world.store->observe_started({.run = running.id, .at = world.clock.now(), .worker = {}});
    world.turn();

    must(world.store->delete_job(job->number, 0, {}));

    CHECK_FALSE(world.entry(job));
    CHECK(world.find(waiting).status == Status::cancelled);
    CHECK(world.find(running).status == Status::running);
    world.store->observe_ended({.run = running.id, .at = world.clock.now()});
    world.turn();
    CHECK(world.find(running).status == Status::success);
    CHECK(must(world.store->job_name(job->number)) == job->job->name);
    CHECK(must(world.store->job_number(job->job->id)) == job->number);
    CHECK_FALSE(world.reloaded()->board().find(job->number));
}

TEST_CASE("our own jobs cannot be deleted or renamed, and their schedule is people's") {
    StoreWorld world;
    const auto chore = world.store->board().find_by_name("Health check");
    const auto deleted = world.store->delete_job(chore->number, 0, {});
    REQUIRE_FALSE(deleted);
    CHECK(deleted.error().code == Errc::conflict);

    Job renamed = *chore->job;
    renamed.name = "Mine";
    CHECK_FALSE(world.store->update_job(chore->number, 0, renamed, {}));

    Job rarer = *chore->job;
    rarer.schedule_text = "0 * * * *";
    must(domain::parse_schedule(rarer, world.zones));
    CHECK(must(world.store->update_job(chore->number, 0, rarer, {}))->next_slot == at("02:00"));
}

TEST_CASE("nobody creates a job of ours") {
    StoreWorld world;
    Job job = a_job().job();
    job.kind = domain::Kind::internal;
    CHECK_FALSE(world.store->create_job(job, {}));
}

TEST_CASE("a job whose zone is gone stays on the board, without a next slot") {
    StoreWorld world;
    const auto made = world.create(a_job());
    auto db = must(Database::open(world.path, Access::writer));
    must(db.run("UPDATE jobs SET timezone = 'Nowhere/Land' WHERE number = $1", {made->number}));

    const auto store = world.reloaded();

    REQUIRE(store->board().find(made->number));
    CHECK_FALSE(store->board().find(made->number)->next_slot);
    CHECK(store->board().find(made->number)->trouble == domain::Trouble::zone_missing);
}

TEST_CASE("a job for a time that has passed runs at once, and not again with an edit") {
    StoreWorld world;
    Job job = a_job().job();
    job.schedule_text = "at 2026-12-01T00:30Z";
    job.schedule_type = schedule::Type::clocked;
    must(domain::parse_schedule(job, world.zones));
    const auto made = must(world.store->create_job(job, {}));
    CHECK(made->next_slot == at("00:30"));

    world.decide(made);

    CHECK(world.run_of(made, at("00:30")).trigger == domain::Trigger::schedule);
    CHECK_FALSE(world.entry(made)->next_slot);
    Job renamed = *world.entry(made)->job;
    renamed.name = "renamed";
    must(world.store->update_job(made->number, 0, renamed, {}));
    CHECK_FALSE(world.entry(made)->next_slot);
    CHECK_FALSE(world.reloaded()->board().find(made->number)->next_slot);

    job.name = "too old";
    job.misfire_window = 60;
    CHECK_FALSE(must(world.store->create_job(job, {}))->next_slot);
}

TEST_CASE("`H` spreads new jobs, each to a place that it keeps") {
    StoreWorld world;
    const auto keep_alive = world.reader();
    const auto one = world.create(a_job().name("one").cron("H H * * *"));
    const auto two = world.create(a_job().name("two").cron("H H * * *"));
    CHECK(one->next_slot != two->next_slot);

    world.open();

    CHECK(world.entry(one)->job->schedule.next_after(world.clock.now()) == one->next_slot);
    CHECK(world.entry(two)->job->schedule.next_after(world.clock.now()) == two->next_slot);
    CHECK(world.entry(one)->next_slot == one->next_slot);
}

TEST_CASE("a stored schedule that cannot be read takes its own job out, and says so") {
    for (const auto* bad : {"every 0 seconds", "every -1 hours", "0 0 30 2 *", "* * * *",
                            "every 1e18 days", "every NaN hours", "PT0S", ""}) {
        CAPTURE(bad);
        StoreWorld world;
        const auto keep_alive = world.reader();
        const auto job = world.create(a_job().name("bad").every("1 hour"));
        const auto good = world.create(a_job().name("good").every("1 hour"));
        auto db = must(Database::open(world.path, Access::writer));
        must(db.run("UPDATE jobs SET schedule = $1 WHERE number = $2", {bad, job->number}));

        world.open();

        CHECK(world.entry(job)->trouble == domain::Trouble::schedule_unreadable);
        CHECK_FALSE(world.entry(job)->next_slot);
        CHECK(world.entry(good)->next_slot == at("02:00"));
        CHECK(world.log_lines.back().find("store.job_unreadable") != std::string::npos);

        must(
            world.store->update_job(job->number, 1, a_job().name("bad").every("1 hour").job(), {}));
        CHECK(world.entry(job)->trouble == domain::Trouble::none);
        CHECK(world.entry(job)->next_slot == at("02:00"));
    }
}

}  // namespace
}  // namespace cjv::store
