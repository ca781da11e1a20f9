// The fleet as the server sees it, against a real redis-server and a worker that says what it is told to.

#include "monitor/fleet.h"
#include "base/base64.h"
#include "base/crypto.h"
#include "redis/world.h"
#include "support/job.h"
#include "support/redis_server.h"
#include "support/store.h"

#include <atomic>

using namespace cjv;
using namespace cjv::redis_test;
using domain::Reason;
using domain::Status;
using support::a_job;
using support::RedisServer;

namespace {

constexpr auto kWorker = "w1@host";

// The system's time, which a test may move on.
class LeapingClock final : public Clock {
public:
    Instant now() const override { return system_.now() + std::chrono::microseconds{ahead_}; }
    Steady steady() const override { return system_.steady() + std::chrono::microseconds{ahead_}; }
    void leap(std::chrono::microseconds by) { ahead_ += by.count(); }

private:
    SystemClock system_;
    std::atomic<std::int64_t> ahead_ = 0;
};

std::string kombu(const std::string& body) {
    return R"({"body":")" + base64(body) +
           R"(","content-encoding":"utf-8","content-type":"application/json","headers":{},)"
           R"("properties":{"body_encoding":"base64"}})";
}

struct Installation {
    RedisServer server;
    LeapingClock clock;
    World world;  // of the clients
    schedule::Zones zones;
    std::unique_ptr<store::Store> store = must(store::Store::open(
        {.path = support::memory_path(),
         .readers = 2,
         .encode =
             [](const auto&, const auto& run) {
                 return std::optional(store::Message{.list = "celery", .bytes = to_text(run.id)});
             }},
        clock, zones, world.log));
    net::Redis broker{world.io, World::options(server.url()), {}, world.clock, world.log};
    monitor::Fleet fleet{*store,
                         broker,
                         world.io,
                         {.broker = World::options(server.url()),
                          .results = World::options(server.url()),
                          .transport = {},
                          .result_prefix = "",
                          .random = crypto::random_bytes},
                         clock,
                         world.log,
                         world.progress};
    bool is_word_lost = false;  // messages are pushed, and nobody says so
    Installation() {
        store->feed().subscribe([this](const store::Commit& commit) { fleet.on_commit(commit); });
        store->feed().subscribe([this](const store::Commit& commit) {
            if (!is_word_lost)
                for (const auto& batch : commit.batches)
                    store->observe_sent({.batch = batch, .at = clock.now()});
        });
        must(fleet.recover());
        store->start(world.progress);
        fleet.start();
        REQUIRE(until(
            [&] { return fleet.facts().events.is_ready() && fleet.facts().results->is_ready(); }));
    }
    ~Installation() {
        fleet.stop();
        store->stop();
    }

    domain::Run send(const support::JobBuilder& job = a_job().celery("erp.close_day")) {
        const auto entry = must(store->create_job(job.job(), {}));
        const auto run = must(store->ask_run({.job = entry->number}, {}));
        REQUIRE(reaches(run, Status::queued));
        return run;
    }
    domain::Run find(const domain::Run& run) { return must(store->find_run(run.id)).value(); }
    bool reaches(const domain::Run& run, Status status) {
        return until([&] { return find(run).status == status; });
    }
    double seconds() const { return double(micros(clock.now())) / 1e6; }

    void tell(std::string_view type, const std::string& more = "") {
        const std::string event = R"({"type":")" + std::string(type) + R"(","hostname":")" +
                                  kWorker + R"(","pid":7,"clock":1,"utcoffset":0,"timestamp":)" +
                                  std::to_string(seconds()) + more + "}";
        REQUIRE(broker.ask(Commands{"PUBLISH", "/0.celeryev/task.multi", kombu(event)}));
    }
    void tell(std::string_view type, const domain::Run& run, const std::string& more = "") {
        tell(type, R"(,"uuid":")" + to_text(run.id) + "\"" + more);
    }
    void store_result(const domain::Run& run, const std::string& json) {
        REQUIRE(broker.ask(Commands{"SET", "celery-task-meta-" + to_text(run.id), json}));
    }
};

// A worker's ear: what it is told by remote control.
struct Ear {
    explicit Ear(const RedisServer& server)
        : subscriber(
              world.io, World::options(server.url()), {.names = {"/0.celery.pidbox"}},
              [this](const RedisMessage& message) {
                  std::string body;
                  const auto begin = message.payload.find(R"("body": ")") + 9;
                  decode_base64(
                      message.payload.substr(begin, message.payload.find('"', begin) - begin),
                      body);
                  const std::scoped_lock lock(mutex);
                  heard += body + "\n";
              },
              {}, world.clock, world.log) {
        REQUIRE(becomes(subscriber, Is::ready));
    }
    bool hears(std::string_view words) {
        return until([&] {
            const std::scoped_lock lock(mutex);
            return heard.find(words) != std::string::npos;
        });
    }
    World world;
    std::mutex mutex;
    std::string heard;
    RedisSubscriber subscriber;  // last: its thread uses the others
};

}  // namespace

