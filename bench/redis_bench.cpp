// The Redis client beside plain hiredis and beside bare sockets, on one redis-server in one run:
//  - 10,000 messages of 950 bytes onto a list, 500 a command: until the replies are there;
//  - 50,000 messages a second of a channel: CPU of the thread that takes them.

#include "base/clock.h"
#include "base/log.h"
#include "base/progress.h"
#include "net/io_thread.h"
#include "net/redis.h"
#include "net/redis_subscriber.h"
#include "support/must.h"
#include "support/redis_server.h"
#include "support/wait.h"

#include <hiredis/hiredis.h>

#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cjv;
using namespace cjv::net;

constexpr int kMessages = 10'000, kEach = 500, kRounds = 21;
constexpr int kPerSecond = 50'000, kSeconds = 5;

double cpu_of(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
}
double wall() { return cpu_of(CLOCK_MONOTONIC); }

struct Figure {
    double wall_ms, cpu_us;  // of the whole burst; of one message
};

// The median of the rounds. Before each the list is empty.
Figure measure(const support::RedisServer& server, const std::function<void()>& push) {
    std::vector<double> walls, cpus;
    for (int round = 0; round < kRounds; ++round) {
        server.command("DEL list");
        const double wall_before = wall(), cpu_before = cpu_of(CLOCK_PROCESS_CPUTIME_ID);
        push();
        cpus.push_back((cpu_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_before) * 1e6 / kMessages);
        walls.push_back((wall() - wall_before) * 1e3);
        if (server.command("LLEN list") != ":" + std::to_string(kMessages)) std::abort();
    }
    const auto median = [](std::vector<double>& all) {
        std::ranges::sort(all);
        return all[all.size() / 2];
    };
    return {median(walls), median(cpus)};
}

std::vector<std::string> messages() {
    std::vector<std::string> all;
    for (int i = 0; i < kMessages; ++i) {
        all.push_back(std::to_string(i));
        all.back().resize(950, 'x');
    }
    return all;
}

