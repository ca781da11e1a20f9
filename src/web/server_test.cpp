#include "web/server.h"

#include "base/crypto.h"
#include "support/connection.h"
#include "support/job.h"
#include "support/store.h"
#include "support/temp_folder.h"
#include "web/service.h"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <optional>
#include <thread>

// The whole of web on real sockets, over a store in memory.
namespace cjv::web {
namespace {

using support::Answer;
using support::Connection;
using support::must;

constexpr std::string_view kPassword = "a long enough password";
constexpr EmbeddedFile kFiles[] = {
    {"assets/app-1.js", "plain script"},
    {"assets/app-1.js.br", "brotli script"},
    {"index.html",
     "<base href=\"__CJV_BASE__\"><style nonce=\"__CJV_NONCE__\"></style>__CJV_BOOT__"},
};

struct World {
    World() {
        world.store->feed().subscribe([this](const store::Commit& c) { events->on_commit(c); });
        domain::User admin;
        admin.username = "admin";
        admin.is_staff = admin.is_superuser = true;
        static const std::string hash = must(crypto::hash_password(kPassword));
        must(world.store->create_user(admin, hash, {}));
        domain::User plain;
        plain.username = "plain";
        must(world.store->create_user(plain, hash, {}));
        world.store->start(progress);
        auto router = must(Router::make(routes(), config.server.prefix));
        service.emplace(*context, std::move(router), Assets(kFiles, config.server.prefix, "1.0"),
                        "127.0.0.1");
        server = must(Server::open({.listen = {"127.0.0.1", 0},
                                    .control_socket = control_socket(),
                                    .connections = 40,
                                    .connections_per_address = 16},
                                   *service, progress, world.clock, world.log));
        server->start();
    }
    ~World() {
        server->stop(std::chrono::seconds{5});
        world.store->stop();
    }

    std::string control_socket() const { return (folder.path() / "control.sock").string(); }

