#include "celery/task_refusal.h"

#include "celery/task_reader.h"
#include "support/golden_celery.h"

#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <string>

namespace cjv::celery {
namespace {

TaskMessage good() {
    return {.task = "erp.add",
            .id = "11111111-0000-4000-8000-000000000001",
            .args = R"([2, {"__type__": "date", "__value__": "2024-01-02"}])",
            .kwargs = R"({"x": {"y": [1.5]}})",
            .headers = R"({"x-tenant": "acme"})",
            .queue = "celery",
            .delivery_tag = "t"};
}

// The paths of what is refused, joined by blanks.
std::string refused(const TaskMessage& message) {
    std::string paths;
    for (const auto& error : refusals(message, Transport{})) {
        CHECK_FALSE(error.message.empty());
        paths += (paths.empty() ? "" : " ") + error.path;
    }
    return paths;
}

template <class Change>
std::string refused_with(Change change) {
    auto message = good();
    change(message);
    return refused(message);
}

}  // namespace

TEST_CASE("a sound message is refused nothing") { CHECK(refused(good()).empty()); }

TEST_CASE("a refusal names the field") {
    CHECK(refused({}) == "task id delivery_tag queue");
    CHECK(refused_with([](auto& m) { m.task = "a\nb"; }) == "task");
    CHECK(refused_with([](auto& m) { m.shadow = "\xff"; }) == "shadow");
    CHECK(refused_with([](auto& m) { m.args = "{}"; }) == "args");
    CHECK(refused_with([](auto& m) { m.args = "[1"; }) == "args");
    CHECK(refused_with([](auto& m) { m.args = "[NaN]"; }) == "args");
    CHECK(refused_with([](auto& m) { m.args = R"(["\ud800"])"; }) == "args");
    CHECK(refused_with([](auto& m) { m.kwargs = "[]"; }) == "kwargs");
    CHECK(refused_with([](auto& m) { m.headers = "[]"; }) == "headers");
    CHECK(refused_with([](auto& m) { m.headers = R"({"id": 5})"; }) == "headers.id");
    CHECK(refused_with([](auto& m) { m.headers = R"({"cjv_x": 5, "timelimit": 1})"; }) ==
          "headers.cjv_x headers.timelimit");
    CHECK(refused_with([](auto& m) { m.headers = R"({"compression": "zstd"})"; }) ==
          "headers.compression");
    CHECK(refused_with([](auto& m) { m.priority = 256; }) == "priority");
    CHECK(refused_with([](auto& m) { m.priority = -1; }) == "priority");
    CHECK(refused_with([](auto& m) { m.eta = Instant::max(); }) == "eta");
    CHECK(refused_with([](auto& m) { m.expires = Instant::min(); }) == "expires");
    CHECK(refused_with([](auto& m) { m.time_limit = 0; }) == "time_limit");
    CHECK(refused_with([](auto& m) { m.time_limit = std::numeric_limits<double>::quiet_NaN(); }) ==
          "time_limit");
    CHECK(refused_with([](auto& m) { m.soft_time_limit = -1; }) == "soft_time_limit");
    CHECK(refused_with([](auto& m) { m.stamps = "[]"; }) == "stamps");
    CHECK(refused_with([](auto& m) { m.stamped_headers = "[5]"; }) == "stamped_headers");
}

TEST_CASE("typed values that workers cannot read are refused, wherever they stand") {
    constexpr const char* kUnknown = R"({"a": [{"__type__": "zzz", "__value__": 1}]})";
    CHECK(refused_with([&](auto& m) { m.kwargs = kUnknown; }) == "kwargs.a.0");
    CHECK(refused_with([&](auto& m) { m.headers = kUnknown; }) == "headers.a.0");
    CHECK(refused_with([&](auto& m) { m.stamps = kUnknown; }) == "stamps.a.0");
    CHECK(refused_with([](auto& m) {
              m.kwargs = R"({"__type__": "date", "__value__": "2024-01-02"})";
          }) == "kwargs");
    const auto digits = "[" + std::string(4'301, '7') + "]";
    CHECK(refused_with([&](auto& m) { m.args = digits; }) == "args.0");
}

TEST_CASE("a message goes to a queue, or to an exchange with a key") {
    CHECK(refused_with([](auto& m) { m.queue = ""; }) == "queue");
    CHECK(refused_with([](auto& m) { m.exchange = "x"; }) == "routing_key");
    CHECK(refused_with([](auto& m) { m.routing_key = "k"; }) == "exchange");
    CHECK(refused_with([](auto& m) { m.exchange = "x", m.routing_key = "k"; }) == "queue");
    CHECK(
        refused_with([](auto& m) { m.queue = "", m.exchange = "x", m.routing_key = "k"; }).empty());
}

TEST_CASE("names of Celery's own keys are no queues") {
    for (const auto* name : {"unacked", "unacked_index", "unacked_mutex", "_kombu.binding.celery",
                             "cjv:pushed", "w1@host.celery.pidbox"}) {
        CAPTURE(name);
        CHECK(refused_with([&](auto& m) { m.queue = name; }) == "queue");
    }
    Transport transport;
    transport.sep = ":";
    auto message = good();
    message.queue = "a:3";
    CHECK(refusals(message, transport).front().path == "queue");
}

// How each message that a worker stumbled over in the captures is kept from being sent.
TEST_CASE("no message of the captures that hurts a worker can be sent") {
    const std::string by_construction = "cannot be built";
    const std::map<std::string, std::string> how = {
        {"missing id", "id"},
        {"no properties.delivery_info", by_construction},
        {"no properties.delivery_tag", "delivery_tag"},
        {"no content-type", by_construction},
        {"bad JSON body", "args"},
        {"embed missing (2 elements)", by_construction},
        {"kwargs list", "kwargs"},
        {"eta invalid", by_construction},
        {"eta number", by_construction},
        {"expires number", by_construction},
        {"body is unrelated dict, no task header", "task"},
        {"content-type not accepted (yaml)", by_construction},
        {"content-type application/data unknown", by_construction},
        {"unknown __type__", "args.0"},
        {"no headers key", by_construction},
        {"headers null", by_construction},
        {"list item not JSON", by_construction},
        {"list item JSON but a number", by_construction}};
    const std::map<std::string, TaskMessage> built = {
        {"missing id", {.task = "t", .id = "", .queue = "q", .delivery_tag = "d"}},
        {"no properties.delivery_tag", {.task = "t", .id = "i", .queue = "q", .delivery_tag = ""}},
        {"bad JSON body",
         {.task = "t", .id = "i", .args = "[{]", .queue = "q", .delivery_tag = "d"}},
        {"kwargs list",
         {.task = "t", .id = "i", .kwargs = "[]", .queue = "q", .delivery_tag = "d"}},
        {"body is unrelated dict, no task header",
         {.task = "", .id = "i", .queue = "q", .delivery_tag = "d"}},
        {"unknown __type__",
         {.task = "t",
          .id = "i",
          .args = R"([{"__type__": "zzz", "__value__": 1}])",
          .queue = "q",
          .delivery_tag = "d"}}};

    const support::GoldenFile golden("malformed_message_outcomes.json");
    int hurting = 0;
    const json::Item versions = support::at(golden.root(), "outcomes");
    for (const json::Item version : versions)
        for (const json::Item outcome : version) {
            const auto name = support::text_at(outcome, "case");
            // The task is right and only its result is none; or the worker says so itself.
            if (name == "ignore_result true") continue;
            const bool alive = support::at(outcome, "alive").as_bool().value();
            const bool ended = !support::at(outcome, "result").is_null();
            if (alive && ended && name != "unknown __type__") continue;
            ++hurting;
            CAPTURE(name);
            REQUIRE(how.contains(name));
            if (how.at(name) != by_construction) CHECK(refused(built.at(name)) == how.at(name));
        }
    CHECK(hurting >= 36);

    // What is built has the parts whose absence hurts.
    std::string text;
    encode(good(), text);
    EnvelopeReader envelopes;
    const auto envelope = envelopes.read(text).value();
    CHECK(envelope.content_type == "application/json");
    CHECK(envelope.delivery_info->find("exchange"));
    CHECK(envelope.delivery_info->find("routing_key"));
    CHECK(envelope.headers->find("task"));
    TaskReader tasks;
    CHECK(tasks.read(text)->opaque.empty());
}

}  // namespace cjv::celery
