// The real store with its writer's thread, and real commands: what is tested is that they meet. Waiting is for
// a word of the feed, never for time to pass.
#include "dispatch/dispatch.h"

#include "base/json.h"
#include "dispatch/chores.h"
#include "dispatch/file_check.h"
#include "dispatch/recovery.h"
#include "runner/spawn.h"
#include "store/sqlite.h"
#include "support/clock.h"
#include "support/job.h"
#include "support/must.h"
#include "support/store.h"
#include "support/temp_folder.h"

#include <signal.h>
#include <sys/wait.h>

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;
using domain::Reason;
using domain::Run;
using domain::Status;
using store::Change;
using support::a_job;
using support::must;

constexpr auto kGiveUp = 20s;

Settings settings() {
    return {.path = "/usr/bin:/bin",
            .home = "/",
            .patience = {.term = 300ms, .settle = 20ms, .leftover_term = 100ms, .drain = 50ms}};
}

// A server without its browser side.
struct House {
    explicit House(Settings how = settings()) {
        ::signal(SIGPIPE, SIG_IGN);
        store = must(store::Store::open({.path = path, .readers = 1}, clock, zones, log));
        dispatch = std::make_unique<Dispatch>(*store, clock, log, progress, std::move(how));
        store->feed().subscribe_to_staged([this](const store::Staged& staged) {
            dispatch->on_staged(staged);
            const std::scoped_lock lock(mutex);
            for (const Change& change : staged.changes)
                if (change.has_place) coming.push_back(change.run);
        });
        store->feed().subscribe([this](const store::Commit& commit) {
            dispatch->on_commit(commit);
            const std::scoped_lock lock(mutex);
            for (const Change& change : commit.changes)
                if (change.what == Change::What::run)
                    seen[change.run].insert({change.after, change.reason});
            bell.notify_all();
        });
    }
    ~House() {
        stop(Hurry::yes);
        store->stop();
    }

    void start() {
        store->start(progress);
        dispatch->start();
    }
    enum class Hurry { no, yes };
    void stop(Hurry hurry) const {
        dispatch->stop(10s, [hurry] { return hurry == Hurry::yes; });
    }

    domain::EntryPtr create(const std::string& target, domain::Kind kind = domain::Kind::command,
                            std::optional<std::int64_t> timeout = {}) {
        domain::Job job = a_job().name("job " + std::to_string(++names)).job();
        job.kind = kind;
        job.target = target;
        job.timeout = timeout;
        job.overlap = domain::Overlap::allow;
        return must(store->create_job(job, {}));
    }
    RunId ask(const domain::EntryPtr& job, const std::string& overrides = {}) const {
        return must(store->ask_run({.job = job->number, .overrides = overrides}, {})).id;
    }
    RunId ask(const std::string& target) { return ask(create(target)); }

    bool await(const RunId& run, const std::function<bool(Status, Reason)>& that) {
        std::unique_lock lock(mutex);
        return bell.wait_for(lock, kGiveUp, [&] {
            for (const auto& [status, reason] : seen[run])
                if (that(status, reason)) return true;
            return false;
        });
    }
    bool await(const RunId& run, Status wanted) {
        return await(run, [wanted](Status status, Reason) { return status == wanted; });
    }
    Run end_of(const RunId& run) {
        REQUIRE(await(run, [](Status status, Reason) { return is_final(status); }));
        return find(run);
    }
    Run find(const RunId& run) const { return must(store->find_run(run)).value(); }

    std::string output(const RunId& run) const {
        std::string text;
        for (const auto& chunk : must(store->output_after(run, 0, 64 << 20))) text += chunk.bytes;
        return text;
    }

    static std::string new_path() {
        static std::atomic<int> count = 0;
        return "file:/dispatch-" + std::to_string(++count) + "?vfs=memdb";
    }

    const std::string path = new_path();
    SystemClock clock;
    schedule::Zones zones;
    Log log{{.level = LogLevel::off}, clock};
    Progress progress;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<Dispatch> dispatch;
    int names = 0;

    std::mutex mutex;
    std::condition_variable bell;
    std::map<RunId, std::set<std::pair<Status, Reason>>> seen;
    std::vector<RunId> coming;  // what is staged, with places
};

std::string sh(const std::string& script) {
    std::string target;
    json::Writer out(target);
    out.begin_object();
    out.key("argv");
    out.begin_array();
    for (const std::string& part : {std::string("/bin/sh"), std::string("-c"), script})
        out.value(part);
    out.end_array();
    out.end_object();
    return target;
}

