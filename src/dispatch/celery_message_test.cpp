#include "dispatch/celery_message.h"

#include <doctest/doctest.h>

#include "base/json.h"
#include "celery/binding.h"
#include "domain/run_id.h"
#include "support/job.h"

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;
using support::a_job;
using support::at;

domain::Job job_with(const std::string& target) {
    domain::Job job = a_job().celery("erp.close_day").name("close").job();
    job.target = target;
    return job;
}

domain::Run run_at(const std::string& time) {
    domain::Run run;
    run.id = domain::asked_run_id(JobNumber{1}, at(time), 1);
    run.slot = run.at = at(time);
    run.decided_at = at(time) + 3ms;
    return run;
}

std::string header(const store::Message& message, std::string_view name) {
    const auto envelope = json::parse(message.bytes);
    REQUIRE(envelope);
    const auto headers = envelope->find("headers");
    REQUIRE(headers);
    const auto value = headers->find(name);
    return std::string(value ? value->raw() : "absent");
}

TEST_CASE("a run's message names its task, itself, its job and its slot") {
    CeleryEncoder encode({});
    const auto run = run_at("02:30");
    const auto message = encode(job_with(R"({"task":"erp.close_day"})"), run);

    REQUIRE(message);
    const std::string id = '"' + to_text(run.id) + '"';
    CHECK(message->list == "celery");
    CHECK(header(*message, "task") == R"("erp.close_day")");
    CHECK(header(*message, "id") == id);
    CHECK(header(*message, "cjv_run_id") == id);
    CHECK(header(*message, "cjv_scheduled_for").starts_with(R"("2026-12-01T02:30:00)"));
    CHECK(header(*message, "periodic_task_name") == R"("close")");
}

TEST_CASE("a queue is the job's own, else that of the first route that matches, else the default") {
    const auto list = [](const std::string& target, CelerySettings settings) {
        return CeleryEncoder(std::move(settings))(job_with(target), run_at("02:30")).value().list;
    };
    const CelerySettings routed{.routes = {.rules = {{"erp.close_*", "night"}, {"erp.*", "erp"}}}};
    CHECK(list(R"({"task":"erp.close_day"})", routed) == "night");
    CHECK(list(R"({"task":"erp.close_day","queue":"mine"})", routed) == "mine");
    CHECK(list(R"({"task":"erp.close_day"})", {}) == "celery");
}

TEST_CASE("a message for an exchange waits at its address, whatever the routes say") {
    CeleryEncoder encode({.routes = {.rules = {{"*", "rest"}}}});
    const auto message =
        encode(job_with(R"({"task":"t","exchange":"orders","routing_key":"new","priority":4})"),
               run_at("02:30"));
    REQUIRE(message);
    CHECK(celery::read_exchange_address(message->list) ==
          celery::ExchangeAddress{.exchange = "orders", .routing_key = "new", .priority = 3});
}

TEST_CASE("a priority chooses the list of its step") {
    CeleryEncoder encode({});
    const auto message =
        encode(job_with(R"({"task":"erp.close_day","priority":7})"), run_at("02:30"));
    CHECK(message.value().list == std::string("celery\x06\x16"
                                              "6"));
}

TEST_CASE("a task expires so long after its slot, or at its instant") {
    const auto expires = [&](const std::string& value) {
        CeleryEncoder fresh({});
        return header(
            fresh(job_with(R"({"task":"erp.close_day","expires":)" + value + "}"), run_at("02:30"))
                .value(),
            "expires");
    };
    CHECK(expires("90").starts_with(R"("2026-12-01T02:31:30)"));
    CHECK(expires(R"("2026-12-24T18:00:00+01:00")").starts_with(R"("2026-12-24T17:00:00)"));
}

TEST_CASE("an edited job is read anew") {
    CeleryEncoder encode({});
    domain::Job job = job_with(R"({"task":"erp.close_day","queue":"a"})");
    CHECK(encode(job, run_at("02:30")).value().list == "a");
    job.target = R"({"task":"erp.close_day","queue":"b"})";
    ++job.version;
    CHECK(encode(job, run_at("02:30")).value().list == "b");
}

TEST_CASE("an edit that was rolled back leaves nothing for the next of the same version") {
    CeleryEncoder encode({});
    domain::Job job = job_with(R"({"task":"erp.close_day","queue":"a"})");
    CHECK(encode(job, run_at("02:30")).value().list == "a");
    ++job.version;
    domain::Job undone = job;  // the disk was full
    undone.name = "undone";
    undone.target = R"({"task":"erp.close_day","queue":"b"})";
    CHECK(encode(undone, run_at("02:30")).value().list == "b");

    const auto message = encode(job, run_at("02:30")).value();
    CHECK(message.list == "a");
    CHECK(header(message, "periodic_task_name") == R"("close")");
    undone.target = job.target;
    CHECK(header(encode(undone, run_at("02:30")).value(), "periodic_task_name") == R"("undone")");
}

TEST_CASE("of more jobs than are kept each has its own message") {
    CeleryEncoder encode({});
    domain::Job job = job_with("");
    for (int round = 0; round < 2; ++round)
        for (int i = 0; i < 21'000; ++i) {
            job.id.bytes[0] = static_cast<std::uint8_t>(i >> 8);
            job.id.bytes[1] = static_cast<std::uint8_t>(i);
            job.target = R"({"task":"erp.task_)" + std::to_string(i) + R"("})";
            const auto message = encode(job, run_at("02:30"));
            REQUIRE(message);
            REQUIRE(message->bytes.find("erp.task_" + std::to_string(i) + '"') !=
                    std::string::npos);
        }
}

TEST_CASE("arguments that a run was asked with win over its job's, digit for digit") {
    CeleryEncoder encode({});
    domain::Run run = run_at("02:30");
    run.overrides = R"({"args":[12345678901234567890123, 1.10]})";
    const auto message = encode(job_with(R"({"task":"erp.close_day","args":[1]})"), run);
    CHECK(header(message.value(), "argsrepr").find("12345678901234567890123") != std::string::npos);
}

TEST_CASE("what would hurt a worker is not sent, and the refusal names the field") {
    CeleryEncoder encode({});
    const auto job = job_with(R"({"task":"erp.close_day","headers":{"id":"x"}})");
    CHECK(!encode(job, run_at("02:30")));
    CHECK(encode.refusal(job, run_at("02:30")).find("target.headers.id") == 0);
}

TEST_CASE("a command has no message") {
    CeleryEncoder encode({});
    CHECK(!encode(a_job().job(), run_at("02:30")));
}

}  // namespace
}  // namespace cjv::dispatch
