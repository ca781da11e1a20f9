#include "celery/control.h"

#include "base/base64.h"
#include "celery/control_reply.h"
#include "celery/typed_json.h"
#include "support/golden_celery.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

namespace cjv::celery {
namespace {

Transport first_database() {
    Transport transport;
    transport.database = 1;
    return transport;
}

// The request of a capture, from its decoded body and its envelope.
ControlRequest request_of(const json::Item& body, const Envelope& envelope) {
    ControlRequest request{
        .command = {support::text_at(body, "method"), plain_json(support::at(body, "arguments"))},
        .delivery_tag = std::string(envelope.property("delivery_tag"))};
    const json::Item destination = support::at(body, "destination");
    for (const json::Item node : destination)
        request.destination.emplace_back(node.as_string().value());
    request.pattern = support::text_at(body, "pattern");
    request.ticket = support::text_at(body, "ticket");
    if (const auto to = body.find("reply_to"))
        request.reply_to = support::text_at(*to, "routing_key");
    request.clock = envelope.headers->find("clock")->as_int64().value();
    return request;
}

json::Item must_read(json::Tape& tape, std::string_view text) { return tape.read(text).value(); }

// The moment is no whole microsecond in the captures, so it is put in as text.
std::string with_expires(std::string text, std::string_view expires) {
    constexpr std::string_view kNone = R"("expires": 0})";
    const auto at = text.find(kNone);
    REQUIRE(at != text.npos);
    return text.replace(at, kNone.size(), R"("expires": )" + std::string(expires) + "}");
}

}  // namespace

TEST_CASE("every captured request is rebuilt byte for byte") {
    const support::GoldenFile golden("redis_pidbox.json");
    const auto transport = first_database();
    EnvelopeReader envelopes;
    int rebuilt = 0;
    for (const json::Item& exchange : golden.list("exchanges")) {
        const json::Item capture = support::at(exchange, "request");
        const auto payload = support::text_at(capture, "payload");
        CAPTURE(payload);
        CHECK(support::text_at(capture, "channel") == control_channel(transport));
        const auto envelope = envelopes.read(payload).value();
        const auto request = request_of(support::at(capture, "decoded_body"), envelope);
        const std::string expires(envelope.headers->find("expires")->raw());
        CHECK(with_expires(encode(request, transport), expires) == payload);
        ++rebuilt;
    }
    CHECK(rebuilt == 79);
}

TEST_CASE("our commands are those that Celery's own client sends") {
    const std::string id = "22222222-0000-4000-8000-00000000000f";
    const std::string killed = "22222222-0000-4000-8000-00000000000d";
    const std::vector<std::string> one = {id};
    const std::vector<std::string> asked = {"22222222-0000-4000-8000-00000000000c",
                                            "22222222-0000-4000-8000-00000000000e", id};
    std::set<std::pair<std::string, std::string>> captured;
    const support::GoldenFile golden("redis_pidbox.json");
    for (const json::Item& exchange : golden.list("exchanges")) {
        const json::Item request = support::at(exchange, "request");
        const json::Item body = support::at(request, "decoded_body");
        captured.emplace(support::text_at(body, "method"),
                         plain_json(support::at(body, "arguments")));
    }
    for (const auto& command : {ping(),
                                active(),
                                active(false),
                                reserved(),
                                scheduled(),
                                registered(),
                                stats(),
                                conf(),
                                active_queues(),
                                query_task(asked),
                                revoke(one),
                                rate_limit("erp.add", "10/m"),
                                rate_limit("erp.add", "0"),
                                time_limit("erp.add", 120, 60),
                                pool_grow(1),
                                pool_shrink(1),
                                add_consumer("reports"),
                                cancel_consumer("reports"),
                                enable_events(),
                                heartbeat(),
                                shutdown()}) {
        CAPTURE(command.method);
        CAPTURE(command.arguments);
        CHECK(captured.contains({command.method, command.arguments}));
    }
    CHECK(
        revoke(std::vector{killed}, "SIGKILL").arguments ==
        R"({"task_id": ["22222222-0000-4000-8000-00000000000d"], "terminate": true, "signal": "SIGKILL"})");
    CHECK(time_limit("t", 1.5, std::nullopt).arguments ==
          R"({"task_name": "t", "hard": 1.5, "soft": null})");
}

TEST_CASE("a request that wants no answer names no list to answer to") {
    const ControlRequest request{.command = ping(),
                                 .expires = Instant{std::chrono::seconds{1'795'453'838}},
                                 .delivery_tag = "d"};
    EnvelopeReader envelopes;
    const auto text = encode(request, Transport{});
    CHECK(text.contains(R"("expires": 1795453838.0})"));
    CHECK(
        envelopes.read(text)->body ==
        R"({"method": "ping", "arguments": {}, "destination": null, "pattern": null, "matcher": null})");
}

TEST_CASE("the list for answers is bound under both keys") {
    Transport transport;
    transport.global_keyprefix = "erp:";
    const auto binding = reply_binding(transport, "oid");
    CHECK(binding.keys[0] == "erp:_kombu.binding.reply.celery.pidbox");
    CHECK(binding.keys[1] == "erp:_kombu.binding_permanent.reply.celery.pidbox");
    CHECK(binding.member == "oid\x06\x16\x06\x16oid.reply.celery.pidbox");
}

TEST_CASE("a rate is a number and a unit") {
    for (const auto* rate : {"10/m", "5/s", "100/h", "0", "0.5/s", "10"}) {
        CAPTURE(rate);
        CHECK_FALSE(rate_refusal(rate));
    }
    for (const auto* rate :
         {"", "/m", "10/", "10/d", "ten/m", "-1/s", "1e3/s", "inf/s", "nan", "10/m "}) {
        CAPTURE(rate);
        CHECK(rate_refusal(rate));
    }
}

TEST_CASE("every captured reply is read, and comes from a list that we would look at") {
    const support::GoldenFile golden("redis_pidbox.json");
    const auto transport = first_database();
    ReplyReader reader;
    int read = 0;
    std::map<std::string, std::string> errors;
    for (const json::Item& exchange : golden.list("exchanges")) {
        const json::Item request = support::at(exchange, "request");
        const json::Item asked = support::at(request, "decoded_body");
        const json::Item replies = support::at(exchange, "replies");
        for (const json::Item reply : replies) {
            const auto payload = support::text_at(reply, "payload");
            CAPTURE(payload);
            const auto all = reader.read(payload);
            REQUIRE(all);
            REQUIRE(all->size() == 1);
            const auto& one = all->front();
            ++read;
            CHECK(one.worker == "w1@capture");
            CHECK(one.ticket == support::text_at(asked, "ticket"));
            CHECK(one.clock > 0);
            CHECK(support::text_at(reply, "key") ==
                  queue_key(transport,
                            reply_queue(transport, support::text_at(support::at(asked, "reply_to"),
                                                                    "routing_key")),
                            0));
            const json::Item body = support::at(reply, "decoded_body");
            json::Tape tape;
            CHECK(plain_json(must_read(tape, one.value)) ==
                  plain_json(support::at(body, "w1@capture")));
            if (!one.error.empty()) errors[support::text_at(asked, "method")] = one.error;
            if (support::text_at(asked, "method") == "ping") CHECK(one.ok == "pong");
        }
    }
    CHECK(read >= 70);
    CHECK(errors["no_such_cmd"] == "KeyError('no_such_cmd')");
    CHECK(errors["autoscale"] == "ValueError('Autoscale not enabled')");
    CHECK(errors["rate_limit"] == "unknown task");
}

TEST_CASE("what is no reply is refused") {
    ReplyReader reader;
    const auto refusal = [&](const std::string& text) {
        const auto replies = reader.read(text);
        return replies ? "(it was read)" : replies.error().what;
    };
    CHECK(refusal("x").starts_with("a worker's answer: not a message"));
    CHECK(refusal(R"({"body": "x", "content-type": "application/x-python-serialize"})") ==
          "a worker's answer: pickle");
    CHECK(refusal(R"({"body": "[]", "content-type": "application/json"})") ==
          "a worker's answer: expected an object of workers");
}

}  // namespace cjv::celery