// A run of the job's next slot, staged.
RunId staged(House& house, const domain::EntryPtr& job, std::chrono::milliseconds patience) {
    const Instant slot = job->next_slot.value();
    const auto decision = domain::plan(*job, {}, slot, 1);
    REQUIRE(house.store->stage({&decision, 1}, true, slot, house.clock.steady() + patience));
    house.store->finish_stage();
    const std::scoped_lock lock(house.mutex);
    REQUIRE(house.coming.size() == 1);
    return house.coming.front();
}

// The process of ours that waits; there is one, or will be.
pid_t held_process() {
    for (;;)
        for (const auto& entry : must(runner::read_processes()))
            if (entry.parent == ::getpid() && entry.session == entry.pid && !entry.zombie)
                return entry.pid;
}

TEST_CASE(
    "a command that is staged has its process before its instant, and does nothing before it") {
    House house;
    house.start();
    const auto job = house.create(sh("echo $$ $CJV_RUN_ID"));
    const RunId run = staged(house, job, 20s);

    const pid_t pid = held_process();
    REQUIRE(must(house.store->commit_staged()));

    const Run ended = house.end_of(run);
    CHECK(ended.status == Status::success);
    CHECK(house.output(run) == std::to_string(pid) + " " + to_text(run) + "\n");
    CHECK(ended.process.value().pid == pid);
}

TEST_CASE("a command that is edited after it was staged starts as it is now") {
    House house;
    house.start();
    const auto job = house.create(sh("echo before"));
    const RunId run = staged(house, job, 20s);
    const pid_t pid = held_process();
    auto edited = *job->job;
    edited.target = sh("echo after; sleep 0.01");
    const auto entry = must(house.store->update_job(job->number, 0, edited, {}));
    CHECK_FALSE(must(house.store->commit_staged()));
    const auto decision = domain::plan(*entry, {}, *entry->next_slot, 1);
    must(house.store->commit({&decision, 1}));

    CHECK(house.end_of(run).process.value().pid != pid);
    CHECK(house.output(run) == "after\n");
}

TEST_CASE("a command whose decision is taken back has no process any more, and has done nothing") {
    House house;
    house.start();
    const support::TempFolder folder;
    const auto file = folder.path() / "made";
    const auto job = house.create(sh("touch " + file.string()));
    const RunId run = staged(house, job, 300ms);

    const pid_t pid = held_process();
    house.create(sh("true"));  // a write takes back what is staged
    CHECK_FALSE(must(house.store->commit_staged()));
    while (must(runner::read_process(pid))) {
    }
    CHECK_FALSE(std::filesystem::exists(file));
    CHECK_FALSE(must(house.store->find_run(run)));
}

TEST_CASE("a run that was asked for runs, and says what it printed and who ran it") {
    House house;
    house.start();

    const RunId id = house.ask(sh("echo hello; echo $CJV_RUN_ID >&2"));

    const Run run = house.end_of(id);
    CHECK(run.status == Status::success);
    CHECK(run.exit_code == 0);
    CHECK(run.worker == "local");
    CHECK(run.process.value().pid > 0);
    CHECK(run.started_at.value() <= run.ended_at.value());
    CHECK(house.output(id) == "hello\n" + to_text(id) + "\n");
    CHECK(run.output_size == house.output(id).size());
    CHECK(run.output_cut == 0);
}

TEST_CASE("a run has the variables that it was asked for with") {
    House house;
    house.start();
    const auto job = house.create(R"({"argv": ["printenv", "LEVEL"], "env": {"LEVEL": "9"}})");

    const RunId id = house.ask(job, R"({"env": {"LEVEL": "1"}})");

    CHECK(house.end_of(id).status == Status::success);
    CHECK(house.output(id) == "1\n");
}

TEST_CASE("a run that fails tells how") {
    House house;
    house.start();

    const Run code = house.end_of(house.ask(sh("exit 3")));
    const Run signal = house.end_of(house.ask(sh("kill -SEGV $$")));
    const Run absent = house.end_of(house.ask(R"({"argv": ["/no/such/file"]})"));

    CHECK(code.reason == Reason::exit_code);
    CHECK(code.exit_code == 3);
    CHECK(signal.reason == Reason::signal);
    CHECK(absent.reason == Reason::spawn_error);
    CHECK(absent.error == "no such file: /no/such/file");
    CHECK_FALSE(absent.started_at);
}

