#include "beat/beat.h"

#include "support/store.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stop_token>
#include <thread>

namespace cjv::beat {

using namespace std::chrono_literals;
using domain::Misfire, domain::Overlap, domain::Reason, domain::Status;
using support::a_job, support::at;

namespace {

// A beat over a real store in memory. Its first turn has been: the server is up since `now`.
struct World : support::StoreWorld {
    explicit World(Instant now = at("01:00")) : StoreWorld(now) { begin(); }

    // A server starts; one that was there is gone like in a crash.
    void begin() {
        beat.reset();
        const auto keeper = reader();  // a database in memory ends with its last connection
        open();
        beat = std::make_unique<Beat>(*store, clock, log, mark);
        store->feed().subscribe([this](const store::Commit& commit) { beat->on_commit(commit); });
    }
    void move_to(Instant to) { clock.pass(to - clock.now()); }
    bool turn_at(Instant to) {
        move_to(to);
        return beat->turn().has_value();
    }

    // What is staged: another connection cannot read a database in memory meanwhile.
    void take_back() { store->turn(); }

    // "02:00 catch_up", "02:00-04:00 missed stalled (3)", oldest first; without our own chores'.
    std::vector<std::string> lines(const domain::EntryPtr& job) {
        std::vector<std::string> all;
        const auto page =
            support::must(store->logs({.job = job->number}, store::LogOrder::oldest, 0, 100));
        for (const store::LogLine& line : page.lines) {
            if (line.run)
                all.push_back(time(line.run->at) + " " + std::string(to_text(line.run->trigger)));
            if (line.skip)
                all.push_back(fmt::format("{}-{} {} {} ({})", time(line.skip->first),
                                          time(line.skip->last), to_text(line.skip->status),
                                          to_text(line.skip->reason), line.skip->count));
        }
        return all;
    }
    static std::string time(Instant instant) { return to_iso8601(instant).substr(11, 5); }

    Mark mark{"beat", 5s, clock.steady()};
    std::unique_ptr<Beat> beat;
};
using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a slot is decided at its second, not before, and once") {
    World world;
    const auto job = world.create(a_job().every("1 hour"));

    CHECK(world.turn_at(at("02:00") - 1us));
    world.take_back();
    CHECK(world.lines(job).empty());

