#include "monitor/verdict.h"

#include <doctest/doctest.h>

#include "base/iso8601.h"
#include "support/event.h"
#include "support/job.h"

namespace cjv::monitor {
namespace {

using namespace std::chrono_literals;
using celery::EventType;
using celery::WorkerPhase;
using domain::Reason;
using domain::Run;
using domain::Status;
using support::kEventsBegin;
using support::worker_event;

constexpr auto kName = "w1@host";

// Sent when events begin, started a second later.
Run running() {
    Run run;
    run.id = RunId(parse_uuid("019a0000-0000-8000-8000-000000000001").value());
    run.job = JobNumber{1};
    run.status = Status::running;
    run.queued_at = kEventsBegin;
    run.started_at = kEventsBegin + 1s;
    run.worker = kName;
    return run;
}

struct World {
    Run run = running();
    domain::EntryPtr entry = support::a_job().celery("t").entry();
    Evidence evidence{.now = kEventsBegin + 1min,
                      .started_at = run.started_at,
                      .complete_since = kEventsBegin - 1h};

    World() { meet(WorkerPhase::online, 59s); }
    void meet(WorkerPhase phase, std::chrono::milliseconds seen_after) {
        Worker worker{.name = kName, .phase = phase};
        worker.state.apply(worker_event(EventType::worker_heartbeat, seen_after),
                           kEventsBegin + seen_after);
        evidence.worker = std::move(worker);
    }
    void limit(std::int64_t timeout) {
        auto job = *entry->job;
        job.timeout = timeout;
        set(std::move(job));
    }
    void set(domain::Job job) {
        auto changed = *entry;
        changed.job = std::make_shared<const domain::Job>(std::move(job));
        entry = std::make_shared<const domain::Entry>(std::move(changed));
    }
    auto verdict() { return verdict_on(run, entry.get(), evidence); }
    void check(Status status, Reason reason) {
        const auto news = verdict();
        REQUIRE(news);
        CHECK(to_text(news->status) == to_text(status));
        CHECK(to_text(news->reason) == to_text(reason));
        CHECK(news->ended_at == evidence.now);
        if (status == Status::lost) CHECK_FALSE(news->error.empty());
    }
};

TEST_CASE("a run on a living worker goes on") {
    World world;
    CHECK_FALSE(world.verdict());
    CHECK(is_worth_asking(world.run, world.evidence));
}

TEST_CASE("a result is the end, whatever else is known") {
    World world;
    world.limit(1);
    world.evidence.stored =
        celery::ResultReader().read(R"({"status":"SUCCESS","result":5,"task_id":"t"})");
    CHECK(world.verdict()->status == Status::success);
    CHECK(world.verdict()->result == "5");
}

TEST_CASE("a revoke that is stored while the run goes on is no end") {
    World world;
    world.evidence.stored = celery::ResultReader().read(
        R"({"status":"REVOKED","result":{"exc_type":"TaskRevokedError","exc_message":["revoked"],)"
        R"("exc_module":"celery.exceptions"},"task_id":"t"})");
    CHECK_FALSE(world.verdict());
    SUBCASE("it waits, and its event may be missed") {
        world.run.status = Status::queued;
        CHECK_FALSE(world.verdict());
        world.evidence.complete_since.reset();
    }
    SUBCASE("its worker does not know it") { world.evidence.unknown = 2; }
    SUBCASE("its worker is gone") { world.meet(WorkerPhase::offline, 20s); }
    world.check(Status::cancelled, Reason::revoked);
}

TEST_CASE("a run past its timeout is lost, counted from its start or its sending") {
    World world;
    world.limit(59);
    world.check(Status::lost, Reason::no_end_seen);
    world.limit(60);
    CHECK_FALSE(world.verdict());
    world.run.started_at.reset();
    world.run.status = Status::queued;
    world.check(Status::lost, Reason::no_end_seen);
    CHECK(world.verdict()->error.find("sent") != std::string::npos);
}

TEST_CASE("a run whose worker is offline is lost with it, and the evidence names both") {
    World world;
    world.meet(WorkerPhase::offline, 20s);
    world.check(Status::lost, Reason::worker_gone);
    CHECK(world.verdict()->error.find(kName) != std::string::npos);
    CHECK(world.verdict()->error.find("02:00:20") != std::string::npos);
}

TEST_CASE("a worker that has just said goodbye may have told the end on its way") {
    World world;
    world.meet(WorkerPhase::offline, 59s);
    CHECK_FALSE(world.verdict());
}

TEST_CASE("a worker that is late may be at work") {
    World world;
    world.meet(WorkerPhase::late, 50s);
    CHECK_FALSE(world.verdict());
    CHECK_FALSE(is_worth_asking(world.run, world.evidence));
}

TEST_CASE("a worker that was started again has forgotten what it ran") {
    World world;
    world.evidence.worker->state.apply(worker_event(EventType::worker_online, 30s),
                                       kEventsBegin + 30s);
    world.check(Status::lost, Reason::worker_gone);
    world.evidence.started_at = kEventsBegin + 40s;  // a later attempt
    CHECK_FALSE(world.verdict());
}

TEST_CASE("a run that only waits is not lost with a worker") {
    World world;
    world.run.status = Status::queued;
    world.meet(WorkerPhase::offline, 0s);
    CHECK_FALSE(world.verdict());
}

TEST_CASE("a run that its living worker does not know, twice, was ignored by its task") {
    World world;
    world.evidence.unknown = 1;
    CHECK_FALSE(world.verdict());
    world.evidence.unknown = 2;
    world.check(Status::cancelled, Reason::ignored);
    CHECK(world.verdict()->note.find(kName) != std::string::npos);
}

TEST_CASE("where events were missed, or results are not kept, nobody knows how it ended") {
    World world;
    world.evidence.unknown = 2;
    SUBCASE("a gap since it was sent") { world.evidence.complete_since = kEventsBegin + 1ms; }
    SUBCASE("a gap now") { world.evidence.complete_since.reset(); }
    SUBCASE("its job ignores results") {
        auto job = *world.entry->job;
        job.target = R"({"task":"t","ignore_result":true})";
        world.set(std::move(job));
    }
    world.check(Status::lost, Reason::no_end_seen);
}

TEST_CASE("a task of others counts from when it was first seen") {
    World world;
    world.evidence.unknown = 2;
    world.run.job = JobNumber{};
    world.run.queued_at.reset();
    world.run.decided_at = kEventsBegin;
    CHECK(verdict_on(world.run, nullptr, world.evidence)->reason == Reason::ignored);
    world.evidence.complete_since = kEventsBegin + 1ms;
    CHECK(verdict_on(world.run, nullptr, world.evidence)->reason == Reason::no_end_seen);
}

TEST_CASE("a run that has just begun is nobody's trouble") {
    World world;
    world.evidence.now = kEventsBegin + 3s;
    CHECK_FALSE(is_worth_asking(world.run, world.evidence));
}

TEST_CASE("workers are asked for a run that was sent a while ago and did not start") {
    World world;
    world.run.status = Status::queued;
    world.run.started_at.reset();
    CHECK(is_worth_seeking(world.run, world.evidence));
    world.evidence.now = kEventsBegin + 1s;
    CHECK_FALSE(is_worth_seeking(world.run, world.evidence));
    world.run.status = Status::running;
    world.evidence.now = kEventsBegin + 1min;
    CHECK_FALSE(is_worth_seeking(world.run, world.evidence));
}

TEST_CASE("a worker's word that it runs a task is a start, by its own time or else by ours") {
    const Run run = running();
    const auto told = found_running(run, kName, kEventsBegin + 2s, kEventsBegin + 9s);
    CHECK(told.status == Status::running);
    CHECK(told.started_at == kEventsBegin + 2s);
    CHECK(told.worker == kName);
    CHECK(found_running(run, kName, std::nullopt, kEventsBegin + 9s).started_at ==
          kEventsBegin + 9s);
}

TEST_CASE("a result that was stored a moment ago waits for its events, which say more") {
    World world;
    world.run.status = Status::queued;
    world.run.started_at.reset();
    world.evidence.stored = celery::ResultReader().read(
        R"({"status":"SUCCESS","result":5,"task_id":"t","date_done":")" +
        to_iso8601(world.evidence.now - 1s) + R"("})");
    CHECK_FALSE(world.verdict());
    SUBCASE("and is the end when they do not come") {
        world.evidence.now += 2s;
        CHECK(world.verdict()->status == Status::success);
    }
    SUBCASE("but not where events are missing") {
        world.evidence.complete_since.reset();
        CHECK(world.verdict()->status == Status::success);
    }
}

TEST_CASE("a run that a pool of threads forgot is lost: such a worker may drop events") {
    World world;
    world.evidence.unknown = 2;
    auto answers = *world.evidence.worker->answers;
    answers.stats = celery::WorkerStats{.pool = "threads"};
    world.evidence.worker->answers = std::make_shared<const WorkerAnswers>(answers);
    world.check(Status::lost, Reason::no_end_seen);
}

}  // namespace
}  // namespace cjv::monitor
