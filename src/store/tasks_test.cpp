#include "store/tasks.h"

#include <doctest/doctest.h>

#include "domain/run_id.h"
#include "support/store.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;
using domain::Reason;
using domain::Run;
using domain::Status;
using domain::Trigger;
using support::a_job;
using support::must;
using support::StoreWorld;

constexpr auto kForeign = "6f1e1c62-3ad5-4c8a-9a6c-0d8e5a3c7b11";

struct World : StoreWorld {
    Run run = ask(create(a_job().celery("erp.close_day")));

    Run now() { return find(run); }
    TaskNews news(Status status) {
        return {.task_id = to_text(run.id), .seen_at = clock.now(), .status = status};
    }
    TaskNews foreign(Status status) {
        return {.task_id = kForeign, .task = "erp.mail", .seen_at = clock.now(), .status = status};
    }
    void tell(TaskNews news) {
        store->observe_task(std::move(news));
        turn();
    }
    std::vector<Status> statuses() {
        std::vector<Status> all;
        for (const Change& change : changes)
            if (change.what == Change::What::run && change.before) all.push_back(change.after);
        return all;
    }
    std::int64_t rows(const std::string& table) {
        auto db = reader();
        return must(db.find("SELECT count(*) FROM " + table, {},
                            [](const Row& row) { return row.integer(0); }))
            .value();
    }
};

TEST_CASE("what a worker tells all at once goes through each status, in one write") {
    World world;
    const Instant start = world.clock.now() + 1s;
    auto news = world.news(Status::success);
    news.received_at = start - 1ms;
    news.started_at = start;
    news.ended_at = start + 3s;
    news.worker = "w1@host";
    news.result = "42";

    world.tell(news);

    const Run run = world.now();
    CHECK(world.statuses() == std::vector{Status::queued, Status::running, Status::success});
    CHECK(run.queued_at == news.received_at);
    CHECK(run.received_at == news.received_at);
    CHECK(run.started_at == start);
    CHECK(run.ended_at == news.ended_at);
    CHECK(run.worker == "w1@host");
    CHECK(run.result == "42");
    CHECK(world.store->hours_since(0).at(0).success == 1);
    const auto entry = world.store->board().find(run.job);
    CHECK(entry->open_count == 0);
    CHECK(entry->running_count == 0);
    CHECK(entry->last_run_at == start);
}

TEST_CASE("news that is told twice changes nothing") {
    World world;
    auto news = world.news(Status::running);
    news.started_at = world.clock.now();
    world.tell(news);
    world.changes.clear();

    world.tell(news);
    CHECK(world.changes.empty());

    news.status = Status::failed;
    world.tell(news);
    world.tell(news);
    CHECK(world.statuses() == std::vector{Status::failed});
    CHECK(world.now().notes.empty());
}

TEST_CASE("a status that cannot follow is not taken, and what else is told is") {
    World world;
    auto news = world.news(Status::running);
    news.started_at = world.clock.now();
    world.tell(news);

    auto earlier = world.news(Status::queued);
    earlier.received_at = world.clock.now() - 2s;
    world.tell(earlier);

    CHECK(world.now().status == Status::running);
    CHECK(world.now().received_at == earlier.received_at);
}

TEST_CASE("a retry is an attempt, and the run goes on") {
    World world;
    auto news = world.news(Status::retrying);
    news.started_at = world.clock.now();
    news.attempt = 2;
    news.attempts = {{.n = 1, .status = Status::retrying, .worker = "w", .error = "try 0"},
                     {.n = 2, .status = Status::queued}};
    world.tell(news);
    CHECK(world.now().status == Status::retrying);

    news.status = Status::success;
    news.attempts[1].status = Status::success;
    news.attempts[1].ended_at = world.clock.now();
    world.tell(news);

    CHECK(world.now().status == Status::success);
    CHECK(world.now().attempt == 2);
    CHECK(must(world.store->attempts_of(world.run.id)) == news.attempts);
}

TEST_CASE("a run that waits for its next attempt may be told its end at once") {
    World world;
    auto news = world.news(Status::retrying);
    news.attempt = 2;
    world.tell(news);
    world.changes.clear();

    auto end = world.news(Status::success);  // by its result, which knows no start
    end.ended_at = world.clock.now();
    world.tell(end);

    CHECK(world.statuses() == std::vector{Status::running, Status::success});
    CHECK(world.now().attempt == 2);
}