TEST_CASE("a run ends as its events say, with the result that is stored") {
    Installation celery;
    const auto run = celery.send();
    celery.tell("task-received", run, R"(,"name":"erp.close_day")");
    celery.tell("task-started", run);
    REQUIRE(celery.reaches(run, Status::running));
    CHECK(celery.find(run).worker == kWorker);

    celery.store_result(run, R"({"status":"SUCCESS","result":{"rows":[1,2]},"task_id":"x"})");
    celery.tell("task-succeeded", run, R"(,"result":"{'rows': [1...","runtime":0.1)");

    REQUIRE(celery.reaches(run, Status::success));
    CHECK(celery.find(run).result == R"({"rows": [1, 2]})");
}

TEST_CASE("a run of whose end nobody tells is finished from its result") {
    Installation celery;
    const auto run = celery.send();
    celery.store_result(run, R"({"status":"FAILURE","result":{"exc_type":"ValueError",)"
                             R"("exc_message":["boom"],"exc_module":"builtins"},)"
                             R"("traceback":"Traceback…","task_id":"x"})");
    celery.clock.leap(5s);
    REQUIRE(celery.reaches(run, Status::failed));
    CHECK(celery.find(run).error == "ValueError: boom");
    CHECK(celery.find(run).reason == Reason::exception);
}

TEST_CASE("a run that nobody takes is lost after its timeout") {
    Installation celery;
    const auto run = celery.send(a_job().celery("t").timeout(60));
    celery.clock.leap(62s);
    REQUIRE(celery.reaches(run, Status::lost));
    CHECK(celery.find(run).reason == Reason::no_end_seen);
    CHECK_FALSE(celery.find(run).error.empty());
}

TEST_CASE("a worker that falls silent takes its run with it") {
    Installation celery;
    celery.tell("worker-heartbeat", R"(,"freq":2.0)");
    const auto run = celery.send();
    celery.tell("task-started", run);
    REQUIRE(celery.reaches(run, Status::running));
    celery.clock.leap(30s);
    REQUIRE(celery.reaches(run, Status::lost));
    CHECK(celery.find(run).reason == Reason::worker_gone);
    CHECK(celery.find(run).error.find(kWorker) != std::string::npos);
}

TEST_CASE("a worker that comes is told to tell of tasks, and whatever was cancelled") {
    Installation celery;
    Ear ear(celery.server);
    const auto run = celery.send();
    must(celery.store->ask_cancel(run.id, false, {}));
    CHECK(ear.hears("\"revoke\""));
    CHECK(ear.hears(to_text(run.id)));

    celery.tell("worker-online", R"(,"freq":2.0,"sw_ident":"py-celery")");

    CHECK(ear.hears("\"enable_events\""));
    CHECK(ear.hears("\"stats\""));
    CHECK(until([&] { return celery.fleet.workers().all(celery.clock.now()).size() == 1; }));
}

TEST_CASE("a run that is cancelled before anybody knows that it was sent is revoked all the same") {
    Installation celery;
    celery.is_word_lost = true;
    Ear ear(celery.server);
    const auto entry = must(celery.store->create_job(a_job().celery("t").job(), {}));
    const auto run = must(celery.store->ask_run({.job = entry->number}, {}));

    must(celery.store->ask_cancel(run.id, false, {}));

    CHECK(celery.find(run).status == Status::cancelled);
    CHECK(ear.hears("\"revoke\""));
    CHECK(ear.hears(to_text(run.id)));
}

TEST_CASE("a task of others is a run of its own, with the worker's word for its result") {
    Installation celery;
    celery.tell("task-succeeded", R"(,"uuid":"my-own-id","result":"42","runtime":0.1)");
    REQUIRE(until([&] { return must(celery.store->find_task("my-own-id")).has_value(); }));
    const auto run = must(celery.store->find_task("my-own-id")).value();
    CHECK(run.status == Status::success);
    CHECK(run.result == "42");
    CHECK(run.trigger == domain::Trigger::external);
}

TEST_CASE("nothing of ours stays in Redis when the server stops") {
    Installation celery;
    celery.tell("worker-online", R"(,"freq":2.0)");
    REQUIRE(until([&] {
        return celery.server.command("EXISTS _kombu.binding.reply.celery.pidbox") == ":1";
    }));
    celery.fleet.stop();
    CHECK(celery.server.command("DBSIZE") == ":0");
}