TEST_CASE("a run that exceeds its job's timeout has timed out") {
    House house;
    house.start();
    const auto job = house.create(sh("exec sleep 1000"), domain::Kind::command, 1);

    CHECK(house.end_of(house.ask(job)).status == Status::timed_out);
}

TEST_CASE("of a huge output head and tail are kept, and the rest is counted") {
    Settings small = settings();
    small.output_head = 100'000;
    small.output_tail = 200'000;
    House house(small);
    house.start();

    const RunId id = house.ask(sh("seq 1000000"));

    const Run run = house.end_of(id);
    const std::string kept = house.output(id);
    CHECK(run.output_size == 6'888'896);
    CHECK(run.output_size == run.output_cut + kept.size());
    CHECK(kept.starts_with("1\n2\n3\n"));
    CHECK(kept.ends_with("999999\n1000000\n"));
    // A burst: its head still waited for the store, and a piece in memory takes up to twice its bytes.
    CHECK(kept.size() >= 100'000 + 30'000);
}

TEST_CASE("a person calls a run back") {
    House house;
    house.start();
    const RunId id = house.ask(sh("exec sleep 1000"));
    REQUIRE(house.await(id, Status::running));

    must(house.store->ask_cancel(id, false, {}));

    const Run run = house.end_of(id);
    CHECK(run.status == Status::cancelled);
    CHECK(run.reason == Reason::by_user);
    CHECK(run.error.empty());
}

TEST_CASE("a run that is called back without mercy has no time to object") {
    Settings patient = settings();
    patient.patience.term = 1h;
    House house(patient);
    house.start();
    const RunId id = house.ask(sh("trap '' TERM; while :; do sleep 1000; done"));
    REQUIRE(house.await(id, Status::running));

    must(house.store->ask_cancel(id, true, {}));

    CHECK(house.end_of(id).error == "It was killed.");
}

TEST_CASE("a run that finds no place waits for one") {
    Settings narrow = settings();
    narrow.concurrency = 1;
    House house(narrow);
    house.start();
    const RunId first = house.ask(sh("exec sleep 1000"));
    REQUIRE(house.await(first, Status::running));

    const RunId second = house.ask(sh("echo my turn"));
    CHECK(house.await(second, [](Status status, Reason reason) {
        return status == Status::pending && reason == Reason::no_local_slot;
    }));
    CHECK(house.dispatch->waiting() == 1);
    must(house.store->ask_cancel(first, true, {}));

    CHECK(house.end_of(second).status == Status::success);
    CHECK(house.dispatch->waiting() == 0);
}

TEST_CASE("a run that is cancelled while it waits never starts") {
    Settings narrow = settings();
    narrow.concurrency = 1;
    House house(narrow);
    house.start();
    const RunId first = house.ask(sh("exec sleep 1000"));
    REQUIRE(house.await(first, Status::running));
    const RunId second = house.ask(sh("echo never"));

    must(house.store->ask_cancel(second, false, {}));
    must(house.store->ask_cancel(first, true, {}));
    const RunId third = house.ask(sh("true"));

    CHECK(house.end_of(third).status == Status::success);
    CHECK(house.find(second).status == Status::cancelled);
    CHECK_FALSE(house.find(second).queued_at);
}

TEST_CASE("a run that waits for another of its job goes when that has ended") {
    House house;
    house.start();
    domain::Job one_at_a_time = a_job().overlap(domain::Overlap::queue_one).job();
    one_at_a_time.target = sh("sleep 0.1");
    const auto job = must(house.store->create_job(one_at_a_time, {}));
    const RunId first = house.ask(job);
    const RunId second = house.ask(job);

    CHECK(house.end_of(second).status == Status::success);
    CHECK(house.find(first).ended_at.value() <= house.find(second).queued_at.value());
}

TEST_CASE("a Celery run fails while there is no broker") {
    House house;
    house.start();
    const auto job = house.create(R"({"task": "app.add"})", domain::Kind::celery);

    const Run run = house.end_of(house.ask(job));

    CHECK(run.status == Status::failed);
    CHECK(run.reason == Reason::undeliverable);
    CHECK(run.error == "No broker is configured.");
    CHECK_FALSE(run.queued_at);
}