Commands encode(const std::vector<std::string>& all) {
    Commands commands;
    commands.reserve(all.size() * 1'000);
    std::vector<std::string_view> words;
    for (std::size_t i = 0; i < all.size(); i += kEach) {
        words.assign({"LPUSH", "list"});
        words.insert(words.end(), all.begin() + std::ptrdiff_t(i),
                     all.begin() + std::ptrdiff_t(i) + kEach);
        commands.add(words);
    }
    return commands;
}

redisContext* connect(const support::RedisServer& server) {
    redisContext* context = redisConnect("127.0.0.1", server.port());
    if (!context || context->err) std::abort();
    return context;
}

void push_by_hiredis(redisContext* context, const std::vector<std::string>& all) {
    std::vector<const char*> words;
    std::vector<std::size_t> sizes;
    for (std::size_t i = 0; i < all.size(); i += kEach) {
        words = {"LPUSH", "list"};
        sizes = {5, 4};
        for (std::size_t n = i; n < i + kEach; ++n) {
            words.push_back(all[n].data());
            sizes.push_back(all[n].size());
        }
        redisAppendCommandArgv(context, int(words.size()), words.data(), sizes.data());
    }
    for (std::size_t i = 0; i < all.size(); i += kEach) {
        void* reply = nullptr;
        if (redisGetReply(context, &reply) != REDIS_OK) std::abort();
        freeReplyObject(reply);
    }
}

// Bytes that were built before, on a blocking socket.
void push_bytes(support::Connection& socket, const std::string& bytes) {
    socket.send(bytes);
    for (int i = 0; i < kMessages / kEach; ++i) socket.until("\r\n");
}

void print(const char* what, const Figure& figure, const Figure& floor) {
    std::printf("  %-44s %6.1f ms (%.2fx)  %5.2f us CPU a message (%.2fx)\n", what, figure.wall_ms,
                figure.wall_ms / floor.wall_ms, figure.cpu_us, figure.cpu_us / floor.cpu_us);
}

struct World {
    SystemClock clock;
    Progress progress;
    Log log{{.level = LogLevel::warning}, clock};
    IoThread io{"redis", progress, clock, log};
};

void bench_push(const support::RedisServer& server) {
    World world;
    Redis redis(world.io, {.url = support::must(parse_redis_url(server.url()))}, {}, world.clock,
                world.log);
    if (!support::until([&] { return redis.state().is_ready(); })) std::abort();
    const auto all = messages();
    const auto encoded = encode(all);
    redisContext* context = connect(server);
    support::Connection socket(HostPort{"127.0.0.1", server.port()});

    std::printf("%d messages of 950 bytes onto a list, %d a command, until confirmed:\n", kMessages,
                kEach);
    const auto floor = measure(server, [&] { push_bytes(socket, encoded.bytes()); });
    const auto plain = measure(server, [&] { push_by_hiredis(context, all); });
    const auto whole = measure(server, [&] {
        if (!redis.ask(encode(all))) std::abort();
    });
    std::vector<Commands> prepared(kRounds, encoded);
    const auto ours = measure(server, [&] {
        if (!redis.ask(std::move(prepared.back()))) std::abort();
        prepared.pop_back();
    });
    print("bare socket, bytes built before", floor, floor);
    print("plain hiredis, encoding counted", plain, floor);
    print("ours, encoding counted", whole, floor);
    print("ours, encoded before", ours, floor);
    redisFree(context);
}

// Counts, and reads the clock of the thread that it runs on with the first and the last message.
struct Counter {
    void count() {
        if (counted == 0) before = cpu_of(CLOCK_THREAD_CPUTIME_ID);
        if (counted + 1 == kPerSecond * kSeconds) after = cpu_of(CLOCK_THREAD_CPUTIME_ID);
        counted.fetch_add(1);
    }
    bool is_done() const { return counted == kPerSecond * kSeconds; }
    double us() const { return (after - before) * 1e6 / counted; }
    std::atomic<int> counted = 0;
    double before = 0, after = 0;
};

void bench_subscribe(const support::RedisServer& server) {
    World world;
    Counter ours, plain;
    const RedisSubscriber subscriber(
        world.io, {.url = support::must(parse_redis_url(server.url()))},
        {.patterns = {"/0.celeryev/*"}},
        [&](const RedisMessage& message) {
            if (message.payload.size() == 737) ours.count();
        },
        {}, world.clock, world.log);
    redisContext* context = connect(server);
    freeReplyObject(redisCommand(context, "PSUBSCRIBE /0.celeryev/*"));
    std::thread reader([&] {
        while (!plain.is_done()) {
            void* reply = nullptr;
            if (redisGetReply(context, &reply) != REDIS_OK) std::abort();
            plain.count();
            freeReplyObject(reply);
        }
    });
    if (!support::until([&] { return subscriber.state().is_ready(); })) std::abort();

    redisContext* publisher = connect(server);
    const std::string payload(737, 'x');  // the mean of Celery's
    const double began = wall();
    for (int sent = 0, turn = 1; sent < kPerSecond * kSeconds; ++turn) {
        for (int i = 0; i < kPerSecond / 100; ++i, ++sent)
            redisAppendCommand(publisher, "PUBLISH /0.celeryev/task.multi %b", payload.data(),
                               payload.size());
        for (int i = 0; i < kPerSecond / 100; ++i) {
            void* reply = nullptr;
            if (redisGetReply(publisher, &reply) != REDIS_OK) std::abort();
            freeReplyObject(reply);
        }
        const double early = began + turn / 100.0 - wall();
        if (early > 0) std::this_thread::sleep_for(std::chrono::duration<double>(early));
    }
    const double took = wall() - began;
    reader.join();
    if (!support::until([&] { return ours.is_done(); })) std::abort();
    std::printf("%d messages of a channel, 737 bytes, %.0f a second:\n", ours.counted.load(),
                kPerSecond * kSeconds / took);
    std::printf("  plain hiredis  %5.2f us CPU a message\n", plain.us());
    std::printf(
        "  ours           %5.2f us CPU a message (%.2fx), %.1f %% of a core at 50,000 a second\n",
        ours.us(), ours.us() / plain.us(), ours.us() * 5);
    redisFree(publisher);
    redisFree(context);
}

}  // namespace

int main() {
    const support::RedisServer server;
    bench_push(server);
    bench_subscribe(server);
}
