#include "celery/control_reply.h"

#include "base/iso8601.h"
#include "support/golden_celery.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>

namespace cjv::celery {
namespace {

// Calls `look` with the value of each captured reply to `method`, and with the version.
int each_reply(const std::string& method,
               const std::function<void(std::string_view value, std::string_view version)>& look) {
    const support::GoldenFile golden("redis_pidbox.json");
    ReplyReader reader;
    int count = 0;
    for (const json::Item& exchange : golden.list("exchanges")) {
        if (support::text_at(exchange, "method") != method) continue;
        const json::Item replies = support::at(exchange, "replies");
        for (const json::Item reply : replies) {
            const auto payload = support::text_at(reply, "payload");
            look(reader.read(payload)->front().value, support::text_at(exchange, "celery"));
            ++count;
        }
    }
    return count;
}

}  // namespace

TEST_CASE("statistics name the pool, in all versions") {
    json::Tape tape;
    CHECK(each_reply("stats", [&](std::string_view value, std::string_view) {
              const auto stats = read_stats(tape, value);
              REQUIRE(stats);
              CHECK(stats->pool == "prefork");
              CHECK(stats->concurrency == 2);
              CHECK(stats->processes.size() == 2);
              CHECK_FALSE(stats->solo);
              CHECK(stats->uptime >= std::chrono::seconds{11});
              CHECK(stats->total.at("erp.add") == 8);
              CHECK(stats->prefetch_count == 9);
              CHECK_FALSE(stats->autoscale);
          }) == 2);

    const auto solo =
        read_stats(tape, R"({"pid": 7, "pool": {"max-concurrency": 1, "processes": [7]}})");
    REQUIRE(solo);
    CHECK(solo->solo);
    CHECK(solo->pool == "solo");
    const auto named = read_stats(
        tape, R"({"pid": 7, "pool": {"implementation": "celery.concurrency.solo:TaskPool"}})");
    CHECK(named->solo);
    CHECK(named->concurrency == 1);
    const auto threads = read_stats(
        tape, R"({"pid": 7, "pool": {"implementation": "celery.concurrency.thread:TaskPool",
                  "threads": 4}, "autoscaler": {"min": 2, "max": 5}})");
    CHECK(threads->pool == "threads");
    CHECK(threads->concurrency == 4);
    CHECK(threads->autoscale == std::pair<std::int64_t, std::int64_t>{2, 5});
    CHECK_FALSE(read_stats(tape, R"({"error": "x"})"));
}

TEST_CASE("tasks that a worker holds are listed") {
    json::Tape tape;
    int with_repr = 0;
    CHECK(each_reply("active", [&](std::string_view value, std::string_view) {
              const auto tasks = read_held(tape, value);
              REQUIRE(tasks);
              REQUIRE(tasks->size() == 2);
              const auto& task = tasks->front();
              CHECK(task.id == "22222222-0000-4000-8000-00000000000c");
              CHECK(task.type == "erp.long");
              CHECK(task.started_at > parse_iso8601("2026-11-23T17:00:00Z"));
              CHECK(task.acknowledged);
              CHECK(task.routing_key == "celery");
              CHECK(task.worker_pid.has_value());
              if (task.args == "(90,)") ++with_repr;
          }) == 6);
    CHECK(with_repr == 2);
    CHECK(each_reply("reserved", [&](std::string_view value, std::string_view) {
              const auto tasks = read_held(tape, value);
              REQUIRE(tasks->size() == 1);
              CHECK(tasks->front().args == "[90]");
              CHECK_FALSE(tasks->front().started_at);
          }) == 2);
    CHECK(each_reply("scheduled", [&](std::string_view value, std::string_view) {
              const auto tasks = read_held(tape, value);
              REQUIRE(tasks->size() == 1);
              CHECK(tasks->front().eta.has_value());
              CHECK(tasks->front().priority == 3);
          }) == 2);
    CHECK_FALSE(read_held(tape, "[5]"));
    CHECK_FALSE(read_held(tape, "{}"));
}

TEST_CASE("where asked tasks are is told by id") {
    json::Tape tape;
    CHECK(each_reply("query_task", [&](std::string_view value, std::string_view) {
              const auto tasks = read_query(tape, value);
              REQUIRE(tasks);
              const auto& active = tasks->at("22222222-0000-4000-8000-00000000000c");
              CHECK(active.place == "active");
              CHECK(active.started_at);
              const auto& reserved = tasks->at("22222222-0000-4000-8000-00000000000e");
              CHECK(reserved.place == "reserved");
              CHECK_FALSE(reserved.started_at);
              CHECK(tasks->size() == 2);
          }) == 2);
    CHECK(read_query(tape, "{}")->empty());
    CHECK_FALSE(read_query(tape, R"({"error": "x"})"));
    CHECK_FALSE(read_query(tape, R"({"a": []})"));
}

TEST_CASE("registered names come without their attributes") {
    json::Tape tape;
    CHECK(each_reply("registered", [&](std::string_view value, std::string_view) {
              const auto names = read_registered(tape, value);
              REQUIRE(names);
              CHECK(names->size() == 11);
              CHECK(names->front() == "erp.add");
          }) == 4);
    CHECK_FALSE(read_registered(tape, "[1]"));
}

TEST_CASE("queues say what feeds them") {
    json::Tape tape;
    CHECK(each_reply("active_queues", [&](std::string_view value, std::string_view) {
              CHECK(read_queues(tape, value) ==
                    std::vector<ConsumedQueue>{{"celery", "celery", "direct", "celery"}});
          }) == 2);
    CHECK(read_queues(tape, "[]")->empty());
    CHECK_FALSE(read_queues(tape, "[[]]"));
}

TEST_CASE("the configuration shows no password of a URL") {
    json::Tape tape;
    CHECK(each_reply("conf", [&](std::string_view value, std::string_view) {
              CHECK(read_conf(tape, value) == value);
          }) == 2);
    CHECK(read_conf(tape, R"({"a": ["redis://:secret@h/1", {"b": "amqp://u:p@h"}], "c": 1.50})") ==
          R"({"a": ["********", {"b": "********"}], "c": 1.50})");
}

TEST_CASE("statistics are shown without other addresses of the broker, and without passwords") {
    json::Tape tape;
    const auto shown = shown_stats(
        tape, R"({"pid": 5, "broker": {"hostname": "h", "alternates": ["redis://:secret@b"]}})");
    REQUIRE(shown);
    CHECK(*shown == R"({"pid": 5, "broker": {"hostname": "h"}})");
    CHECK_FALSE(shown_stats(tape, "[]"));
}

}  // namespace cjv::celery
