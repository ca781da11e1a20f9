#include "store/writer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <latch>

#include "support/store.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;
using domain::Overlap;
using domain::Run;
using domain::Status;
using support::a_job;
using support::must;
using support::StoreWorld;

TEST_CASE("an observation that cannot be written waits until the store is back") {
    StoreWorld world;
    const auto job = world.create(a_job());
    const Run run = world.ask(job);
    must(world.store->commit_queued({&run.id, 1}));
    world.break_at(1);
    world.store->observe_started({.run = run.id, .at = world.clock.now()});
    world.store->observe_ended({.run = run.id, .at = world.clock.now()});
    CHECK(world.store->turn());
    CHECK(world.find(run).status == Status::queued);

    world.mend();
    world.turn();

    CHECK(world.find(run).status == Status::success);
    CHECK(world.entry(job)->open_count == 0);
}

TEST_CASE(
    "an end that the database refuses is told with its run, and tried again without its texts") {
    StoreWorld world;
    const Run run = world.ask(world.create(a_job().name("one")));
    const Run other = world.ask(world.create(a_job().name("two")));
    must(world.store->commit_queued(std::vector{run.id, other.id}));
    must(must(Database::open(world.path, Access::writer))
             .script("CREATE TRIGGER picky BEFORE UPDATE ON runs WHEN NEW.error = 'poison' "
                     "BEGIN SELECT RAISE(ABORT, 'refused'); END"));
    world.store->observe_ended(
        {.run = run.id, .at = world.clock.now(), .status = Status::failed, .error = "poison"});
    world.store->observe_ended({.run = other.id, .at = world.clock.now()});

    world.turn();
    CHECK(world.find(run).status == Status::queued);
    CHECK(world.find(other).status == Status::success);
    CHECK(world.log_lines.back().find(to_text(run.id)) != std::string::npos);

    const Instant ended_at = world.clock.now();
    world.clock.pass(60s);
    world.turn();
    CHECK(world.find(run).status == Status::failed);
    CHECK(world.find(run).ended_at == ended_at);
    CHECK(world.find(run).error.empty());
}

