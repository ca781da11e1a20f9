#include "store/task_ids.h"

#include <doctest/doctest.h>

#include <string>

#include "support/store.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;
using domain::Run;
using domain::Status;
using support::at;
using support::must;
using support::StoreWorld;

struct World : StoreWorld {
    void tell(const std::string& task_id, Status status = Status::queued) {
        store->observe_task(
            {.task_id = task_id,
             .task = "erp.mail",
             .seen_at = clock.now(),
             .status = status,
             .ended_at = is_final(status) ? std::optional(clock.now()) : std::optional<Instant>()});
        turn();
    }
    std::optional<RunId> run_of(const std::string& task_id) {
        const auto run = must(store->find_task(task_id));
        return run ? std::optional(run->id) : std::nullopt;
    }
    // What the table has.
    std::vector<std::string> settled() {
        std::vector<std::string> all;
        auto db = reader();
        must(db.query("SELECT task_id FROM task_ids ORDER BY task_id", {},
                      [&](const Row& row) { all.push_back(row.string(0)); }));
        return all;
    }
    // From which run on a start would read.
    std::optional<RunId> since() {
        auto db = reader();
        return must(db.find("SELECT value FROM settings WHERE key = 'task_ids_since'", {},
                            [](const Row& row) { return row.run_id(0); }));
    }
    std::int64_t runs() {
        auto db = reader();
        return must(db.find("SELECT count(*) FROM runs", {},
                            [](const Row& row) { return row.integer(0); }))
            .value();
    }
};

TEST_CASE("a new task's id waits in memory, and is settled with the first news after a minute") {
    World world;
    world.tell("b");
    world.tell("a");
    CHECK(world.settled().empty());
    CHECK(world.run_of("a"));

    world.clock.pass(1min);
    world.tell("c");
    world.tell("d");

    CHECK(world.settled() == std::vector<std::string>{"a", "b"});
    CHECK(world.run_of("a"));
    CHECK(world.run_of("d"));
    world.tell("a", Status::success);
    CHECK(must(world.store->find_task("a"))->status == Status::success);
    CHECK(world.runs() == 4);
}

TEST_CASE("what was in memory alone is read back at the start") {
    World world;
    world.tell("a");
    world.clock.pass(1min);
    world.tell("b");
    world.tell("c");
    REQUIRE(world.settled() == std::vector<std::string>{"a"});
    const auto a = world.run_of("a"), c = world.run_of("c");

    const auto held = world.reader();  // or the database would be gone
    world.open();

    CHECK(world.run_of("a") == a);
    CHECK(world.run_of("c") == c);
    world.tell("c", Status::success);
    world.tell("a", Status::success);
    CHECK(world.run_of("a") == a);
    CHECK(world.run_of("c") == c);
    CHECK(world.runs() == 3);
}

TEST_CASE("a task that was seen long before it was told of is read back, too") {
    World world;
    world.tell("a");
    world.store->observe_task({.task_id = "old", .seen_at = world.clock.now() - 24h});
    world.turn();
    const auto old = world.run_of("old");
    REQUIRE(old);

    const auto held = world.reader();  // or the database would be gone
    world.open();

    CHECK(world.run_of("old") == old);
}

TEST_CASE("what a failed transaction recorded is not known") {
    World world;
    world.tell("a");
    world.break_at(3);
    world.tell("b");
    CHECK_FALSE(world.run_of("b"));

    world.mend();
    world.clock.pass(1s);
    world.turn();
    CHECK(world.run_of("b"));
    CHECK(world.runs() == 2);
}

TEST_CASE("an id that is cleaned up before it is settled never is") {
    World world;
    world.tell("a", Status::success);
    world.clock.pass(1s);
    while (must(world.store->clean_up_slice(world.clock.now())) > 0) continue;
    CHECK_FALSE(world.run_of("a"));

    world.tell("b");
    world.clock.pass(1min);
    world.tell("c");
    world.tell("d");
    CHECK(world.settled() == std::vector<std::string>{"b"});

    world.tell("a");  // it comes back, as a run of its own
    CHECK(world.run_of("a"));
    CHECK(world.runs() == 4);
}

