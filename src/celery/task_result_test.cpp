#include "celery/task_result.h"

#include "base/iso8601.h"
#include "celery/inflate.h"
#include "support/golden_celery.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

namespace cjv::celery {
namespace {

using namespace std::string_literals;

TaskResult result_of(std::string_view stored) {
    ResultReader reader;
    return reader.read(stored).result.value();
}

std::string label_of(std::string_view stored) {
    ResultReader reader;
    const auto read = reader.read(stored);
    return read.result ? "(it was read)" : read.opaque.label;
}

// zlib.compress() of a result, as Celery 5.7 stores it.
const std::string kCompressed =
    "\0celery-compressed\0application/x-gzip\0"s
    "\x78\x9c\xab\x56\x2a\x2e\x49\x2c\x29\x2d\x56\xb2\x52\x50\x0a\x0e\x75\x76\x76\x0d\x0e\x56\xd2"
    "\x51\x50\x2a\x4a\x2d\x2e\xcd\x29\x01\x0a\x9a\x02\x39\x25\x45\x89\xc9\xa9\x49\x89\xc9\xd9\x40"
    "\x7e\x5e\x69\x4e\x0e\x50\x28\x39\x23\x33\x27\xa5\x28\x35\x0f\x28\x12\x1d\x0b\x52\x92\x58\x9c"
    "\x1d\x9f\x99\x02\x32\xa5\x44\xa9\x16\x00\x62\x93\x1a\x07"s;

}  // namespace

TEST_CASE("every captured result is read") {
    const support::GoldenFile golden("redis_results.json");
    ResultReader reader;
    std::map<std::string, int> states;
    std::set<std::string> extended;
    for (const json::Item& entry : golden.list("entries")) {
        const auto key = support::text_at(entry, "key");
        const auto payload = support::text_at(entry, "payload");
        const auto id = task_id_of_key("", key);
        if (!id) {
            CHECK_FALSE(key.starts_with("celery-task-meta-"));
            if (!payload.empty()) CHECK_FALSE(reader.read(payload).result);
            continue;
        }
        CAPTURE(payload);
        const auto read = reader.read(payload);
        REQUIRE(read.result);
        const TaskResult& result = *read.result;
        ++states[result.state];
        CHECK(result.state == support::text_at(entry, "status"));
        CHECK(result.task_id == *id);
        CHECK(result_key("", result.task_id) == key);
        CHECK(result.date_done.has_value() == is_ready(result.state));
        const bool failed =
            result.state == "FAILURE" || result.state == "RETRY" || result.state == "REVOKED";
        CHECK(result.exception.has_value() == failed);
        CHECK(result.result.empty() == failed);
        CHECK(result.traceback.empty() == (result.state != "FAILURE" && result.state != "RETRY"));
        CHECK(result.unshown.empty());
        if (support::at(entry, "result_extended").as_bool() == true) {
            extended.insert(result.name);
            CHECK(result.worker == "w2@capture");
            CHECK(result.queue == "celery");
            CHECK(result.retries == 0);
        }
    }
    CHECK(states.size() == 6);
    CHECK(states["SUCCESS"] >= 10);
    CHECK(extended == std::set<std::string>{"erp.add", "erp.fail"});
}

TEST_CASE("dates of all versions count as what they mean") {
    const auto done = [](const std::string& text) {
        return to_iso8601(
            result_of(R"({"status": "SUCCESS", "result": 1, "date_done": ")" + text + "\"}")
                .date_done.value());
    };
    CHECK(done("2026-11-23T17:10:39.505253") == "2026-11-23T17:10:39.505253Z");        // 5.2, 5.3
    CHECK(done("2026-11-23T17:10:39.505253+00:00") == "2026-11-23T17:10:39.505253Z");  // 5.4
    CHECK(done("2026-11-23T18:11:23.855060+01:00") == "2026-11-23T17:11:23.85506Z");   // 5.5 on
}

