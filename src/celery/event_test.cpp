#include "celery/event.h"

#include "base/base64.h"
#include "base/iso8601.h"
#include "support/golden_celery.h"

#include <doctest/doctest.h>

#include <map>
#include <numeric>
#include <string>

namespace cjv::celery {
namespace {

std::string message(std::string_view body) {
    return R"({"body": ")" + base64(body) +
           R"(", "content-encoding": "utf-8", "content-type": "application/json", "headers": {},)"
           R"( "properties": {"body_encoding": "base64"}})";
}

// What a reader says of one message: "" when it has an event.
std::string refusal_of(std::string_view text) {
    EventReader reader;
    const auto events = reader.read(text);
    const auto& counts = reader.counts();
    const auto refused = std::accumulate(counts.refused.begin(), counts.refused.end(), 0ULL);
    CHECK(counts.messages == 1);
    CHECK(counts.seen == counts.read + refused);
    CHECK(counts.read == events.size());
    for (std::size_t i = 0; i < kEventRefusals; ++i)
        if (counts.refused[i] != 0) {
            CHECK_FALSE(reader.last_refusal().empty());
            return std::string(to_text(static_cast<EventRefusal>(i)));
        }
    return "";
}

}  // namespace

TEST_CASE("every captured event is read, with its fields") {
    const support::GoldenFile golden("redis_events.json");
    EventReader reader;
    std::map<std::string, int> types;
    std::size_t events = 0;
    for (const json::Item& capture : golden.list("events")) {
        const auto payload = support::text_at(capture, "payload");
        const auto read = reader.read(payload);
        const json::Item expected = support::at(capture, "decoded_body");
        std::vector<json::Item> bodies;
        if (expected.is_array())
            for (const json::Item body : expected) bodies.push_back(body);
        else
            bodies.push_back(expected);
        REQUIRE(read.size() == bodies.size());
        events += read.size();
        for (std::size_t i = 0; i < read.size(); ++i) {
            const Event& event = read[i];
            const json::Item& body = bodies[i];
            ++types[std::string(to_text(event.type))];
            CHECK(to_text(event.type) == support::text_at(body, "type"));
            CHECK(event.hostname == support::text_at(body, "hostname"));
            CHECK(event.task_id == support::text_at(body, "uuid"));
            CHECK(event.name == support::text_at(body, "name"));
            CHECK(event.args == support::text_at(body, "args"));
            CHECK(event.kwargs == support::text_at(body, "kwargs"));
            CHECK(event.result == support::text_at(body, "result"));
            CHECK(event.exception == support::text_at(body, "exception"));
            CHECK(event.traceback == support::text_at(body, "traceback"));
            CHECK(event.sw_ver == support::text_at(body, "sw_ver"));
            CHECK(event.queue == support::text_at(body, "queue"));
            CHECK(event.parent_id == support::text_at(body, "parent_id"));
            CHECK(event.clock == support::at(body, "clock").as_int64());
            CHECK(event.pid == support::at(body, "pid").as_int64());
            const double seconds = support::at(body, "timestamp").as_double().value();
            CHECK(double(micros(event.at)) == doctest::Approx(seconds * 1e6).epsilon(1e-12));
            if (body.find("freq")) CHECK(event.freq == support::at(body, "freq").as_double());
            CHECK(event.active.has_value() == body.find("active").has_value());
            CHECK(event.loadavg.has_value() == body.find("loadavg").has_value());
            CHECK(event.runtime.has_value() == body.find("runtime").has_value());
        }
    }
    CHECK(events == 53);
    CHECK(reader.counts().read == events);
    CHECK(reader.counts().seen == events);
    for (const auto* type : {"worker-online", "worker-heartbeat", "worker-offline", "task-sent",
                             "task-received", "task-started", "task-succeeded", "task-failed",
                             "task-retried", "task-rejected", "task-revoked"}) {
        CAPTURE(type);
        CHECK(types[type] >= 2);
    }
}