    CHECK(world.turn_at(at("02:00")));
    CHECK(world.turn_at(at("02:00") + 1s));
    CHECK(world.lines(job) == Lines{"02:00 schedule"});
}

TEST_CASE("a turn says when it has to come again") {
    World world;
    world.create(a_job().every("1 hour"));

    CHECK(support::must(world.beat->turn()) == at("01:00") + 1s);
    world.move_to(at("02:00") - 300ms);
    const Instant staged_at = support::must(world.beat->turn());
    CHECK(staged_at < at("02:00") - 30ms);  // a little earlier for each job that is due then
    CHECK(staged_at > at("02:00") - 31ms);
    world.move_to(staged_at);
    CHECK(support::must(world.beat->turn()) == at("02:00"));
}

TEST_CASE("the more jobs are due next, the earlier their decisions are staged") {
    World world;
    for (int i = 0; i < 9; ++i)
        world.create(a_job().name(fmt::format("job {}", i)).cron("0 2 * * *"));
    world.create(a_job().name("later").cron("1 2 * * *"));

    world.move_to(at("02:00") - 700ms);
    CHECK(support::must(world.beat->turn()) == at("02:00") - 500ms);
    world.move_to(at("02:00") - 500ms);
    const Instant ten = support::must(world.beat->turn());  // nine, and one of the system's own
    CHECK(ten == at("02:00") - 30ms - 10 * 25us);
}

TEST_CASE("what is due next is staged, and at its second its commit is all that is left to do") {
    World world;
    const auto job = world.create(a_job().every("1 hour"));
    int commits = 0;
    world.store->feed().subscribe([&](const store::Commit&) { ++commits; });
    CHECK(world.turn_at(at("02:00") - 400ms));
    commits = 0;

    CHECK(world.turn_at(at("02:00") - 20ms));
    CHECK(support::must(world.beat->turn()) == at("02:00"));
    CHECK(world.entry(job)->open_count == 0);
    CHECK(world.entry(job)->next_slot == at("02:00"));
    CHECK(commits == 0);

    world.count_statements();
    CHECK(world.turn_at(at("02:00")));
    CHECK(world.statements == 1);
    CHECK(commits == 1);
    CHECK(world.lines(job) == Lines{"02:00 schedule"});
    CHECK(world.run_of(job, at("02:00")).decided_at == at("02:00"));
    CHECK(world.entry(job)->next_slot == at("03:00"));
}

TEST_CASE("whatever else is written takes back what is staged, and it is decided in its turn") {
    World world;
    const auto job = world.create(a_job().every("1 hour"));
    CHECK(world.turn_at(at("02:00") - 20ms));
    const auto other = world.create(a_job().name("other").every("1 hour"));

    world.count_statements();
    CHECK(world.turn_at(at("02:00")));
    CHECK(world.statements > 1);
    CHECK(world.lines(job) == Lines{"02:00 schedule"});
    CHECK(world.lines(other) == Lines{"02:00 schedule"});
}

TEST_CASE("an edit counts although the run was staged already") {
    World world;
    const auto job = world.create(a_job().every("1 hour"));
    CHECK(world.turn_at(at("02:00") - 20ms));
    support::must(
        world.store->update_job(job->number, 0, a_job().every("1 hour").inactive().job(), {}));

    CHECK(world.turn_at(at("02:00")));
    CHECK(world.lines(job).empty());
}

TEST_CASE("what is staged counts for its own slots alone") {
    World world;
    const auto job = world.create(a_job().every("1 second").overlap(Overlap::allow));
    CHECK(world.turn_at(at("01:00") + 980ms));
    world.clock.set(at("01:00") + 2s);  // no time passes: the store has not taken it back
    CHECK(world.beat->turn());
    CHECK(world.lines(job) == Lines{"01:00 schedule", "01:00 schedule"});
    CHECK(world.run_of(job, at("01:00") + 2s).slot == at("01:00") + 2s);
}

TEST_CASE("what is staged does not count after an outage") {
    World world;
    const auto job = world.create(a_job().every("1 hour").misfire(Misfire::none));
    CHECK(world.turn_at(at("02:00") - 20ms));
    world.clock.set(at("02:00") + 6s);  // no time passes: the store has not taken it back
    CHECK(world.beat->turn());
    CHECK(world.lines(job) == Lines{"02:00-02:00 missed stalled (1)"});
}

TEST_CASE("decisions that are staged and not committed in time are taken back") {
    World world;
    const auto job = world.create(a_job().every("1 hour"));
    CHECK(world.turn_at(at("02:00") - 20ms));
    world.count_statements();
    CHECK(world.turn_at(at("02:00") + 200ms));
    CHECK(world.statements > 1);
    CHECK(world.lines(job) == Lines{"02:00 schedule"});
}

TEST_CASE("more jobs than a batch holds are staged and committed together, each once") {
    World world;
    for (int i = 0; i < 1'200; ++i)
        world.create(a_job().name(fmt::format("job {}", i)).every("1 hour"));
    CHECK(world.turn_at(at("02:00") - 400ms));
    CHECK(world.turn_at(at("02:00") - 20ms));
    int commits = 0;
    std::map<JobNumber, int> runs;
    world.store->feed().subscribe([&](const store::Commit& commit) {
        ++commits;
        for (const auto& change : commit.changes)
            if (change.what == store::Change::What::run) ++runs[change.job];
    });
    CHECK(world.turn_at(at("02:00")));
    CHECK(commits == 1);
    CHECK(runs.size() >= 1'200);
    CHECK(std::ranges::all_of(runs, [](const auto& one) { return one.second == 1; }));
    CHECK(world.turn_at(at("02:00") + 1s));
    for (const auto& entry : world.store->board().all()) CHECK(entry->next_slot != at("02:00"));
}

TEST_CASE("a store that is away when decisions are staged is back at the second") {
    World world;
    const auto job = world.create(a_job().every("1 hour"));
    CHECK(world.turn_at(at("02:00") - 400ms));
    world.break_at(1);
    CHECK(world.turn_at(at("02:00") - 20ms));
    world.mend();
    CHECK(world.turn_at(at("02:00")));
    CHECK(world.lines(job) == Lines{"02:00 schedule"});
}

TEST_CASE("a store that does not take what was staged leaves the slot due") {
    World world;
    const auto job = world.create(a_job().every("1 hour"));
    CHECK(world.turn_at(at("02:00") - 20ms));
    world.break_at(1);
    CHECK_FALSE(world.turn_at(at("02:00")));
    world.mend();
    CHECK(world.lines(job).empty());
    CHECK(world.entry(job)->next_slot == at("02:00"));

    CHECK(world.turn_at(at("02:00") + 1s));
    CHECK(world.lines(job) == Lines{"02:00 schedule"});
}

TEST_CASE("a slot that comes while a store holds up its staging is late, and not unserved") {
    World world;
    const auto job = world.create(a_job().every("1 hour").misfire(Misfire::none));
    CHECK(world.turn_at(at("02:00") - 400ms));
    world.before_statement = [&] { world.clock.pass(6s); };
    CHECK(world.turn_at(at("02:00") - 20ms));
    CHECK(world.clock.now() > at("02:00") + 5s);

    CHECK(world.beat->turn());
    CHECK(world.lines(job) == Lines{"02:00 schedule"});
}

TEST_CASE("a commit that fails half-way leaves the slot due") {
    World world;
    const auto job = world.create(a_job().every("1 hour"));
    CHECK(world.turn_at(at("02:00") - 1s));

    world.break_at(3);
    CHECK_FALSE(world.turn_at(at("02:00")));
    CHECK(world.lines(job).empty());

    world.mend();
    CHECK(world.beat->turn());
    CHECK(world.beat->turn());  // has nothing left to do
    CHECK(world.lines(job) == Lines{"02:00 schedule"});
}

TEST_CASE("while turns fail the report says since when, and why the newest did") {
    World world;
    const auto job = world.create(a_job().every("1 hour"));
    CHECK(world.turn_at(at("02:00") - 1s));
    CHECK_FALSE(world.beat->report().failure);

    world.break_at(1);
    CHECK_FALSE(world.turn_at(at("02:00")));
    CHECK_FALSE(world.turn_at(at("02:00") + 1s));
    const auto failure = world.beat->report().failure;
    REQUIRE(failure);
    CHECK(failure->since == at("02:00"));
    CHECK(failure->error.starts_with("commit decisions: "));

    world.mend();
    CHECK(world.beat->turn());
    CHECK_FALSE(world.beat->report().failure);
}

TEST_CASE("a job whose decision is refused is set aside, and the others are on time") {
    World world;
    const auto bad = world.create(a_job().name("bad").every("1 minute").misfire(Misfire::none));
    const auto good = world.create(a_job().name("good").every("1 minute").overlap(Overlap::allow));
    CHECK(world.turn_at(at("01:00") + 59s));
    world.poison(bad);

    CHECK(world.turn_at(at("01:01")));
    CHECK(world.entry(bad)->trouble == domain::Trouble::slots_refused);
    CHECK(world.turn_at(at("01:01") + 5s));
    CHECK(world.beat->report().lateness == 0s);  // what is refused does not count as late

    CHECK(world.turn_at(at("01:02")));
    CHECK(world.lines(good) == Lines{"01:01 schedule", "01:02 schedule"});
    CHECK(world.lines(bad).empty());

    world.cure();
    CHECK(world.turn_at(at("01:02") + 59s));
    CHECK(world.lines(bad).empty());  // a minute is not over
    CHECK(world.turn_at(at("01:03")));
    CHECK(world.entry(bad)->trouble == domain::Trouble::none);
    CHECK(world.lines(bad) == Lines{"01:01-01:02 missed stalled (2)", "01:03 schedule"});
}

TEST_CASE("an edit takes a job that was set aside back at once") {
    World world;
    const auto job = world.create(a_job().every("1 minute"));
    world.poison(job);
    CHECK(world.turn_at(at("01:01")));
    CHECK(world.entry(job)->trouble == domain::Trouble::slots_refused);
    world.cure();
    world.move_to(at("01:01") + 30s);

    support::must(world.store->update_job(
        job->number, 1, a_job().every("5 minutes").overlap(Overlap::allow).job(), {}));
    CHECK(world.turn_at(at("01:05")));

    CHECK(world.entry(job)->trouble == domain::Trouble::none);
    CHECK(world.lines(job) == Lines{"01:01 catch_up", "01:05 schedule"});
}

TEST_CASE("slots that passed while the server was down are missed as the policy says") {
    World world;
    const auto job = world.create(a_job().every("1 hour").misfire(Misfire::latest));
    CHECK(world.beat->turn());

    world.move_to(at("05:30"));
    world.begin();
    CHECK(world.beat->turn());

    CHECK(world.lines(job) == Lines{"02:00-04:00 missed server_down (3)", "05:00 catch_up"});
}

TEST_CASE("more than five seconds without a turn are an outage, five are lateness") {
    World world;
    const auto job = world.create(a_job().every("1 hour").misfire(Misfire::none));

    CHECK(world.turn_at(at("02:00") - 1s));
    CHECK(world.turn_at(at("02:00") + 4s));
    CHECK(world.beat->report().lateness == 4s);
    CHECK(world.turn_at(at("03:00") - 1s));
    CHECK(world.turn_at(at("03:00") + 5s));

    CHECK(world.lines(job) == Lines{"02:00 schedule", "03:00-03:00 missed stalled (1)"});
}

TEST_CASE("a turn that was late is forgotten after a minute in which nothing was due") {
    World world;
    world.create(a_job().every("1 hour"));
    CHECK(world.turn_at(at("02:00") - 1s));
    CHECK(world.turn_at(at("02:00") + 3s));

    CHECK(world.turn_at(at("02:01") + 3s));
    CHECK(world.beat->report().lateness == 3s);
    CHECK(world.turn_at(at("02:01") + 4s));
    CHECK(world.beat->report().lateness == 0s);
}

TEST_CASE("while the store is away time is an outage, although the beat turns") {
    World world;
    const auto job = world.create(a_job().every("1 hour").misfire(Misfire::none));
    CHECK(world.turn_at(at("02:00") - 1s));

    world.break_at(1);
    for (int second = 0; second < 8; ++second)
        CHECK_FALSE(world.turn_at(at("02:00") + std::chrono::seconds{second}));
    world.mend();
    CHECK(world.turn_at(at("02:00") + 8s));

    CHECK(world.lines(job) == Lines{"02:00-02:00 missed stalled (1)"});
}

TEST_CASE("a clock that is set forward makes misfires of what it leaps over") {
    World world;
    const auto job = world.create(a_job().every("1 hour").misfire(Misfire::all, 2));
    CHECK(world.beat->turn());

    world.clock.set(at("05:30"));
    CHECK(world.beat->turn());

    CHECK(world.lines(job) ==
          Lines{"02:00-03:00 missed stalled (2)", "04:00 catch_up", "05:00 catch_up"});
}

TEST_CASE("a clock that is set back decides nothing twice, and health knows until when") {
    World world;
    const auto job = world.create(a_job().every("1 hour"));
    CHECK(world.turn_at(at("02:00")));
    CHECK_FALSE(world.beat->report().resumes_at);

    world.clock.set(at("01:30"));
    CHECK(world.beat->turn());
    CHECK(world.beat->report().resumes_at == at("02:00"));
    CHECK(world.turn_at(at("02:00")));
    CHECK_FALSE(world.beat->report().resumes_at);

    CHECK(world.lines(job) == Lines{"02:00 schedule"});
}

TEST_CASE("a job made while the clock is set back is served at once") {
    World world;
    CHECK(world.turn_at(at("03:00")));
    world.clock.set(at("01:30"));
    const auto job = world.create(a_job().every("1 hour").misfire(Misfire::none));

    CHECK(world.beat->turn());
    CHECK(world.turn_at(at("02:00") - 1s));
    CHECK(world.turn_at(at("02:00")));

    CHECK(world.lines(job) == Lines{"02:00 schedule"});
}

TEST_CASE("a start behind the clock of the last one says so") {
    World world(at("05:00"));
    world.create(a_job().every("1 hour"));
    world.clock.set(at("02:00"));

    world.begin();
    CHECK(world.beat->turn());

    CHECK(world.beat->report().resumes_at == at("05:00"));
}

TEST_CASE("an edit reaches the beat with its commit") {
    World world;
    const auto job = world.create(a_job().every("1 hour"));
    CHECK(world.beat->turn());

    support::must(world.store->update_job(job->number, 1, a_job().every("5 minutes").job(), {}));
    CHECK(world.turn_at(at("01:05")));

    CHECK(world.lines(job) == Lines{"01:05 schedule"});
}

TEST_CASE("a burst is decided a thousand at a time, and a turn comes back for the rest at once") {
    World world;
    for (int i = 1; i <= 1'001; ++i) world.create(a_job().number(i).every("1 hour"));
    CHECK(world.turn_at(at("02:00") - 1s));

    world.move_to(at("02:00"));
    CHECK(support::must(world.beat->turn()) == at("02:00"));
    CHECK(support::must(world.store->open_runs()).size() == 1'000);
    CHECK(support::must(world.beat->turn()) > at("02:00"));
    CHECK(support::must(world.store->open_runs()).size() > 1'000);
}

TEST_CASE("after a long outage a turn decides a part, and what is on time does not wait") {
    World world;
    std::vector<domain::EntryPtr> jobs;
    for (int i = 1; i <= 12; ++i)
        jobs.push_back(world.create(a_job().number(i).every("1 second").misfire(Misfire::none)));
    CHECK(world.beat->turn());
    const Instant up = at("01:00") + 48h;
    world.move_to(up - 4s);
    world.begin();
    const auto on_time = world.create(a_job().name("on time").every("1 minute"));

    const auto moved = [&] {  // jobs whose cursor is not where the outage began
        return std::ranges::count_if(
            jobs, [&](const auto& job) { return *world.entry(job)->next_slot > at("01:00") + 1s; });
    };
    CHECK(support::must(world.beat->turn()) < up);  // comes again at once
    CHECK(moved() == 10);
    CHECK(*world.entry(jobs[0])->next_slot < at("01:00") + 30h);

    CHECK(world.turn_at(up));
    CHECK(moved() == 12);
    CHECK(world.store->logs({.job = on_time->number}, store::LogOrder::oldest, 0, 1)->count == 1);

    while (support::must(world.beat->turn()) <= up) continue;
    std::int64_t missed = 0;
    for (const auto& line :
         support::must(world.store->logs({.job = jobs[11]->number}, store::LogOrder::oldest, 0, 50))
             .lines)
        if (line.skip && line.skip->status == Status::missed) missed += line.skip->count;
    // Until the start; what passed from then on was on time.
    CHECK(missed == 48 * 3'600 - 5);
}

TEST_CASE("each turn moves the mark") {
    World world;
    world.clock.pass(4s);
    CHECK(world.mark.still_for(world.clock.steady()) == 4s);
    CHECK(world.beat->turn());
    CHECK(world.mark.still_for(world.clock.steady()) == 0s);
}

TEST_CASE("the loop ends soon after it was asked to, from its sleep") {
    World world;
    const Steady before = SystemClock().steady();
    {
        std::jthread thread([&](const std::stop_token& stop) { world.beat->loop(stop); });
    }  // asks, and joins
    CHECK(SystemClock().steady() - before < 900ms);  // a sleep would have taken a second
}

TEST_CASE("@reboot runs once with the first good turn of each start") {
    World world;
    const auto job = world.create(a_job().name("boot").cron("@reboot").overlap(Overlap::allow));
    const auto inactive = world.create(a_job().name("off").cron("@reboot").inactive());
    CHECK(world.turn_at(at("01:05")));
    CHECK(world.lines(job).empty());  // it was made after the start

    world.begin();
    CHECK(world.turn_at(at("02:00")));
    CHECK(world.turn_at(at("02:01")));
    CHECK(world.lines(job) == Lines{"02:00 schedule"});

    world.begin();
    world.break_at(3);
    CHECK_FALSE(world.turn_at(at("03:00")));
    CHECK(world.lines(job) == Lines{"02:00 schedule"});
    world.mend();
    CHECK(world.turn_at(at("03:01")));
    CHECK(world.turn_at(at("03:02")));
    CHECK(world.lines(job) == Lines{"02:00 schedule", "03:01 schedule"});
    CHECK(world.lines(inactive).empty());
}

TEST_CASE("a start that the database refuses spares the others and is tried again each minute") {
    World world;
    const auto bad = world.create(a_job().name("bad").cron("@reboot"));
    const auto good = world.create(a_job().name("good").cron("@reboot"));
    world.begin();
    auto db = support::must(store::Database::open(world.path, store::Access::writer));
    support::must(db.script("CREATE TRIGGER poison BEFORE INSERT ON runs WHEN NEW.job = " +
                            std::to_string(bad->number.value) +
                            " BEGIN SELECT RAISE(ABORT, 'poisoned'); END"));

    CHECK(world.turn_at(at("02:00")));
    CHECK(world.turn_at(at("02:00") + 30s));
    CHECK(world.lines(good) == Lines{"02:00 schedule"});
    CHECK(world.lines(bad).empty());
    CHECK(world.entry(bad)->trouble == domain::Trouble::slots_refused);

    world.cure();
    CHECK(world.turn_at(at("02:01")));
    CHECK(world.turn_at(at("02:02")));
    CHECK(world.lines(bad) == Lines{"02:01 schedule"});
    CHECK(world.lines(good) == Lines{"02:00 schedule"});
    CHECK(world.entry(bad)->trouble == domain::Trouble::none);
}

TEST_CASE("a job runs from its start on, and not from its end on") {
    World world;
    const auto job = world.create(
        a_job().window(at("02:00"), at("04:00")).every("30 minutes").overlap(Overlap::allow));

    for (Instant now = at("01:30"); now < at("05:00"); now += 30min) {
        CHECK(world.turn_at(now - 1s));  // on time: nothing is caught up
        CHECK(world.turn_at(now));
    }

    CHECK(world.lines(job) ==
          Lines{"02:00 schedule", "02:30 schedule", "03:00 schedule", "03:30 schedule"});
    CHECK_FALSE(world.entry(job)->next_slot);
    CHECK(world.entry(job)->job->is_active);
}

TEST_CASE("the end of a job lets a run go on, and a new end lets the job go on") {
    World world;
    const auto job = world.create(a_job().window(Instant::min(), at("02:30")).every("1 hour"));
    CHECK(world.turn_at(at("02:00")));
    const domain::Run run = world.run_of(job, at("02:00"));
    support::must(world.store->commit_queued({&run.id, 1}));
    world.store->observe_started({.run = run.id, .at = at("02:00")});
    world.turn();

    CHECK(world.turn_at(at("03:00")));
    CHECK(world.find(run).status == Status::running);
    CHECK(world.lines(job) == Lines{"02:00 schedule"});

    world.finish(run.id);
    auto longer = a_job().window(Instant::min(), at("06:00")).every("1 hour").job();
    support::must(world.store->update_job(job->number, 1, longer, {}));
    CHECK(world.find(run).status == Status::success);
    CHECK(world.entry(job)->next_slot == at("04:00"));
}

TEST_CASE("a schedule with seconds runs at each of them, once") {
    World world;
    const auto job = world.create(a_job().cron("*/20 * * * * *").overlap(Overlap::allow));
    CHECK(world.turn_at(at("01:00") + 1s));

    for (auto now = at("01:00") + 1500ms; now < at("01:02"); now += 500ms)
        CHECK(world.turn_at(now));

    CHECK(support::must(world.store->newest_runs(job->number, 10)).size() == 5);
    CHECK(world.run_of(job, at("01:01") + 40s).slot == at("01:01") + 40s);
}

}  // namespace cjv::beat
