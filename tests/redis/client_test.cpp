// Commands and their replies on a Redis that is well.

#include "redis/world.h"
#include "support/redis_server.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>

using namespace cjv;
using namespace cjv::redis_test;
using support::RedisServer;

namespace {

struct Client {
    explicit Client(std::string_view url)
        : redis(world.io, World::options(url), {}, world.clock, world.log) {
        REQUIRE(becomes(redis, Is::ready));
    }
    World world;
    Redis redis;
};

}  // namespace

TEST_CASE("the replies to a batch come in its order") {
    const RedisServer server;
    Client client(server.url());

    Commands commands;
    for (int i = 0; i < 10'000; ++i) commands.add({"ECHO", std::to_string(i)});
    const auto answer = client.redis.ask(std::move(commands));

    REQUIRE(answer);
    REQUIRE(answer->size() == 10'000);
    for (std::size_t i = 0; i < answer->size(); ++i)
        REQUIRE((*answer)[i].text() == std::to_string(i));
}

TEST_CASE("batches of several threads keep apart, each in its order") {
    const RedisServer server;
    Client client(server.url());

    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int name = 0; name < 4; ++name)
        threads.emplace_back([&, name] {
            for (int round = 0; round < 200; ++round) {
                const auto word = std::to_string(name) + "-" + std::to_string(round);
                Commands commands{"ECHO", word};
                commands.add({"RPUSH", "list-" + std::to_string(name), word});
                const auto answer = client.redis.ask(std::move(commands));
                if (!answer || (*answer)[0].text() != word || (*answer)[1].integer() != round + 1)
                    ++wrong;
            }
        });
    for (auto& thread : threads) thread.join();

    CHECK(wrong == 0);
}

TEST_CASE("an empty batch has an empty answer, an error inside a batch is one reply of it") {
    const RedisServer server;
    Client client(server.url());

    CHECK(client.redis.ask({})->empty());

    Commands commands{"SET", "text", "x"};
    commands.add({"LPUSH", "text", "y"}).add({"GET", "text"});
    const auto answer = client.redis.ask(std::move(commands));
    REQUIRE(answer);
    CHECK((*answer)[0].text() == "OK");
    CHECK((*answer)[1].trouble() == Trouble::wrong_type);
    CHECK((*answer)[2].text() == "x");
    CHECK(answer->trouble() == Trouble::wrong_type);
}

TEST_CASE("replies of every shape arrive, large ones as well") {
    const RedisServer server;
    Client client(server.url());
    const std::string large(5'000'000, 'x');

    Commands commands{"SET", "large", large};
    commands.add({"GET", "large"})
        .add({"GET", "nothing"})
        .add({"EVAL", "return {1,{'a',{}},false}", "0"});
    const auto answer = client.redis.ask(std::move(commands));

    REQUIRE(answer);
    CHECK((*answer)[1].text() == large);
    CHECK((*answer)[2].is(ReplyType::nil));
    CHECK((*answer)[3][1][0].text() == "a");
    CHECK((*answer)[3][2].is(ReplyType::nil));
}

TEST_CASE("a Unix socket serves as a port does, with its database and our name") {
    const RedisServer server;
    Client client("redis+socket://" + server.socket() + "?virtual_host=3");

    const auto answer = client.redis.ask(Commands{"CLIENT", "INFO"});
    REQUIRE(answer);
    CHECK((*answer)[0].text().find(" name=cjv-test ") != std::string::npos);
    CHECK((*answer)[0].text().find(" db=3 ") != std::string::npos);
}

TEST_CASE("a password alone, and a user with one, are let in") {
    const RedisServer server;
    REQUIRE(server.command("ACL SETUSER ops on >w:rd ~* &* +@all") == "+OK");
    REQUIRE(server.command("CONFIG SET requirepass s3cret/@") == "+OK");
    const auto at = "127.0.0.1:" + std::to_string(server.port()) + "/1";

    Client with_password("redis://:s3cret%2F%40@" + at);
    CHECK(with_password.redis.ask(Commands{"PING"})->trouble() == Trouble::none);
    Client with_user("redis://ops:w%3Ard@" + at);
    CHECK((*with_user.redis.ask(Commands{"ACL", "WHOAMI"}))[0].text() == "ops");
}

TEST_CASE("a script runs by its name, and Redis learns it again after it forgot") {
    const RedisServer server;
    Client client(server.url());
    const Script script("return redis.call('RPUSH', KEYS[1], unpack(ARGV))");
    const auto push = [&] {
        const std::vector<std::string_view> keys = {"list"}, arguments = {"a", "b"};
        Commands commands;
        commands.call(script, keys, arguments).call(script, keys, arguments);
        return client.redis.ask(std::move(commands));
    };

    CHECK((*push())[1].integer() == 4);
    REQUIRE(server.command("SCRIPT FLUSH") == "+OK");
    const auto answer = push();
    CHECK((*answer)[0].integer() == 6);
    CHECK((*answer)[1].integer() == 8);
}

TEST_CASE("a script that is forgotten within a batch is a trouble that passes") {
    const RedisServer server;
    Client client(server.url());
    const Script script("return 1");

    Commands commands;
    commands.call(script, {}, {}).add({"SCRIPT", "FLUSH"}).call(script, {}, {});
    const auto answer = client.redis.ask(std::move(commands));

    CHECK((*answer)[2].trouble() == Trouble::no_script);
    CHECK(may_pass((*answer)[2].trouble()));
}

TEST_CASE("an answer may be taken on the io thread, and ask again from there") {
    const RedisServer server;
    Client client(server.url());
    std::promise<std::string> second;

    client.redis.send(Commands{"ECHO", "one"}, [&](Answer first) {
        client.redis.send(
            Commands{"ECHO", std::string((*first)[0].text()) + " two"},
            [&](Answer answer) { second.set_value(std::string((*answer)[0].text())); });
    });

    CHECK(second.get_future().get() == "one two");
}

TEST_CASE("an answer that throws is logged, and the next one comes") {
    const RedisServer server;
    Client client(server.url());

    client.redis.send(Commands{"PING"}, [](const Answer&) { throw std::runtime_error("a fault"); });

    CHECK((*client.redis.ask(Commands{"ECHO", "on"}))[0].text() == "on");
    CHECK(client.world.logged().find("redis.answer_failed") != std::string::npos);
}

TEST_CASE("a quiet connection is asked, and stays") {
    const RedisServer server;
    World world;
    auto often = World::options(server.url());
    often.patience.before_ping = 20ms;
    const Redis quiet(world.io, often, {}, world.clock, world.log);
    Client other(server.url());
    const auto pings = [&] {
        const auto answer = other.redis.ask(Commands{"INFO", "commandstats"});
        const auto text = (*answer)[0].text();
        const auto at = text.find("cmdstat_ping:calls=");
        return at == text.npos ? 0 : std::stoi(std::string(text.substr(at + 19)));
    };

    const int before = pings();

    CHECK(until([&] { return pings() > before + 3; }));
    CHECK(quiet.state().is_ready());
    CHECK(quiet.state().connection == 1);
}
