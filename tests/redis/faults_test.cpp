// What goes wrong with a real Redis, and with servers that are none: each is a value and a sentence.

#include "redis/world.h"
#include "support/fake_server.h"
#include "support/redis_server.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <future>
#include <memory>
#include <vector>

using namespace cjv;
using namespace cjv::redis_test;
using support::FakeServer;
using support::free_port;
using support::RedisServer;

namespace {

struct Client {
    explicit Client(RedisOptions options)
        : redis(world.io, std::move(options), states.watcher(), world.clock, world.log) {}
    explicit Client(std::string_view url) : Client(World::options(url)) {}

    Trouble trouble_of(std::initializer_list<std::string_view> words) {
        const auto answer = redis.ask(Commands(words));
        REQUIRE(answer);
        return answer->trouble();
    }

    World world;
    States states;
    Redis redis;
};

std::string at(std::uint16_t port) { return "redis://127.0.0.1:" + std::to_string(port) + "/0"; }

}  // namespace

TEST_CASE("where nobody listens the client is away with a sentence, and an answer comes at once") {
    Client client(at(free_port()));

    check_says(client.redis, "connection refused");
    const auto answer = client.redis.ask(Commands{"PING"});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().error.code == Errc::unavailable);
    CHECK(answer.error().error.what.find("connection refused") != std::string::npos);
    CHECK_FALSE(answer.error().maybe_done);
}

TEST_CASE("a name that nobody knows, and a path without a socket, are said so") {
    Client nameless("redis://no-such-host.invalid/0");
    Client pathless("redis+socket:///no/such/redis.sock");

    check_says(nameless.redis, "the name is not known");
    check_says(pathless.redis, "no such file or directory");
}

TEST_CASE("the same reason is logged once, however often it is met") {
    Client client(at(free_port()));
    REQUIRE(becomes(client.redis, Is::away));
    const auto since = client.redis.state().since;

    REQUIRE_FALSE(until([&] { return client.states.told().size() > 1; }, 300ms));
    const auto logged = client.world.logged();
    CHECK(logged.find("redis.away") == logged.rfind("redis.away"));
    CHECK(client.redis.state().since == since);
}

TEST_CASE("a Redis that was killed and comes back empty is another connection") {
    RedisServer server;
    Client client(server.url());
    REQUIRE(becomes(client.redis, Is::ready));
    REQUIRE(client.redis.ask(Commands{"SET", "k", "v"}));

    server.kill();
    REQUIRE(becomes(client.redis, Is::away));
    server.start();
    REQUIRE(reaches(client.redis, 2));

    const auto old = client.redis.ask(Commands{"SET", "k", "w"}, 1);
    REQUIRE_FALSE(old);
    CHECK(old.error().error.what == "the connection was renewed in between");
    CHECK_FALSE(old.error().maybe_done);
    const auto answer = client.redis.ask(Commands{"GET", "k"}, 2);
    CHECK((*answer)[0].is(ReplyType::nil));

    std::vector<Is> order;
    for (const auto& state : client.states.told())
        if (order.empty() || order.back() != state.is) order.push_back(state.is);
    CHECK(order == std::vector{Is::ready, Is::away, Is::ready});
}

TEST_CASE("what was under way when Redis died may have been done") {
    RedisServer server;
    auto patient = World::options(server.url());
    patient.patience = {.before_ping = 60s, .for_reply = 60s};
    Client client(patient);
    REQUIRE(becomes(client.redis, Is::ready));

    std::promise<Answer> answered;
    client.redis.send(Commands{"BLPOP", "nothing", "0"},
                      [&](Answer answer) { answered.set_value(std::move(answer)); });
    REQUIRE(until([&] {
        return server.command("INFO clients").starts_with("$") && client.redis.state().is_ready();
    }));
    // In the queue of the io thread before the death of the server is seen there.
    std::promise<void> written;
    client.world.io.post([&] { written.set_value(); });
    written.get_future().wait();
    server.kill();

    const auto answer = answered.get_future().get();
    REQUIRE_FALSE(answer);
    CHECK(answer.error().error.code == Errc::unavailable);
    CHECK(answer.error().maybe_done);
}