TEST_CASE("events of other captures are read too, whatever the body's encoding") {
    const support::GoldenFile golden("redis_transport_option_variants.json");
    EventReader reader;
    int read = 0;
    for (const json::Item& entry : golden.list("entries")) {
        const auto payload = support::text_at(entry, "payload");
        const auto channel = support::text_at(entry, "key_or_channel");
        if (support::text_at(entry, "command") != "PUBLISH" || channel.contains("pidbox")) continue;
        const auto events = reader.read(payload);
        REQUIRE(events.size() == 1);
        CHECK(events[0].type == EventType::task_sent);
        CHECK(events[0].routing_key == "celery");
        ++read;
    }
    CHECK(read == 15);
}

TEST_CASE("the offset of a worker's time zone changes nothing") {
    EventReader reader;
    const auto events = reader.read(message(
        R"({"type": "worker-online", "hostname": "w", "utcoffset": -6, "timestamp": 1795454338.5})"));
    REQUIRE(events.size() == 1);
    CHECK(to_iso8601(events[0].at) == "2026-11-23T17:18:58.5Z");
}

TEST_CASE("what is no event is counted with its reason") {
    CHECK(refusal_of("") == "message");
    CHECK(refusal_of("5") == "message");
    CHECK(refusal_of(std::string(100'000, '[')) == "message");
    CHECK(refusal_of(R"({"body": "?", "properties": {"body_encoding": "base64"}})") == "message");
    CHECK(refusal_of(R"({"body": "", "content-type": "application/x-python-serialize"})") ==
          "opaque");
    CHECK(refusal_of(R"({"body": "", "content-type": "application/json",)"
                     R"( "headers": {"compression": "application/x-gzip"}})") == "opaque");
    CHECK(refusal_of(message("")) == "body");
    CHECK(refusal_of(message("{\"type\": \xff}")) == "body");
    CHECK(refusal_of(message("5")) == "body");
    CHECK(refusal_of(message("[5]")) == "body");
    CHECK(refusal_of(message("{}")) == "field");
    CHECK(refusal_of(message(R"({"type": "task-started", "timestamp": 1, "uuid": "u"})")) ==
          "field");
    CHECK(refusal_of(message(R"({"type": "task-started", "hostname": "w", "uuid": "u"})")) ==
          "field");
    CHECK(refusal_of(message(R"({"type": "task-started", "hostname": "w", "timestamp": 1})")) ==
          "field");
    CHECK(refusal_of(message(
              R"({"type": "task-started", "hostname": "w", "timestamp": NaN, "uuid": "u"})")) ==
          "field");
    CHECK(refusal_of(message(R"({"type": "erp-closed", "hostname": "w", "timestamp": 1})")) ==
          "type");
    CHECK(refusal_of(message(R"({"type": "worker-elect", "hostname": "w", "timestamp": 1})")) ==
          "ignored");
}

TEST_CASE("fields of the wrong kind are left out, and the event stays") {
    EventReader reader;
    const auto events = reader.read(message(
        R"([{"type": "task-revoked", "hostname": "w", "timestamp": 1, "uuid": "u", "signum": "SIGTERM",
            "terminated": 1, "runtime": "x", "retries": -3, "eta": 5, "name": ["a"], "loadavg": [1, 2],
            "clock": 1e3, "result": "\ud800", "own": {"deep": [[[[1]]]]}},
           {"type": "none"},
           {"type": "task-succeeded", "hostname": "w", "timestamp": 2, "uuid": "v", "runtime": Infinity}])"));
    REQUIRE(events.size() == 2);
    CHECK_FALSE(events[0].signum);
    CHECK_FALSE(events[0].terminated);
    CHECK_FALSE(events[0].runtime);
    CHECK(events[0].retries == 0);
    CHECK_FALSE(events[0].eta);
    CHECK(events[0].name.empty());
    CHECK(events[0].result == "\xEF\xBF\xBD");
    CHECK(events[1].task_id == "v");
    CHECK(reader.counts().seen == 3);
}

}  // namespace cjv::celery