TEST_CASE("clean-up removes what is older than it is told, and says how much") {
    Settings forgetful = settings();
    forgetful.retention_days = 0;
    House house(forgetful);
    house.start();
    const RunId old = house.ask(sh("true"));
    house.end_of(old);

    const RunId id = house.ask(house.store->board().find_by_name("Clean up old logs"));

    CHECK(house.end_of(id).status == Status::success);
    CHECK(house.output(id) == "Removed 1 run older than 0 days.\n");
    CHECK_FALSE(must(house.store->find_run(old)));
}

TEST_CASE("a run whose start the database refuses is tried again, and holds up no other") {
    Settings soon = settings();
    soon.refused_again = 20ms;
    House house(soon);
    const RunId run = house.ask(sh("echo at last")), other = house.ask(sh("true"));
    support::refuse_changes_of(run, house.path);
    house.start();

    CHECK(house.end_of(other).status == Status::success);
    CHECK(house.find(run).status == Status::pending);

    support::allow_changes(house.path);
    CHECK(house.end_of(run).status == Status::success);
    CHECK(house.output(run) == "at last\n");
}

TEST_CASE("a run that cannot be delivered ends as soon as the database takes its end") {
    Settings soon = settings();
    soon.refused_again = 20ms;
    House house(soon);
    const RunId run = house.ask(house.create(R"({"task":"t"})", domain::Kind::celery));
    const RunId other = house.ask(house.create(R"({"task":"t"})", domain::Kind::celery));
    support::refuse_changes_of(run, house.path);
    house.start();

    CHECK(house.end_of(other).reason == Reason::undeliverable);
    CHECK(house.find(run).status == Status::pending);

    support::allow_changes(house.path);
    CHECK(house.end_of(run).reason == Reason::undeliverable);
}

TEST_CASE("why a task cannot be delivered is found without a reader's connection") {
    Settings how = settings();
    std::thread::id asked_on;
    how.celery_refusal = [&](const domain::Job&, const Run& run) {
        asked_on = std::this_thread::get_id();
        return "It was asked for with " + run.overrides + ".";
    };
    House house(how);
    std::thread::id writer;
    house.store->feed().subscribe(
        [&](const store::Commit&) { writer = std::this_thread::get_id(); });
    house.start();

    const RunId run =
        house.ask(house.create(R"({"task":"t"})", domain::Kind::celery), R"({"args":[1]})");

    CHECK(house.end_of(run).error == R"(It was asked for with {"args":[1]}.)");
    house.stop(House::Hurry::no);
    house.store->stop();
    CHECK(asked_on == writer);
}

TEST_CASE("a hundred runs at once all run, and none twice") {
    House house;
    const auto job = house.create(sh("echo $CJV_RUN_ID"));
    std::vector<RunId> runs;
    runs.reserve(100);
    for (int i = 0; i < 100; ++i) runs.push_back(house.ask(job));
    must(house.dispatch->recover());  // as after a clean stop: they are pending

    house.start();

    for (const RunId& run : runs) {
        CHECK(house.end_of(run).status == Status::success);
        CHECK(house.output(run) == to_text(run) + "\n");
    }
}

TEST_CASE("what a dead server was running is ended and lost, what it had not begun starts") {
    House house;
    const RunId going = house.ask(sh("exec sleep 1000"));
    const RunId begun = house.ask(sh("true"));
    const RunId waits = house.ask(sh("echo at last"));
    const auto orphan = must(runner::spawn({"sleep", "1000"}, {"CJV_RUN_ID=" + to_text(going)}, "/",
                                           "/usr/bin:/bin", runner::Stdin::empty));
    const auto entry = must(runner::read_process(orphan.pid));
    must(house.store->commit_queued(std::vector{going, begun}));
    house.store->observe_started({.run = going,
                                  .at = house.clock.now(),
                                  .process = domain::ProcessId{orphan.pid, entry.value().start_time,
                                                               runner::read_boot_id()}});
    while (house.store->turn()) {
    }

    must(house.dispatch->recover());

    int how = 0;
    ::waitpid(orphan.pid, &how, 0);
    CHECK(WTERMSIG(how) == SIGTERM);
    for (const RunId& run : {going, begun}) {
        CHECK(house.find(run).status == Status::lost);
        CHECK(house.find(run).reason == Reason::server_crashed);
    }
    CHECK(house.find(going).error == "The server died while the run was going; of its processes " +
                                         std::to_string(orphan.pid) +
                                         " were still there and were ended.");
    house.start();
    CHECK(house.end_of(waits).status == Status::success);
}