TEST_CASE("a revoke is by whoever asked for it") {
    World world;
    auto news = world.news(Status::cancelled);
    news.reason = Reason::revoked;
    SUBCASE("somebody else") {
        world.tell(news);
        CHECK(world.now().reason == Reason::revoked);
    }
    SUBCASE("a person here") {
        world.tell(world.news(Status::queued));
        must(world.store->ask_cancel(world.run.id, false, {}));
        world.tell(news);
        CHECK(world.now().reason == Reason::by_user);
    }
    CHECK(world.now().status == Status::cancelled);
}

TEST_CASE("a start or an end after the end is a note, once") {
    World world;
    auto lost = world.news(Status::lost);
    lost.reason = Reason::no_end_seen;
    lost.error = "Nothing was heard of it.";
    world.tell(lost);

    auto late = world.news(Status::running);
    late.started_at = world.clock.now();
    world.tell(late);
    world.tell(late);
    late.status = Status::success;
    world.tell(late);

    const std::string notes = world.now().notes;
    CHECK(world.now().status == Status::lost);
    CHECK(world.now().error == lost.error);
    const auto first = notes.find("running");
    CHECK(first != notes.npos);
    CHECK(notes.find("running", first + 1) == notes.npos);
    CHECK(notes.find("success") != notes.npos);
}

TEST_CASE("a task of somebody else is a run without a job") {
    World world;
    auto news = world.foreign(Status::running);
    news.started_at = world.clock.now();
    world.tell(news);
    news.status = Status::success;
    news.ended_at = world.clock.now();
    world.tell(news);

    const Run run = must(world.store->find_task(kForeign)).value();
    CHECK(run.trigger == Trigger::external);
    CHECK_FALSE(run.job);
    CHECK(run.status == Status::success);
    CHECK(run.task == "erp.mail");
    CHECK(run.task_id == kForeign);
    CHECK(domain::decode(run.id)->kind == domain::IdKind::observed);
    CHECK(world.rows("runs") == 2);
    CHECK(world.rows("hourly") == 1);  // of all runs; there is no job to count it for
    CHECK(world.store->hours_since(0).at(0).success == 1);
}

TEST_CASE("an id of our form that is no run of ours is somebody else's task") {
    World world;
    const RunId other = domain::asked_run_id(JobNumber{7}, world.clock.now(), 1);
    world.tell({.task_id = to_text(other), .seen_at = world.clock.now(), .status = Status::queued});

    const Run run = must(world.store->find_task(to_text(other))).value();
    CHECK(run.trigger == Trigger::external);
    CHECK(run.id != other);
}

TEST_CASE("the task id of a later attempt is the same run") {
    World world;
    auto news = world.news(Status::running);
    news.task_id = to_text(domain::with_attempt(world.run.id, 3));
    world.tell(news);
    CHECK(world.now().status == Status::running);
    CHECK(world.now().task_id.empty());
}

TEST_CASE("the name of a task may come later than its start, and in any form of id") {
    World world;
    world.tell({.task_id = "my own id", .seen_at = world.clock.now(), .status = Status::running});
    world.tell({.task_id = "my own id",
                .task = "erp.mail",
                .seen_at = world.clock.now(),
                .status = Status::running});
    CHECK(must(world.store->find_task("my own id"))->task == "erp.mail");
}

TEST_CASE("a list by task has those of others, too") {
    World world;
    world.tell(world.foreign(Status::success));
    const auto count = [&](const LogFilter& filter) {
        return must(world.store->logs(filter, LogOrder::newest, 0, 10)).count;
    };
    CHECK(count({.tasks = {"erp.mail"}}) == 1);
    CHECK(count({.jobs = {world.run.job}, .tasks = {"erp.mail"}}) == 2);
    CHECK(count({.jobs = {world.run.job}}) == 1);
    CHECK(count({.tasks = {"erp.other"}}) == 0);
}

TEST_CASE("clean-up leaves nothing of a task") {
    World world;
    auto news = world.foreign(Status::failed);
    news.ended_at = world.clock.now();
    news.attempt = 2;
    news.attempts = {{.n = 1}, {.n = 2}};
    world.tell(news);
    world.clock.pass(std::chrono::days{2});

    while (must(world.store->clean_up_slice(world.clock.now())) > 0) continue;

    CHECK(world.rows("task_ids") == 0);
    CHECK(world.rows("attempts") == 0);
    CHECK(world.rows("hourly") == 0);
}

}  // namespace
}  // namespace cjv::store