TEST_CASE("an exception says what str() of it would") {
    const auto exception = [](const std::string& arguments) {
        return result_of(R"({"status": "FAILURE", "result": {"exc_type": "E", "exc_module": "m",)"
                         R"( "exc_message": )" +
                         arguments + "}}")
            .exception.value();
    };
    CHECK(exception(R"(["boom"])") == TaskException{"E", "m", "boom"});
    CHECK(exception("[]").message.empty());
    CHECK(exception("[5]").message == "5");
    CHECK(exception(R"(["a", 5, null])").message == "('a', 5, None)");
    CHECK(exception(R"("old style")").message == "old style");

    // A task may return an object that only looks like one.
    const auto success = result_of(R"({"status": "SUCCESS", "result": {"exc_type": "E"}})");
    CHECK_FALSE(success.exception);
    CHECK(success.result == R"({"exc_type": "E"})");
    // And fail with something that is none.
    CHECK(result_of(R"({"status": "FAILURE", "result": "x"})").result == "\"x\"");
}

TEST_CASE("children are named, groups by their own id") {
    const auto result = result_of(
        R"({"status": "SUCCESS", "result": NaN, "children":)"
        R"( [[["a", null], null], [["g", ["p", null]], [[["b", null], null]]], "bare", [], 5]})");
    CHECK(result.children == std::vector<std::string>{"a", "g", "bare"});
    CHECK(result.result == "\"NaN\"");
    CHECK(result_of(R"({"status": "REVOKED", "children": null})").children.empty());
}

TEST_CASE("typed values are shown as text") {
    CHECK(result_of(R"({"status": "SUCCESS", "result":)"
                    R"( {"__type__": "datetime", "__value__": "2024-01-02T03:04:05+00:00"}})")
              .result == R"("2024-01-02T03:04:05+00:00")");
}

TEST_CASE("what is not JSON is told by name and never decoded") {
    CHECK(label_of("\x80\x04\x95\x10") == "pickle");
    CHECK(label_of("\x78\x9c\xab") == "compressed (zlib)");
    CHECK(label_of("\x28\xB5\x2F\xFD") == "compressed (zstd)");
    CHECK(label_of("\x86\xa6status") == "msgpack");
    CHECK(label_of("status: SUCCESS\n") == "not JSON");
    CHECK(label_of("") == "nothing");
    CHECK(label_of("{}") == "not a result");
    CHECK(label_of("[1]") == "not a result");
    CHECK(label_of("{\"status\": 5}") == "not a result");
}

TEST_CASE("a result that Celery 5.7 compressed is opened") {
    const auto result = result_of(kCompressed);
    CHECK(result.state == "SUCCESS");
    CHECK(result.result == "5");
    CHECK(label_of(kCompressed.substr(0, 60)) == "compressed (application/x-gzip)");
    CHECK(label_of("\0celery-compressed\0application/zstd\0xyz"s) ==
          "compressed (application/zstd)");
    CHECK(label_of("\0celery-compressed\0"s) == "compressed ()");
}

TEST_CASE("what grows beyond its limit is not inflated") {
    const auto body = std::string_view(kCompressed).substr(kCompressed.rfind("gzip") + 5);
    CHECK(inflated(body, 1'000));
    CHECK_FALSE(inflated(body, 80));
    CHECK_FALSE(inflated("nonsense", 1'000));
    CHECK_FALSE(inflated("", 1'000));
}

TEST_CASE("a result with too many values still tells its state") {
    std::string text = R"({"status": "SUCCESS", "result": [0)";
    for (int i = 0; i < 250'000; ++i) text += ",0";
    const auto result = result_of(text + "], \"task_id\": \"t\"}");
    CHECK(result.state == "SUCCESS");
    CHECK(result.task_id == "t");
    CHECK(result.result.empty());
    CHECK(result.unshown.starts_with("more than 200000 values"));
}

TEST_CASE("a prefix of keys is joined as Celery joins it") {
    CHECK(result_key("", "t") == "celery-task-meta-t");
    CHECK(result_key("erp", "t") == "erp_celery-task-meta-t");
    CHECK(result_key("erp:", "t") == "erp:celery-task-meta-t");
    CHECK(task_id_of_key("erp", "erp_celery-task-meta-t") == "t");
    CHECK_FALSE(task_id_of_key("", "celery-task-meta-"));
    CHECK_FALSE(task_id_of_key("", "celery-taskset-meta-t"));
}

}  // namespace cjv::celery