TEST_CASE("a Redis that hangs is found by a question, and comes back") {
    RedisServer server;
    Client client(server.url());
    REQUIRE(becomes(client.redis, Is::ready));

    server.pause();
    CHECK(becomes(client.redis, Is::away));
    CHECK(client.states.told().at(1).detail.find("the server hangs or is cut off") !=
          std::string::npos);

    server.resume();
    CHECK(reaches(client.redis, 2));
}

TEST_CASE(
    "a request to a Redis that hangs is answered within its patience, and so are those behind it") {
    RedisServer server;
    Client client(server.url());
    REQUIRE(becomes(client.redis, Is::ready));
    server.pause();

    const auto began = std::chrono::steady_clock::now();
    // New requests must not prolong the patience of the old one.
    std::promise<void> first;
    client.redis.send(Commands{"PING"}, [&](const Answer& answer) {
        CHECK_FALSE(answer);
        CHECK(answer.error().maybe_done);
        first.set_value();
    });
    auto done = first.get_future();
    while (done.wait_for(20ms) != std::future_status::ready)
        client.redis.send(Commands{"PING"}, [](const Answer&) {});

    CHECK(std::chrono::steady_clock::now() - began < 5s);
    server.resume();
}

TEST_CASE("more than the socket takes is refused, not kept without bound") {
    RedisServer server;
    auto small = World::options(server.url());
    small.unsent_bytes = 1 << 20;
    small.patience = {.before_ping = 60s, .for_reply = 60s};
    Client client(small);
    REQUIRE(becomes(client.redis, Is::ready));
    server.pause();

    const std::string large(16 << 20, 'x');  // more than the kernel's buffers
    Unanswered refusal{.error = {Errc::corrupt, "none"}, .maybe_done = true};
    std::promise<void> refused;
    client.redis.send(Commands{"SET", "a", large}, [](const Answer&) {});
    client.redis.send(Commands{"SET", "b", large}, [&](const Answer& answer) {
        if (!answer) refusal = answer.error();
        refused.set_value();
    });
    refused.get_future().wait();

    CHECK(refusal.error.code == Errc::throttled);
    CHECK_FALSE(refusal.maybe_done);
    server.resume();
}

TEST_CASE("a full memory, a replica and a failed save are told apart, and all may pass") {
    RedisServer server({"--maxmemory-policy", "noeviction"});
    Client client(server.url());
    REQUIRE(becomes(client.redis, Is::ready));
    const Script push("return redis.call('LPUSH', KEYS[1], ARGV[1])");
    const auto push_trouble = [&] {
        const std::vector<std::string_view> keys = {"list"}, arguments = {"message"};
        Commands commands;
        commands.call(push, keys, arguments);
        return client.redis.ask(std::move(commands))->trouble();
    };
    REQUIRE(push_trouble() == Trouble::none);

    REQUIRE(server.command("CONFIG SET maxmemory 1") == "+OK");
    CHECK(client.trouble_of({"LPUSH", "list", "message"}) == Trouble::out_of_memory);
    CHECK(push_trouble() == Trouble::out_of_memory);
    REQUIRE(server.command("CONFIG SET maxmemory 0") == "+OK");
    CHECK(push_trouble() == Trouble::none);

    REQUIRE(server.command("REPLICAOF 127.0.0.1 1") == "+OK");
    CHECK(client.trouble_of({"LPUSH", "list", "message"}) == Trouble::read_only);
    CHECK(push_trouble() == Trouble::read_only);
    REQUIRE(server.command("REPLICAOF NO ONE") == "+OK");

    std::filesystem::create_directory(server.folder().path() /
                                      "dump.rdb");  // cannot be replaced by a file
    REQUIRE(server.command("CONFIG SET save \"3600 1\"") == "+OK");
    REQUIRE(server.command("BGSAVE").starts_with("+Background saving started"));
    CHECK(until([&] { return push_trouble() == Trouble::cannot_persist; }));
    CHECK(client.redis.state().is_ready());  // it can be read
    for (const auto trouble : {Trouble::out_of_memory, Trouble::read_only, Trouble::cannot_persist})
        CHECK(may_pass(trouble));
}