    support::TempFolder folder;
    support::StoreWorld world;
    Progress progress;
    Config config;
    Throttle throttle;
    JobTexts job_texts;
    std::optional<Events> events{std::in_place, 1, "1.0", world.store->board(), world.clock};
    Follow follow{*world.store};
    std::optional<Context> context{Context{.store = *world.store,
                                           .zones = world.zones,
                                           .clock = world.clock,
                                           .config = config,
                                           .log = world.log,
                                           .events = *events,
                                           .follow = follow,
                                           .throttle = throttle,
                                           .job_texts = job_texts,
                                           .version = "1.0",
                                           .health = [] { return monitor::Health{}; },
                                           .not_alive = [] { return std::string(); },
                                           .not_ready = [] { return std::string(); }}};
    std::optional<Service> service;
    std::unique_ptr<Server> server;
};

std::string bytes_of(std::string_view method, std::string_view target,
                     std::string_view headers = "", std::string_view body = "") {
    std::string bytes(method);
    bytes += " ";
    bytes += target;
    bytes += " HTTP/1.1\r\nHost: localhost\r\n";
    bytes += headers;
    if (!body.empty())
        bytes +=
            "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n";
    bytes += "\r\n";
    bytes += body;
    return bytes;
}

std::string credentials(std::string_view name, std::string_view password) {
    return "{\"username\":\"" + std::string(name) + "\",\"password\":\"" + std::string(password) +
           "\"}";
}

// Signs in; what to send from then on.
std::string sign_in(Connection& connection, std::string_view name) {
    const Answer answer =
        connection.ask(bytes_of("POST", "/api/auth/login/", "", credentials(name, kPassword)));
    REQUIRE(answer.status == 200);
    return "Cookie: cjv_session=" + answer.cookie("cjv_session") +
           "\r\nX-CSRFToken: " + answer.cookie("cjv_csrftoken") + "\r\n";
}

}  // namespace

TEST_CASE("one signs in, is known by one's cookie, and is unknown after signing out") {
    World world;
    Connection connection(world.server->address());
    CHECK(connection.ask(bytes_of("GET", "/api/auth/me/")).status == 401);

    const std::string who = sign_in(connection, "admin");
    const Answer me = connection.ask(bytes_of("GET", "/api/auth/me/", who));
    CHECK(me.status == 200);
    CHECK(me.body.find(R"("username":"admin")") != std::string::npos);
    CHECK(
        me.body.find(R"("permissions":["jobs.view","jobs.create","jobs.manage","jobs.command"])") !=
        std::string::npos);

    CHECK(connection.ask(bytes_of("POST", "/api/auth/logout/", who)).status == 204);
    CHECK(connection.ask(bytes_of("GET", "/api/auth/me/", who)).status == 401);
}

TEST_CASE("a wrong password and an unknown name are answered alike") {
    World world;
    Connection connection(world.server->address());
    const auto wrong =
        connection.ask(bytes_of("POST", "/api/auth/login/", "", credentials("admin", "wrong")));
    const auto unknown =
        connection.ask(bytes_of("POST", "/api/auth/login/", "", credentials("nobody", "wrong")));
    CHECK(wrong.status == 400);
    CHECK(wrong.body == R"({"non_field_errors":["Unable to log in with provided credentials."]})");
    CHECK(unknown.body == wrong.body);
}

TEST_CASE("refusals come in the order of the contract") {
    World world;
    Connection connection(world.server->address());
    const auto status = [&](std::string_view method, std::string_view target,
                            const std::string& headers = "") {
        return connection.ask(bytes_of(method, target, headers)).status;
    };
    CHECK(status("GET", "/api/cron-jobs/", "Accept: image/png\r\n") == 406);
    CHECK(status("GET", "/api/cron-jobs/") == 401);
    CHECK(status("PATCH", "/api/cron-jobs/") == 401);
    CHECK(status("GET", "/api/nothing/") == 404);

    const std::string plain = sign_in(connection, "plain");
    CHECK(status("GET", "/api/cron-jobs/", plain) == 403);
    CHECK(status("PATCH", "/api/cron-jobs/", plain) == 403);
    CHECK(status("GET", "/api/auth/me/", plain) == 200);

    const std::string admin = sign_in(connection, "admin");
    CHECK(status("PATCH", "/api/cron-jobs/", admin) == 405);
    CHECK(status("GET", "/api/cron-jobs/7/", admin) == 404);
    const Answer allowed = connection.ask(bytes_of("PUT", "/api/cron-jobs/", admin));
    CHECK(allowed.header("Allow") == "GET, HEAD, POST");
}

TEST_CASE("every route is closed to who is not signed in, but for those that say so") {
    World world;
    Connection connection(world.server->address());
    for (const Route& route : routes()) {
        std::string target(route.pattern);
        if (const auto at = target.find('{'); at != target.npos)
            target.replace(at, target.find('}') + 1 - at, "0191e0c4-8a70-8001-8000-000500000000");
        CAPTURE(target);
        const int status = connection.ask(bytes_of(to_text(route.method), target)).status;
        CHECK((status == 401) == (*route.right != domain::Right::anyone));
    }
}

TEST_CASE("an unsafe request needs the session's token and comes from a page of ours") {
    World world;
    Connection connection(world.server->address());
    const std::string who = sign_in(connection, "admin");
    const std::string cookie = who.substr(0, who.find("\r\n") + 2);
    const auto detail_of = [&](const std::string& headers) {
        const Answer answer = connection.ask(bytes_of("POST", "/api/cron-jobs/", headers, "{}"));
        return std::to_string(answer.status) + " " + answer.body.substr(0, 23);
    };
    CHECK(detail_of(cookie) == R"(403 {"detail":"CSRF Failed:)");
    CHECK(detail_of(cookie + "X-CSRFToken: guessed\r\n") == R"(403 {"detail":"CSRF Failed:)");
    CHECK(detail_of(who + "Origin: http://evil.example\r\n") == R"(403 {"detail":"CSRF Failed:)");
    CHECK(detail_of(who).starts_with("400 "));
}

TEST_CASE("a connection serves many requests, also when they come at once") {
    World world;
    Connection connection(world.server->address());
    connection.send(bytes_of("GET", "/livez") + bytes_of("HEAD", "/livez") +
                    bytes_of("GET", "/readyz"));
    CHECK(connection.answer().status == 200);
    const Answer head = connection.answer(true);
    CHECK(head.status == 200);
    CHECK(head.header("Content-Length") != "0");
    CHECK(connection.answer().status == 200);

    CHECK(connection.ask(bytes_of("GET", "/livez", "Connection: close\r\n")).header("Connection") ==
          "close");
    CHECK(connection.is_closed());
}

TEST_CASE("bytes that are no request are answered once and the connection closes") {
    World world;
    for (const auto& [bytes, status] : {std::pair{"GET / HTTP/1.1\nHost: a\n\n", 400},
                                        std::pair{"GET / HTTP/1.1\r\n\r\n", 400}}) {
        Connection connection(world.server->address());
        const Answer answer = connection.ask(bytes);
        CHECK(answer.status == status);
        CHECK(answer.header("Connection") == "close");
        CHECK_FALSE(answer.header("X-Request-Id").empty());
        CHECK(connection.is_closed());
    }
    Connection large(world.server->address());
    CHECK(large.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n").status ==
          413);
    CHECK(large.is_closed());
}

TEST_CASE("a client that waits to be told to go on is told so") {
    World world;
    Connection connection(world.server->address());
    connection.send(
        "POST /api/auth/login/ HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n");
    CHECK(connection.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(connection.ask("{}").status == 400);
}

TEST_CASE("a foreign host is not answered to") {
    World world;
    Connection connection(world.server->address());
    CHECK(connection.ask("GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n").status == 400);
}

TEST_CASE("a path without its slash is redirected when it is read, and explained otherwise") {
    World world;
    Connection connection(world.server->address());
    const Answer read = connection.ask(bytes_of("GET", "/api/cron-jobs?page=2"));
    CHECK(read.status == 301);
    CHECK(read.header("Location") == "/api/cron-jobs/?page=2");
    CHECK(connection.ask(bytes_of("POST", "/api/cron-jobs")).status == 404);
}

TEST_CASE("pages get the shell with a nonce of their own, and files their best form") {
    World world;
    Connection connection(world.server->address());
    CHECK(connection.ask(bytes_of("GET", "/")).header("Location") == "/utilities/cron-job-viewer/");

    const Answer page = connection.ask(bytes_of("GET", "/utilities/cron-job-viewer/jobs/7"));
    CHECK(page.status == 200);
    CHECK(page.body.starts_with("<base href=\"/utilities/cron-job-viewer/\"><style nonce=\""));
    CHECK(page.header("Content-Security-Policy")
              .find("script-src 'self'; style-src 'self' 'nonce-") != std::string::npos);
    const Answer again = connection.ask(bytes_of("GET", "/utilities/cron-job-viewer/jobs/7"));
    CHECK(again.header("Content-Security-Policy") != page.header("Content-Security-Policy"));

    const std::string script = "/utilities/cron-job-viewer/assets/app-1.js";
    const Answer plain = connection.ask(bytes_of("GET", script));
    CHECK(plain.body == "plain script");
    CHECK(plain.header("Cache-Control") == "public, max-age=31536000, immutable");
    const Answer small = connection.ask(bytes_of("GET", script, "Accept-Encoding: gzip, br\r\n"));
    CHECK(small.body == "brotli script");
    CHECK(small.header("Content-Encoding") == "br");
    const Answer known =
        connection.ask(bytes_of("GET", script, "If-None-Match: " + plain.header("ETag") + "\r\n"));
    CHECK(known.status == 304);
    CHECK(connection.ask(bytes_of("GET", "/utilities/cron-job-viewer/assets/gone.js")).status ==
          404);
}

TEST_CASE("a stream tells a job as it is made") {
    World world;
    Connection watcher(world.server->address()), maker(world.server->address());
    const std::string who = sign_in(watcher, "admin");
    watcher.send(bytes_of("GET", "/api/events/?topics=job", who));
    CHECK(watcher.until("\r\n\r\n").find("Content-Type: text/event-stream\r\n") !=
          std::string::npos);
    CHECK(watcher.until("\n\n") == ": here\n\n");
    CHECK(watcher.until("\n\n").starts_with("event: hello\n"));

    const Answer made = maker.ask(bytes_of(
        "POST", "/api/cron-jobs/", who,
        R"({"name":"a","kind":"command","schedule":"* * * * *","target":{"argv":["/bin/true"]}})"));
    CHECK(made.status == 201);
    const std::string event = watcher.until("\n\n");
    CHECK(event.starts_with("event: job\nid: "));
    CHECK(event.find(R"("change":"created")") != std::string::npos);
}

TEST_CASE("a stream that is never quiet ends soon after its reader may not read any more") {
    World world;
    Connection watcher(world.server->address()), maker(world.server->address());
    const std::string who = sign_in(watcher, "admin"), other = sign_in(maker, "admin");
    watcher.send(bytes_of("GET", "/api/events/?topics=job", who));
    watcher.until("event: hello");
    watcher.until("\n\n");
    const auto make = [&](const std::string& name) {
        return maker
            .ask(bytes_of(
                "POST", "/api/cron-jobs/", other,
                R"({"name":")" + name +
                    R"(","kind":"command","schedule":"","target":{"argv":["/bin/true"]}})"))
            .status;
    };
    CHECK(maker.ask(bytes_of("POST", "/api/auth/logout/", who)).status == 204);
    CHECK(make("within") == 201);
    CHECK(watcher.until("\n\n").starts_with("event: job\n"));

    world.world.clock.pass(std::chrono::seconds{15});
    CHECK(make("after") == 201);
    CHECK(watcher.is_closed());
}

TEST_CASE(
    "output comes with its length when a run has ended, in chunks before, to old clients until the "
    "end") {
    World world;
    Connection connection(world.server->address());
    const std::string who = sign_in(connection, "admin");
    auto& store = *world.world.store;
    const auto job = must(store.create_job(support::a_job().name("prints").job(), {}));
    const auto run = must(store.ask_run({.job = job->number}, {}));
    must(store.commit_queued({&run.id, 1}));
    const std::string path = "/api/cron-job-logs/" + to_text(run.id) + "/output/";
    store.observe_output({.run = run.id,
                          .chunks = {{.at = world.world.clock.now(), .bytes = "line\n"}},
                          .printed = 5});
    const auto ask_whole = [&](Connection& one) {
        one.send(bytes_of("GET", path, who));
        return one.until("\r\n\r\n");
    };
    world.world.clock.pass(std::chrono::seconds{1});  // observations wait for neighbours
    while (must(store.output_after(run.id, 0, 1)).empty()) std::this_thread::yield();

    CHECK(ask_whole(connection).find("Transfer-Encoding: chunked\r\n") != std::string::npos);
    CHECK(connection.until("0\r\n\r\n") == "5\r\nline\n\r\n0\r\n\r\n");

    Connection old(world.server->address());
    old.send("GET " + path + " HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n" + who +
             "\r\n");
    const std::string head = old.until("\r\n\r\n");
    CHECK(head.find("Transfer-Encoding") == std::string::npos);
    CHECK(head.find("Content-Length") == std::string::npos);
    CHECK(old.until("line\n") == "line\n");
    CHECK(old.is_closed());

    const store::Ended end{.run = run.id, .at = world.world.clock.now(), .output_size = 5};
    must(store.commit_ended({&end, 1}));
    const Answer whole = connection.ask(bytes_of("GET", path, who));
    CHECK(whole.header("Content-Length") == "5");
    CHECK(whole.body == "line\n");
    CHECK(connection.ask(bytes_of("GET", "/livez")).status == 200);  // and the connection goes on
}

TEST_CASE("the control socket is its owner's alone and speaks for the machine") {
    World world;
    struct stat file{};
    REQUIRE(stat(world.control_socket().c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0600);

    Connection connection(world.control_socket());
    CHECK(connection.ask(bytes_of("GET", "/api/users/")).status == 200);
}

TEST_CASE("an address has its number of connections, and the keeper still gets in") {
    World world;
    std::vector<std::unique_ptr<Connection>> crowd;
    for (int i = 0; i < 16; ++i) {
        crowd.push_back(std::make_unique<Connection>(world.server->address()));
        CHECK(crowd.back()->ask(bytes_of("GET", "/livez")).status == 200);
    }
    Connection one_more(world.server->address());
    CHECK(one_more.is_closed());
    Connection keeper(world.control_socket());
    CHECK(keeper.ask(bytes_of("GET", "/livez")).status == 200);
}

TEST_CASE("a stop closes who waits and ends streams") {
    World world;
    Connection waiting(world.server->address()), watcher(world.server->address());
    CHECK(waiting.ask(bytes_of("GET", "/livez")).status == 200);
    watcher.send(bytes_of("GET", "/api/events/", sign_in(watcher, "admin")));
    watcher.until("event: hello");
    watcher.until("\n\n");

    world.server->stop(std::chrono::seconds{5});
    CHECK(waiting.is_closed());
    CHECK(watcher.is_closed());
}

}  // namespace cjv::web