TEST_CASE("when enough have been gathered they are due, in order, and those of a later one wait") {
    const Instant now = at("01:00");
    TaskIds ids;
    TaskIds::Changes changes;
    const auto record = [&](const std::string& task_id, const RunId& run) {
        changes.recorded.put(task_id, run);
        changes.lowest = run;
    };
    for (std::size_t i = 0; i < TaskIds::kMost; ++i)
        record("task " + std::to_string(i), RunId(Uuid{{1}}));
    ids.keep(changes, now);
    CHECK(changes.recorded.empty());
    CHECK(ids.due() == 0);  // whoever waits for that commit does not wait for the sorting
    REQUIRE(ids.must_settle(now));
    REQUIRE(ids.make_due(now));
    REQUIRE(ids.due() == TaskIds::kMost);
    for (std::size_t i = 1; i < ids.due(); ++i) REQUIRE(ids.due_task(i - 1) < ids.due_task(i));

    record("another", RunId(Uuid{{2}}));
    changes.settled = TaskIds::kMost - 1;
    ids.keep(changes, now);
    CHECK_FALSE(ids.make_due(now + 1min));  // not before all of those are in the table
    CHECK(ids.due() == 1);
    CHECK(ids.find("another") == RunId(Uuid{{2}}));
    CHECK(ids.find("task 99999") == std::nullopt);
    CHECK(ids.find("task 9999"));  // the last

    changes.settled = 1;
    ids.keep(changes, now);
    CHECK(ids.due() == 0);
    CHECK(ids.lowest() == RunId(Uuid{{2}}));
}

TEST_CASE("a decision sorts no task ids, though it is time") {
    World world;
    const auto job = world.create(support::a_job());
    world.tell("a");
    world.clock.pass(1min);

    const Run run = world.ask(job);
    must(world.store->commit_queued({&run.id, 1}));
    world.store->observe_started({.run = run.id, .at = world.clock.now()});
    world.turn();  // sorts
    CHECK(world.settled().empty());
    world.store->observe_ended({.run = run.id, .at = world.clock.now()});
    world.turn();
    CHECK(world.settled() == std::vector<std::string>{"a"});
}

TEST_CASE("what the table of task ids refuses is not blamed on what was observed") {
    World world;
    world.tell("a");
    world.clock.pass(1min);
    world.tell("b");
    must(must(Database::open(world.path, Access::writer))
             .script("CREATE TRIGGER picky BEFORE INSERT ON task_ids "
                     "BEGIN SELECT RAISE(ABORT, 'refused'); END"));
    const std::size_t lines = world.log_lines.size();
    for (const auto* task : {"c", "d", "e"}) world.tell(task);

    CHECK(world.runs() == 5);
    for (const auto* task : {"a", "b", "c", "d", "e"}) CHECK(world.run_of(task));
    CHECK(world.settled().empty());
    REQUIRE(world.log_lines.size() == lines + 1);  // once a minute
    CHECK(world.log_lines.back().find("store.task_ids_refused") != std::string::npos);

    must(must(Database::open(world.path, Access::writer)).script("DROP TRIGGER picky"));
    world.clock.pass(1min);
    world.tell("f");
    CHECK(world.settled() == std::vector<std::string>{"a"});
    CHECK(world.log_lines.size() == lines + 1);
}

TEST_CASE("where tasks of others come no more a start reads the runs of an hour at most") {
    World world;
    const auto job = world.create(support::a_job());
    const auto run_one = [&] {
        const RunId run = world.ask(job).id;
        world.finish(run);
        return run;
    };
    world.tell("a");
    world.clock.pass(1min);
    run_one();  // sorts
    run_one();
    REQUIRE(world.settled() == std::vector<std::string>{"a"});
    const auto settled = world.since();
    REQUIRE(settled);

    world.clock.pass(30min);
    run_one();
    CHECK(world.since() == settled);
    world.clock.pass(1h);
    const RunId run = run_one();
    CHECK(*world.since() > *settled);
    CHECK(*world.since() < run);

    world.tell("b", Status::success);
    const auto held = world.reader();  // or the database would be gone
    world.open();
    CHECK(world.run_of("a"));
    CHECK(world.run_of("b"));
}

}  // namespace
}  // namespace cjv::store