TEST_CASE("while nothing can be written uses and failed sign-ins take no more and more room") {
    StoreWorld world;
    SessionRow session{.user = UserNumber{1}, .csrf = "c"};
    must(world.store->create_user({.number = {}, .username = "ada"}, "hash", {}));
    session.created_at = session.last_used_at = world.clock.now();
    must(world.store->create_session(session, "hash"));
    world.break_at(1);
    for (int i = 1; i <= 1'000; ++i) {
        world.clock.pass(1min);
        world.store->observe_session_used(session.hash, world.clock.now());
        world.store->observe_throttle({.failures = i, .next = world.clock.now()});
        world.store->turn();
    }
    REQUIRE_FALSE(world.log_lines.empty());
    CHECK(world.log_lines.back().find(R"("waiting":2)") != std::string::npos);

    world.mend();
    world.turn();

    CHECK(world.store->find_session(session.hash)->last_used_at == world.clock.now());
    CHECK(must(world.store->throttles()).at(0).failures == 1'000);
}

TEST_CASE("of failed sign-ins that wait there are at most ten thousand, and the log says so") {
    StoreWorld world;
    for (std::uint16_t i = 0; i < 10'002; ++i) {
        ThrottleRow row{.failures = 1, .next = world.clock.now()};
        row.key[0] = std::uint8_t(i);
        row.key[1] = std::uint8_t(i >> 8);
        world.store->observe_throttle(row);
    }
    REQUIRE(world.log_lines.size() == 1);
    CHECK(world.log_lines[0].find("store.sign_ins_not_kept") != std::string::npos);

    world.turn();

    CHECK(must(world.store->throttles()).size() == 10'000);
}

TEST_CASE("the end of a task that the database refuses is tried again without its texts, too") {
    StoreWorld world;
    must(must(Database::open(world.path, Access::writer))
             .script("CREATE TRIGGER picky BEFORE INSERT ON runs WHEN NEW.error = 'poison' "
                     "BEGIN SELECT RAISE(ABORT, 'refused'); END"));
    world.store->observe_task({.task_id = "a task of others",
                               .seen_at = world.clock.now(),
                               .status = Status::failed,
                               .error = "poison"});
    world.turn();
    CHECK_FALSE(must(world.store->find_task("a task of others")));
    CHECK(world.log_lines.back().find("a task of others") != std::string::npos);

    world.clock.pass(60s);
    world.turn();
    CHECK(must(world.store->find_task("a task of others"))->status == Status::failed);
}

TEST_CASE("an end is tried until the database takes it") {
    StoreWorld world;
    const Run run = world.ask(world.create(a_job()));
    must(world.store->commit_queued({&run.id, 1}));
    support::refuse_changes_of(run.id, world.path);
    world.store->observe_ended({.run = run.id, .at = world.clock.now()});
    for (int i = 0; i < 3; ++i) {
        world.turn();
        world.clock.pass(60s);
    }
    CHECK(world.find(run).status == Status::queued);

    support::allow_changes(world.path);
    world.turn();

    CHECK(world.find(run).status == Status::success);
}

TEST_CASE("a promise that fails leaves memory and the next promise as they were") {
    StoreWorld world;
    const auto job = world.create(a_job().overlap(Overlap::allow));
    for (int statement = 1; statement < 12; ++statement) {
        world.break_at(statement);
        const auto asked = world.store->ask_run({.job = job->number}, {});
        world.mend();
        CHECK(world.entry(job)->total_run_count ==
              world.reloaded()->board().find(job->number)->total_run_count);
        CHECK(must(world.store->ask_run({.job = job->number}, {})).status == Status::pending);
        if (!asked) CHECK(asked.error().code == Errc::unavailable);
    }
}

TEST_CASE("what waits is written by stop, and refused after it") {
    StoreWorld world;
    const auto job = world.create(a_job());
    const Run run = world.ask(job);
    must(world.store->commit_queued({&run.id, 1}));
    world.store->observe_ended({.run = run.id, .at = world.clock.now()});

    world.store->stop();

    CHECK(world.find(run).status == Status::success);
    CHECK(world.store->ask_run({.job = job->number}, {}).error().code == Errc::unavailable);
}

TEST_CASE(
    "without a thread what was observed and not written is gone with the store, as in a crash") {
    StoreWorld world;
    const auto job = world.create(a_job());
    const Run run = world.ask(job);
    must(world.store->commit_queued({&run.id, 1}));
    world.store->observe_ended({.run = run.id, .at = world.clock.now()});
    const auto survivor = world.reloaded();

    world.store.reset();

    CHECK(must(survivor->find_run(run.id))->status == Status::queued);
}

// A database in a file, and the writer's thread.
struct FileWorld {
    FileWorld() {
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
    }
    ~FileWorld() { std::filesystem::remove_all(folder); }
    std::unique_ptr<Store> open() {
        return must(Store::open({.path = (folder / "cjv.db").string()}, clock, zones, log));
    }

    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("cjv-store-test-" + std::to_string(getpid()));
    SystemClock clock;
    schedule::Zones zones;
    Log log{{.level = LogLevel::off}, clock};
    Progress progress;
};

TEST_CASE("many threads promise, observe and read at once, and all of it is in the file") {
    FileWorld world;
    auto store = world.open();
    std::atomic<int> told = 0;
    store->feed().subscribe(
        [&](const Commit& commit) { told += static_cast<int>(commit.changes.size()); });
    store->start(world.progress);
    const auto job = must(store->create_job(a_job().overlap(Overlap::allow).job(), {}));
    constexpr int kThreads = 4, kRuns = 25;

    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int t = 0; t < kThreads; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < kRuns; ++i) {
                const Run run = must(store->ask_run({.job = job->number}, {}));
                must(store->commit_queued({&run.id, 1}));
                store->observe_started({.run = run.id, .at = world.clock.now()});
                store->observe_output({.run = run.id,
                                       .chunks = {{.at = world.clock.now(), .bytes = "line\n"}},
                                       .printed = 5});
                store->observe_ended({.run = run.id, .at = world.clock.now(), .output_size = 5});
                (void)must(store->logs({.job = job->number}, LogOrder::newest, 0, 5));
                (void)store->board().find(job->number)->open_count;
            }
        });
    for (auto& thread : threads) thread.join();
    store->stop();

    CHECK(told >= kThreads * kRuns * 4);
    CHECK(store->board().find(job->number)->open_count == 0);
    CHECK(must(store->quick_check()) == "ok");
    store.reset();
    const auto again = world.open();
    const auto page = must(again->logs({.statuses = {Status::success}}, LogOrder::newest, 0, 1));
    CHECK(page.count == kThreads * kRuns);
    CHECK(must(again->output_after(page.lines.at(0).run->id, 0, 100)).at(0).bytes == "line\n");
}