TEST_CASE("a run that waited for one that a dead server was running starts") {
    House house;
    domain::Job one_at_a_time = a_job().overlap(domain::Overlap::queue_one).job();
    one_at_a_time.target = sh("true");
    const auto job = must(house.store->create_job(one_at_a_time, {}));
    const RunId going = house.ask(job);
    must(house.store->commit_queued(std::vector{going}));
    const RunId waits = house.ask(job);
    REQUIRE(house.find(waits).reason == Reason::waiting_overlap);

    must(house.dispatch->recover());

    CHECK(house.find(going).status == Status::lost);
    house.start();
    CHECK(house.end_of(waits).status == Status::success);
}

TEST_CASE("the health check ends a run whose process is gone, by that evidence") {
    House house;
    const RunId gone = house.ask(sh("true"));
    const RunId there = house.ask(sh("true"));
    const auto self = must(runner::read_process(::getpid()));
    const std::string boot = runner::read_boot_id();
    must(house.store->commit_queued(std::vector{gone, there}));
    for (const auto& [run, start] : {std::pair(gone, 1L), std::pair(there, self->start_time)})
        house.store->observe_started({.run = run,
                                      .at = house.clock.now(),
                                      .process = domain::ProcessId{::getpid(), start, boot}});
    while (house.store->turn()) {
    }

    const auto said = health_check(*house.store, house.clock, [](const RunId&) { return false; });

    CHECK(must(said) == "Not final: 2; of these lost: 1.");
    CHECK(house.find(gone).status == Status::lost);
    CHECK(house.find(gone).reason == Reason::process_gone);
    CHECK(house.find(there).status == Status::running);
}

TEST_CASE("a run of a dead server is lost at last, although the database refused it at the start") {
    support::StoreWorld world;
    const RunId run = world.ask(world.create(a_job())).id;
    must(world.store->commit_queued({&run, 1}));
    support::refuse_changes_of(run, world.path);

    must(recover(*world.store, world.clock, world.log, 1s));
    world.turn();
    CHECK(must(world.store->find_run(run))->status == Status::queued);

    support::allow_changes(world.path);
    world.clock.pass(60s);
    world.turn();
    CHECK(must(world.store->find_run(run))->status == Status::lost);
}

TEST_CASE("the database file is looked at once a day") {
    House house;
    support::MovableClock clock(house.clock.now());
    FileCheck check;
    const auto look = [&] { return must(check.look(*house.store, clock, {})); };

    CHECK(look() == "The database file is sound.");
    clock.pass(23h);
    CHECK(look().empty());
    clock.pass(1h);
    CHECK(look() == "The database file is sound.");
}

TEST_CASE("a task whose end nobody sees is lost by its job's timeout, and not before") {
    House house;
    const RunId run = house.ask(house.create(R"({"task":"t"})", domain::Kind::celery, 60));
    must(house.store->commit_queued({&run, 1}));
    const auto check = [&](std::chrono::seconds later) {
        const support::MovableClock clock(house.clock.now() + later);
        must(health_check(*house.store, clock, [](const RunId&) { return false; }));
        return house.find(run);
    };

    CHECK(check(110s).status == Status::queued);  // its result may be read yet
    CHECK(check(130s).status == Status::lost);
    CHECK(house.find(run).reason == Reason::no_end_seen);
    CHECK(house.find(run).error.find("60 s") != std::string::npos);
}

TEST_CASE("a stop lets what runs finish, and starts nothing more") {
    House house;
    house.start();
    const RunId runs = house.ask(sh("sleep 0.3; echo done"));
    REQUIRE(house.await(runs, Status::running));

    house.stop(House::Hurry::no);
    const RunId after = house.ask(sh("true"));
    house.store->stop();

    CHECK(house.find(runs).status == Status::success);
    CHECK(house.find(after).status == Status::pending);
}

TEST_CASE("a stop in a hurry ends what runs, and its record says so") {
    House house;
    house.start();
    const RunId obeys = house.ask(sh("exec sleep 1000"));
    const RunId ignores = house.ask(sh("trap '' TERM; while :; do sleep 1000; done"));
    REQUIRE(house.await(obeys, Status::running));
    REQUIRE(house.await(ignores, Status::running));

    house.stop(House::Hurry::yes);
    house.store->stop();

    for (const RunId& run : {obeys, ignores}) {
        CHECK(house.find(run).status == Status::cancelled);
        CHECK(house.find(run).reason == Reason::shutdown);
    }
}

}  // namespace
}  // namespace cjv::dispatch
