// /livez over the marks that the program has, asked as an orchestrator asks it.

#include <doctest/doctest.h>

#include "app/watchdog.h"
#include "beat/beat.h"
#include "support/connection.h"
#include "support/store.h"
#include "web/server.h"
#include "web/service.h"

namespace cjv::app {
namespace {

using namespace std::chrono_literals;
using support::Answer;
using support::Connection;
using support::must;

// A beat that turns when told, and a server whose threads go by themselves.
struct World : support::StoreWorld {
    World() {
        store->start(progress);
        auto router = must(web::Router::make(web::routes(), config.server.prefix));
        service.emplace(context, std::move(router), web::Assets({}, config.server.prefix, "1.0"),
                        "127.0.0.1");
        server = must(web::Server::open(
            {.listen = {"127.0.0.1", 0}, .connections = 40, .connections_per_address = 16},
            *service, progress, clock, log));
        server->start();
    }
    ~World() {
        server->stop(5s);
        store->stop();
    }

    Answer livez() const {
        Connection connection(server->address());
        return connection.ask("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    Progress progress;
    Config config;
    web::Throttle throttle;
    web::JobTexts job_texts;
    beat::Beat beat{*store, clock, log, progress.add("beat", beat::kBeatLimit, clock.steady())};
    web::Events events{1, "1.0", store->board(), clock};
    web::Follow follow{*store};
    web::Context context{.store = *store,
                         .zones = zones,
                         .clock = clock,
                         .config = config,
                         .log = log,
                         .events = events,
                         .follow = follow,
                         .throttle = throttle,
                         .job_texts = job_texts,
                         .version = "1.0",
                         .health = [] { return monitor::Health{}; },
                         .not_alive = [this] { return stands_still(progress, clock.steady()); },
                         .not_ready = [] { return std::string(); }};
    std::optional<web::Service> service;
    std::unique_ptr<web::Server> server;
};

}  // namespace

TEST_CASE(
    "/livez fails within ten seconds of a beat that stands still, and is well when it turns") {
    World world;
    REQUIRE(world.beat.turn());
    world.clock.pass(beat::kBeatLimit);
    CHECK(world.livez().status == 200);  // it may take that long

    world.clock.pass(10s - beat::kBeatLimit);
    const Answer stuck = world.livez();
    CHECK(stuck.status == 503);
    CHECK(stuck.body == R"({"status":"failed","detail":"stands still: beat"})");

    REQUIRE(world.beat.turn());
    const Answer well = world.livez();
    CHECK(well.status == 200);
    CHECK(well.body == R"({"status":"ok"})");
}

}  // namespace cjv::app