TEST_CASE(
    "a wrong password and a missing one are said without the password, and a right one mends it") {
    RedisServer server({"--requirepass", "right-one"});
    const auto place = "127.0.0.1:" + std::to_string(server.port());
    Client wrong("redis://:wrong-one@" + place);
    Client none("redis://" + place);

    check_says(wrong.redis, "Redis refuses the user or the password");
    check_says(wrong.redis, "WRONGPASS");
    check_says(none.redis, "Redis wants a password");
    CHECK(wrong.redis.state().detail.starts_with("redis://:********@127.0.0.1:"));
    CHECK(wrong.world.logged().find("wrong-one") == std::string::npos);

    support::Connection admin(server.socket());
    admin.send("AUTH right-one\r\nCONFIG SET requirepass wrong-one\r\n");
    CHECK(becomes(wrong.redis, Is::ready));
}

TEST_CASE("a user without rights is connected, and each refusal may pass when the rights come") {
    const RedisServer server;
    REQUIRE(server.command("ACL SETUSER poor on >pw ~mine* resetchannels -@all +ping +get") ==
            "+OK");
    Client client("redis://poor:pw@127.0.0.1:" + std::to_string(server.port()));
    REQUIRE(becomes(client.redis, Is::ready));

    CHECK(client.trouble_of({"GET", "mine"}) == Trouble::none);
    CHECK(client.trouble_of({"GET", "yours"}) == Trouble::no_permission);
    CHECK(client.trouble_of({"LPUSH", "mine", "x"}) == Trouble::no_permission);
    CHECK(client.trouble_of({"EVAL", "return 1", "0"}) == Trouble::no_permission);
    CHECK(may_pass(Trouble::no_permission));

    REQUIRE(server.command("ACL SETUSER poor +eval") == "+OK");
    const auto inside =
        client.redis.ask(Commands{"EVAL", "return redis.call('LPUSH', KEYS[1], 'x')", "1", "mine"});
    CHECK(inside->trouble() == Trouble::no_permission);
}

TEST_CASE("a user who may not even ping is connected") {
    const RedisServer server;
    REQUIRE(server.command("ACL SETUSER poor on >pw ~* -@all +get") == "+OK");
    Client client("redis://poor:pw@127.0.0.1:" + std::to_string(server.port()));
    CHECK(becomes(client.redis, Is::ready));
    CHECK(client.trouble_of({"GET", "x"}) == Trouble::none);
    // The question into the silence is refused as well, and that is an answer.
    CHECK_FALSE(until([&] { return !client.redis.state().is_ready(); }, 800ms));
}

TEST_CASE("a database that is not there is said so") {
    RedisServer server({"--databases", "2"});
    Client client("redis://127.0.0.1:" + std::to_string(server.port()) + "/5");
    check_says(client.redis, "DB index is out of range");
}

TEST_CASE("a Redis that is full of clients is said so") {
    const RedisServer server;
    REQUIRE(server.command("CONFIG SET maxclients 1") == "+OK");
    Client first(server.url());
    REQUIRE(becomes(first.redis, Is::ready));
    Client second(server.url());
    check_says(second.redis, "maxclients");
}