TEST_CASE("while decisions are staged observations wait, and a promise takes them back at once") {
    FileWorld world;
    auto store = world.open();
    std::vector<Change> changes;
    store->feed().subscribe([&](const Commit& commit) {
        changes.insert(changes.end(), commit.changes.begin(), commit.changes.end());
    });
    store->start(world.progress);
    const auto job = must(store->create_job(a_job().every("1 hour").job(), {}));
    const auto other = must(store->create_job(a_job().name("other").job(), {}));
    const Run run = must(store->ask_run({.job = other->number}, {}));
    changes.clear();
    const Instant slot = job->next_slot.value();
    const domain::Decision decision = domain::plan(*job, {}, slot);

    CHECK(store->stage({&decision, 1}, true, slot, world.clock.steady() + 10s));
    store->observe_reason(run.id, domain::Reason::no_local_slot);
    CHECK(must(store->find_run(run.id))->reason == domain::Reason::none);
    CHECK(must(store->logs({.job = job->number}, LogOrder::oldest, 0, 1)).count == 0);
    (void)must(store->create_job(a_job().name("third").job(), {}));

    CHECK_FALSE(must(store->commit_staged()));
    CHECK_FALSE(store->stage({&decision, 1}, false, slot, world.clock.steady() + 10s));
    CHECK(store->stage({&decision, 1}, true, slot, world.clock.steady() + 10s));
    store->finish_stage();
    CHECK(must(store->commit_staged()));
    CHECK_FALSE(must(store->commit_staged()));
    store->stop();
    CHECK(must(store->logs({.job = job->number}, LogOrder::oldest, 0, 1)).count == 1);
    CHECK(must(store->find_run(run.id))->reason == domain::Reason::no_local_slot);
    CHECK(std::ranges::count(changes, job->number, &Change::job) == 2);  // the run, the cursor
}

TEST_CASE("what is staged when the writer stops has not happened") {
    FileWorld world;
    auto store = world.open();
    store->start(world.progress);
    const auto job = must(store->create_job(a_job().every("1 hour").job(), {}));
    const domain::Decision decision = domain::plan(*job, {}, job->next_slot.value());
    CHECK(store->stage({&decision, 1}, true, *job->next_slot, world.clock.steady() + 10s));
    store->stop();
    CHECK_FALSE(store->commit_staged());
    CHECK(must(store->logs({.job = job->number}, LogOrder::oldest, 0, 1)).count == 0);
    CHECK(must(store->quick_check()) == "ok");
}

TEST_CASE("of promises that share a transaction one that is refused spares the others") {
    FileWorld world;
    auto store = world.open();
    std::latch busy(1), go(1);
    std::atomic<bool> first = true;
    // Holds the writer's thread, so that what comes meanwhile waits together.
    store->feed().subscribe([&](const Commit&) {
        if (!first.exchange(false)) return;
        busy.count_down();
        go.wait();
    });
    store->start(world.progress);
    std::thread holder([&] { must(store->create_job(a_job().name("first").job(), {})); });
    busy.wait();

    std::vector<std::thread> threads;
    std::atomic<int> made = 0, refused = 0;
    for (const auto* name : {"a", "b", "b", "c"})
        threads.emplace_back(
            [&, name] { ++(store->create_job(a_job().name(name).job(), {}) ? made : refused); });
    go.count_down();
    holder.join();
    for (auto& thread : threads) thread.join();

    CHECK(made == 3);
    CHECK(refused == 1);
    CHECK(store->board().size() == 6);
}

}  // namespace
}  // namespace cjv::store
