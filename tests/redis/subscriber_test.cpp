// Messages of channels.

#include "redis/world.h"
#include "support/redis_server.h"

#include <doctest/doctest.h>

#include <atomic>

using namespace cjv;
using namespace cjv::redis_test;
using support::RedisServer;

namespace {

// Keeps what came as "channel: payload".
struct Listener {
    Listener(RedisOptions options, RedisChannels channels)
        : subscriber(
              world.io, std::move(options), std::move(channels),
              [this](const RedisMessage& message) {
                  const std::scoped_lock lock(mutex);
                  came.push_back(std::string(message.channel) + ": " +
                                 std::string(message.payload));
              },
              states.watcher(), world.clock, world.log) {}
    Listener(const RedisServer& server, RedisChannels channels)
        : Listener(World::options(server.url()), std::move(channels)) {}

    std::vector<std::string> messages() {
        const std::scoped_lock lock(mutex);
        return came;
    }
    bool has(std::size_t count) {
        return until([&] { return messages().size() >= count; });
    }

    World world;
    States states;
    std::mutex mutex;
    std::vector<std::string> came;
    RedisSubscriber subscriber;  // last: its thread uses the others
};

struct Publisher {
    explicit Publisher(const RedisServer& server)
        : redis(world.io, World::options(server.url()), {}, world.clock, world.log) {
        REQUIRE(becomes(redis, Is::ready));
    }
    void publish(std::string_view channel, std::string_view payload) {
        REQUIRE(redis.ask(Commands{"PUBLISH", channel, payload}));
    }
    World world;
    Redis redis;
};

}  // namespace

TEST_CASE("messages of names and patterns come as they were sent, bytes and order") {
    const RedisServer server;
    Listener listener(server, {.names = {"news"}, .patterns = {"/0.celeryev/*", "x[*]"}});
    REQUIRE(becomes(listener.subscriber, Is::ready));
    Publisher publisher(server);

    publisher.publish("news", std::string_view("a\r\n\0b", 5));
    publisher.publish("/0.celeryev/task.sent", "{}");
    publisher.publish("elsewhere", "no");
    publisher.publish("news", "");

    REQUIRE(listener.has(3));
    CHECK(listener.messages() == std::vector<std::string>{std::string("news: a\r\n\0b", 11),
                                                          "/0.celeryev/task.sent: {}", "news: "});
}

TEST_CASE("a flood of messages loses none and keeps their order") {
    const RedisServer server;
    World world;
    std::atomic<int> next = 0;
    std::atomic<bool> in_order = true;
    const RedisSubscriber subscriber(
        world.io, World::options(server.url()), {.patterns = {"*"}},
        [&](const RedisMessage& message) {
            if (message.payload.substr(0, message.payload.find(' ')) != std::to_string(next++))
                in_order = false;
        },
        {}, world.clock, world.log);
    REQUIRE(becomes(subscriber, Is::ready));
    Publisher publisher(server);

    const std::string filling(700, 'x');
    constexpr int kCount = 50'000;
    for (int i = 0; i < kCount;) {
        Commands commands;
        for (int n = 0; n < 1'000; ++n, ++i)
            commands.add({"PUBLISH", "c", std::to_string(i) + " " + filling});
        REQUIRE(publisher.redis.ask(std::move(commands)));
    }

    CHECK(until([&] { return next == kCount; }));
    CHECK(in_order);
}

TEST_CASE("a gap is told: away when Redis died, ready when the channels are confirmed again") {
    RedisServer server;
    Listener listener(server, {.names = {"news"}});
    REQUIRE(becomes(listener.subscriber, Is::ready));

    server.kill();
    REQUIRE(becomes(listener.subscriber, Is::away));
    server.start();
    REQUIRE(reaches(listener.subscriber, 2));
    Publisher(server).publish("news", "after");

    REQUIRE(listener.has(1));
    CHECK(listener.messages() == std::vector<std::string>{"news: after"});
}

TEST_CASE("a subscriber that waits in silence finds that Redis hangs") {
    RedisServer server;
    Listener listener(server, {.names = {"news"}});
    REQUIRE(becomes(listener.subscriber, Is::ready));
    // Questions and their answers have come and gone.
    REQUIRE_FALSE(until([&] { return !listener.subscriber.state().is_ready(); }, 700ms));

    server.pause();
    CHECK(becomes(listener.subscriber, Is::away));
    server.resume();
    CHECK(reaches(listener.subscriber, 2));
}

TEST_CASE("a channel that the user may not hear keeps the subscriber away, with the reason") {
    const RedisServer server;
    REQUIRE(server.command("ACL SETUSER poor on >pw resetchannels &open* +@all") == "+OK");
    const auto url = "redis://poor:pw@127.0.0.1:" + std::to_string(server.port());
    Listener allowed(World::options(url), {.names = {"open"}});
    Listener refused(World::options(url), {.names = {"open", "closed"}});

    CHECK(becomes(allowed.subscriber, Is::ready));
    check_says(refused.subscriber, "NOPERM");
    CHECK(refused.subscriber.state().connection == 0);
}

TEST_CASE("a subscriber that Redis closed because it was too slow learns of it") {
    const RedisServer server({"--client-output-buffer-limit", "pubsub 100000 0 0"});
    World world;
    std::atomic<bool> holding = true;
    States states;
    const RedisSubscriber subscriber(
        world.io, World::options(server.url()), {.names = {"news"}},
        [&](const RedisMessage&) { (void)until([&] { return !holding; }); }, states.watcher(),
        world.clock, world.log);
    REQUIRE(becomes(subscriber, Is::ready));
    Publisher publisher(server);

    Commands commands;
    for (int i = 0; i < 100; ++i) commands.add({"PUBLISH", "news", std::string(200'000, 'x')});
    REQUIRE(publisher.redis.ask(std::move(commands)));
    holding = false;

    CHECK(reaches(subscriber, 2));
    CHECK(states.told().at(1).is == Is::away);
}

TEST_CASE("a message whose taker throws is logged, and the next one comes") {
    const RedisServer server;
    World world;
    std::atomic<int> count = 0;
    const RedisSubscriber subscriber(
        world.io, World::options(server.url()), {.names = {"news"}},
        [&](const RedisMessage&) {
            if (++count == 1) throw std::runtime_error("a fault");
        },
        {}, world.clock, world.log);
    REQUIRE(becomes(subscriber, Is::ready));
    Publisher publisher(server);

    publisher.publish("news", "one");
    publisher.publish("news", "two");

    CHECK(until([&] { return count == 2; }));
    CHECK(world.logged().find("redis.message_failed") != std::string::npos);
}