TEST_CASE("a Redis that still reads its data is waited for") {
    RedisServer server;
    {
        Client client(server.url());
        REQUIRE(becomes(client.redis, Is::ready));
        Commands commands;
        for (int i = 0; i < 2'000; ++i)
            commands.add({"SET", std::to_string(i), std::string(1'000, 'x')});
        commands.add({"SAVE"});
        REQUIRE(client.redis.ask(std::move(commands))->trouble() == Trouble::none);
    }
    server.kill();
    server.start({"--key-load-delay", "500", "--loading-process-events-interval-bytes", "4096"});
    Client client(server.url());

    check_says(client.redis, "Redis is reading its data from disk");
    CHECK(becomes(client.redis, Is::ready));
}

TEST_CASE("a server that does not speak Redis' protocol is no Redis") {
    const FakeServer http("HTTP/1.1 400 Bad Request\r\n\r\n", FakeServer::Then::hang_up);
    const FakeServer talkative("+OK\r\n+PONG\r\n+more\r\n", FakeServer::Then::keep_silent);
    Client first(at(http.port()));
    Client second(at(talkative.port()));

    check_says(first.redis, "it does not speak Redis' protocol");
    check_says(second.redis, "the server says more than it was asked");
}

TEST_CASE("a hostile server is left before it costs memory") {
    auto limited = [](std::uint16_t port) {
        auto options = World::options(at(port));
        options.limits = {.bytes = 1 << 20, .elements = 1'000, .line_bytes = 1'000};
        return options;
    };
    const FakeServer wide("*2147483647\r\n", FakeServer::Then::keep_silent);
    const FakeServer large("$2000000\r\n" + std::string(2'000'000, 'x'),
                           FakeServer::Then::keep_silent);
    const FakeServer endless("+" + std::string(100'000, 'x'), FakeServer::Then::keep_silent);
    Client first(limited(wide.port()));
    Client second(limited(large.port()));
    Client third(limited(endless.port()));

    check_says(first.redis, "more elements than we take");
    check_says(second.redis, "a reply is larger than we take");
    check_says(third.redis, "a line is longer than we take");
}

TEST_CASE("a server that does not even accept us is left in time") {
    const auto [listener, port] = support::listen_somewhere();
    std::vector<std::unique_ptr<support::Connection>> crowd(17);  // fills its queue
    for (auto& guest : crowd)
        guest = std::make_unique<support::Connection>(HostPort{"127.0.0.1", port});
    auto impatient = World::options(at(port));
    impatient.connect_patience = 300ms;
    Client client(impatient);

    check_says(client.redis, "no answer in time");
    ::close(listener);
}

TEST_CASE("a server that keeps silent or hangs up is left, with growing pauses") {
    const FakeServer silent("", FakeServer::Then::keep_silent);
    const FakeServer rude("", FakeServer::Then::hang_up);
    auto impatient = World::options(at(silent.port()));
    impatient.connect_patience = 300ms;
    Client first(impatient);
    Client second(at(rude.port()));

    check_says(first.redis, "no answer to the log-in in time");
    check_says(second.redis, "the server closed the connection");
}

TEST_CASE("a server that greets well and then keeps silent is left") {
    const FakeServer server("+OK\r\n+PONG\r\n", FakeServer::Then::keep_silent);
    Client client(at(server.port()));
    REQUIRE(becomes(client.redis, Is::ready));
    // It says nothing more, so our question into the silence is the end of it.
    CHECK(becomes(client.redis, Is::away));
    CHECK(until([&] { return server.guests() > 1; }));
}

TEST_CASE("a client that goes answers what waits for it") {
    RedisServer server;
    Answer answer;
    {
        Client client(server.url());
        REQUIRE(becomes(client.redis, Is::ready));
        client.redis.send(Commands{"BLPOP", "nothing", "0"},
                          [&](Answer its) { answer = std::move(its); });
    }
    REQUIRE_FALSE(answer);
    CHECK(answer.error().error.what == "we are stopping");
}

TEST_CASE("a client that goes while it connects, or pauses, goes at once") {
    const FakeServer silent("", FakeServer::Then::keep_silent);
    const auto began = std::chrono::steady_clock::now();
    {
        auto patient = World::options(at(silent.port()));
        patient.connect_patience = 60s;
        Client first(patient);
        auto pausing = World::options(at(free_port()));
        pausing.backoff = {.first = 60s, .most = 60s};
        Client second(pausing);
        REQUIRE(becomes(second.redis, Is::away));
        REQUIRE(until([&] { return silent.guests() == 1; }));
    }
    CHECK(std::chrono::steady_clock::now() - began < 5s);
}
