#include "celery/task_reader.h"

#include "base/iso8601.h"
#include "support/golden_celery.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

namespace cjv::celery {

TEST_CASE("every captured task is read") {
    constexpr std::array<const char*, 4> kFiles = {
        "redis_task_publish.json", "redis_chain_group_chord_retry.json", "redis_beat_messages.json",
        "redis_transport_option_variants.json"};
    int read = 0, opaque = 0, protocol_1 = 0;
    TaskReader reader;
    for (const auto* file : kFiles) {
        const support::GoldenFile golden(file);
        const auto root = golden.root();
        const auto list = support::at(root, root.find("messages") ? "messages" : "entries");
        for (const json::Item message : list) {
            const auto payload = support::text_at(message, "payload");
            const auto command = support::text_at(message, "command");
            if (!payload.starts_with('{') || command == "PUBLISH") continue;
            CAPTURE(payload);
            const auto task = reader.read(payload);
            REQUIRE(task);
            ++read;
            CHECK(task->task.starts_with("erp."));
            CHECK(task->id.size() == 36);
            CHECK_FALSE(task->delivery_tag.empty());
            CHECK_FALSE(task->routing_key.empty());
            if (task->opaque.empty()) {
                CHECK(task->args.starts_with('['));
                CHECK(task->kwargs.starts_with('{'));
            } else {
                ++opaque;
                CHECK(task->opaque == "compressed (application/x-gzip)");
                CHECK(task->args.empty());
                CHECK(task->argsrepr == "(2, 3)");
            }
            if (task->protocol == 1) ++protocol_1;
        }
    }
    CHECK(read >= 90);
    CHECK(opaque == 2);
    CHECK(protocol_1 == 2);
}

TEST_CASE("a message's fields are found where they stand") {
    const support::GoldenFile golden("redis_task_publish.json");
    TaskReader reader;
    for (const json::Item& message : golden.list("messages")) {
        const auto payload = support::text_at(message, "payload");
        const auto description = support::text_at(message, "description");
        const auto task = reader.read(payload).value();
        CAPTURE(description);
        if (description == "priority=9") CHECK(task.priority == 9);
        if (description == "queue=reports") CHECK(task.routing_key == "reports");
        if (description == "eta timezone-aware UTC")
            CHECK(task.eta == parse_iso8601("2030-01-02T03:04:05Z"));
        if (description == "expires absolute datetime")
            CHECK(task.expires == parse_iso8601("2030-01-02T03:04:05Z"));
        if (description == "time_limit=30 soft_time_limit=20") {
            CHECK(task.time_limit == 30);
            CHECK(task.soft_time_limit == 20);
        }
        if (description == "extra header x-tenant and shadow name")
            CHECK(task.shadow == "nice-name");
        if (description == "group member 2") CHECK_FALSE(task.group.empty());
        if (description == "task declared with ignore_result") CHECK(task.ignore_result == true);
    }
}

TEST_CASE("the workflow's messages name their root and parent, and retries count") {
    const support::GoldenFile golden("redis_chain_group_chord_retry.json");
    TaskReader reader;
    int with_parent = 0;
    std::int64_t retries = 0;
    for (const json::Item& message : golden.list("messages")) {
        const auto payload = support::text_at(message, "payload");
        const auto task = reader.read(payload).value();
        CHECK(task.id == support::text_at(message, "id"));
        if (!task.parent_id.empty()) ++with_parent;
        retries = std::max(retries, task.retries);
    }
    CHECK(with_parent >= 6);
    CHECK(retries == 2);
}

TEST_CASE("what a worker may die of is only said to be no task") {
    TaskReader reader;
    const auto opaque = [&](std::string_view text) {
        const auto task = reader.read(text);
        return task ? task->opaque : "refused: " + task.error().what;
    };
    CHECK(opaque("not json").starts_with("refused: not a message: expected"));
    CHECK(opaque("5") == "refused: not a message: not a JSON object");
    CHECK(opaque("{}") == "refused: not a task: it names none");
    CHECK(opaque(R"({"headers": null, "properties": 5})") == "refused: not a task: it names none");
    CHECK(opaque(R"({"body": "!", "properties": {"body_encoding": "base64"}})") ==
          "refused: not a message: the body is not base64");
    CHECK(opaque(R"({"body": "", "properties": {"body_encoding": "hex"}})") ==
          "refused: not a message: a body_encoding that nobody knows: hex");

    const std::string head = R"({"headers": {"task": "a", "id": 5, "eta": 17, "timelimit": "x"}, )";
    CHECK(opaque(head + R"("body": "[[], {}, {}]"})") == "no content type");
    CHECK(opaque(head + R"("content-type": "application/json", "body": "[[], {}]"})") ==
          "not a task's body");
    CHECK(opaque(head + R"("content-type": "application/json", "body": "{"})") == "not JSON");
    CHECK(opaque(head + R"("content-type": "application/x-python-serialize", "body": "x"})") ==
          "pickle");
    CHECK(opaque(head + R"("content-type": "application/json", "body": "[[NaN], {}, null]"})")
              .empty());
}

TEST_CASE("a body of protocol 1 under headers gives the arguments, the headers the rest") {
    TaskReader reader;
    const auto task =
        reader.read(R"({"headers": {"task": "h", "id": "1"}, "content-type": "application/json",)"
                    R"( "body": "{\"task\": \"b\", \"args\": [1], \"kwargs\": {}}"})");
    REQUIRE(task);
    CHECK(task->task == "h");
    CHECK(task->protocol == 2);
    CHECK(task->args == "[1]");
}

}  // namespace cjv::celery
