#include "celery/task_message.h"

#include "base/iso8601.h"
#include "celery/python_repr.h"
#include "celery/task_reader.h"
#include "support/golden_celery.h"

#include <doctest/doctest.h>

#include <set>

namespace cjv::celery {
namespace {

std::string encoded(const TaskMessage& message) {
    std::string out;
    encode(message, out);
    return out;
}

TaskMessage add() {
    return {.task = "erp.add",
            .id = "11111111-0000-4000-8000-000000000001",
            .args = "[2, 3]",
            .argsrepr = "[2, 3]",
            .kwargsrepr = "{}",
            .origin = "cjv1@host",
            .queue = "celery",
            .delivery_tag = "03db6575-4bac-4805-a552-7ddcee998263"};
}

// The message that would make the capture, from what a reader and the JSON say of it; nothing for
// kinds that we do not send (workflows, callbacks, compression, an offset that is not UTC).
struct Rebuilt {
    std::string payload, body;
    std::string headers;  // the user's own
    json::Tape outer, inner;
    EnvelopeReader envelopes;
    TaskReader tasks;
    std::string text;

    bool rebuild(std::string_view capture) {
        const auto task = tasks.read(capture).value();
        const auto envelope = envelopes.read(capture).value();
        body = std::string(envelope.body);
        if (!body.ends_with(
                R"({"callbacks": null, "errbacks": null, "chain": null, "chord": null}])"))
            return false;
        const auto& all = *envelope.headers;
        if (!support::at(all, "group").is_null() || all.find("compression") || !all.find("stamps"))
            return false;
        for (const auto* name : {"eta", "expires"}) {
            const auto written = all.find(name)->as_string();
            if (written && !written->ends_with("+00:00")) return false;
        }
        const auto whole = inner.read(body).value();
        auto part = whole.begin();
        const std::string args((*part).raw()), kwargs((*++part).raw());

        TaskMessage message{.task = task.task,
                            .id = task.id,
                            .args = args,
                            .kwargs = kwargs,
                            .argsrepr = task.argsrepr,
                            .kwargsrepr = task.kwargsrepr,
                            .shadow = task.shadow,
                            .eta = task.eta,
                            .expires = task.expires,
                            .time_limit = task.time_limit,
                            .soft_time_limit = task.soft_time_limit,
                            .ignore_result = task.ignore_result,
                            .stamped_headers = support::at(all, "stamped_headers").is_null()
                                                   ? std::string_view()
                                                   : support::at(all, "stamped_headers").raw(),
                            .stamps = support::at(all, "stamps").raw(),
                            .origin = task.origin,
                            .exchange = task.exchange,
                            .routing_key = task.routing_key,
                            .priority = task.priority,
                            .reply_to = envelope.property("reply_to"),
                            .delivery_tag = task.delivery_tag};
        if (const auto tenant = all.find("x-tenant"))
            message.headers = headers = "{ \"x-tenant\": " + std::string(tenant->raw()) + "}";
        if (const auto name = all.find("periodic_task_name"))
            message.headers = headers =
                "{\"periodic_task_name\": " + std::string(name->raw()) + "}";
        if (const auto left = envelope.property("expiration"); !left.empty())
            message.sent_at =
                *task.expires - std::chrono::milliseconds{std::stoll(std::string(left))};
        text = encoded(message);
        return true;
    }
};

}  // namespace

TEST_CASE("what Celery 5.6 clients publish is rebuilt byte for byte") {
    const support::GoldenFile golden("redis_task_publish.json");
    std::set<std::string> rebuilt, left;
    for (const json::Item& message : golden.list("messages")) {
        if (support::text_at(message, "celery") != "5.6.3") continue;
        const auto payload = support::text_at(message, "payload");
        const auto description = support::text_at(message, "description");
        CAPTURE(description);
        Rebuilt again;
        if (again.rebuild(payload)) {
            rebuilt.insert(description);
            CHECK(again.text == payload);
        } else {
            left.insert(description);
        }
    }
    CHECK(rebuilt.size() == 13);
    CHECK(left == std::set<std::string>{"chain of three: first message", "chord header member 1",
                                        "chord header member 2", "compression=zlib",
                                        "countdown=3600", "eta naive datetime",
                                        "expires=600 seconds", "group member 1", "group member 2",
                                        "link and link_error callbacks"});
}

TEST_CASE("what celery beat publishes is rebuilt byte for byte") {
    const support::GoldenFile golden("redis_beat_messages.json");
    int rebuilt = 0;
    json::Tape tape;
    for (const json::Item& message : golden.list("messages")) {
        const auto payload = support::text_at(message, "payload");
        if (payload.empty()) continue;
        Rebuilt again;
        if (!again.rebuild(payload)) continue;
        ++rebuilt;
        CHECK(again.text == payload);
        // The arguments' repr is what ours would be.
        TaskReader tasks;
        const auto task = tasks.read(payload).value();
        CHECK(args_repr(tape, task.args) == task.argsrepr);
        CHECK(kwargs_repr(tape, task.kwargs) == task.kwargsrepr);
    }
    CHECK(rebuilt == 5);
}

TEST_CASE("a message says whom it runs for, in headers, and the schedule's name twice") {
    auto message = add();
    message.provenance = Provenance{.run_id = "r",
                                    .job_id = "j",
                                    .scheduled_for = parse_iso8601("2026-12-01T02:00:00Z"),
                                    .attempt = 2,
                                    .periodic_task_name = "Nächtlich"};
    message.headers = R"( { "x-tenant" : "acme" } )";
    const auto text = encoded(message);
    CHECK(text.contains(
        R"("stamps": {}, "x-tenant" : "acme", "periodic_task_name": "N\u00e4chtlich", )"
        R"("cjv_run_id": "r", "cjv_job_id": "j", "cjv_scheduled_for": "2026-12-01T02:00:00Z", )"
        R"("cjv_attempt": 2}, "properties")"));
    CHECK(text.contains(
        R"("reply_to": "", "periodic_task_name": "N\u00e4chtlich", "delivery_mode": 2)"));
    CHECK(text.contains(R"("ignore_result": null)"));

    message.provenance = Provenance{.run_id = "r", .job_id = "j"};
    CHECK(encoded(message).contains(R"("cjv_scheduled_for": "", "cjv_attempt": 1}, "properties")"));
    CHECK_FALSE(encoded(message).contains("periodic_task_name"));
}

TEST_CASE("arguments go out digit for digit") {
    auto message = add();
    message.args = "[1.50, 12345678901234567890123 ,\"\\u20ac\", 1E5]";
    message.kwargs = "{\"a\":1, \"a\": 2}";
    EnvelopeReader envelopes;
    CHECK(envelopes.read(encoded(message))->body ==
          "[[1.50, 12345678901234567890123 ,\"\\u20ac\", 1E5], {\"a\":1, \"a\": 2}, "
          R"({"callbacks": null, "errbacks": null, "chain": null, "chord": null}])");
}

TEST_CASE("times and limits are written so that every worker reads them") {
    auto message = add();
    message.sent_at = parse_iso8601("2026-11-23T17:00:00Z").value();
    message.eta = parse_iso8601("2026-11-23T18:00:00.25Z");
    message.expires = parse_iso8601("2026-11-23T17:00:01.0009Z");
    message.time_limit = 100'000;
    message.soft_time_limit = 2.5;
    const auto text = encoded(message);
    CHECK(text.contains(R"("eta": "2026-11-23T18:00:00.250000+00:00")"));
    CHECK(text.contains(R"("expires": "2026-11-23T17:00:01.000900+00:00")"));
    CHECK(text.contains(R"("expiration": "1000")"));
    CHECK(text.contains(R"("timelimit": [100000, 2.5])"));

    message.sent_at += std::chrono::hours{1};
    CHECK(encoded(message).contains(R"("expiration": "0")"));
}

TEST_CASE("messages of a batch follow one another in one text") {
    std::string out = "before";
    encode(add(), out);
    encode(add(), out);
    CHECK(out == "before" + encoded(add()) + encoded(add()));
}

}  // namespace cjv::celery
