#include "dispatch/celery_target.h"

#include <doctest/doctest.h>

#include <chrono>

#include "base/iso8601.h"

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;

// The paths of what is refused, joined by blanks.
std::string refused(const std::string& more, const CelerySettings& settings = {}) {
    std::string paths;
    for (const auto& error : refusals(R"({"task":"erp.close_day")" + more + "}", settings)) {
        CHECK_FALSE(error.message.empty());
        paths += (paths.empty() ? "" : " ") + error.path;
    }
    return paths;
}

Instant at(const std::string& text) { return parse_iso8601(text).value(); }

std::optional<Instant> expires(const std::string& value) {
    json::Tape tape;
    const auto target = read_celery_target(R"({"task":"erp.close_day","expires":)" + value + "}",
                                           {}, celery::TaskRoutes{}, tape);
    REQUIRE(target);
    return target->expires(at("2026-12-01T02:30:00Z"));
}

}  // namespace

TEST_CASE("a sound target is refused nothing") {
    CHECK(refused("").empty());
    CHECK(refused(R"(,"args":[1],"kwargs":{"a":2},"queue":"q","priority":255,"headers":{"x":1},)"
                  R"("expires":0.5,"time_limit":2.5,"soft_time_limit":1,"ignore_result":false)")
              .empty());
}

TEST_CASE("what would hurt a worker, or reach none, is refused at its field") {
    CHECK(refused(R"(,"exchange":"orders","routing_key":"new")").empty());
    CHECK(refused(R"(,"exchange":"orders")") == "routing_key");
    CHECK(refused(R"(,"routing_key":"new")") == "exchange");
    CHECK(refused(R"(,"exchange":"orders","routing_key":"new","queue":"q")") == "queue");
    CHECK(refused(R"(,"queue":"unacked")") == "queue");
    CHECK(refused(R"(,"headers":{"id":1,"cjv_run_id":2,"x":3})") ==
          "headers.id headers.cjv_run_id");
    CHECK(refused(R"(,"kwargs":{"when":{"__type__":"moment","__value__":1}})") == "kwargs.when");
    CHECK(refused(R"(,"time_limit":1e300,"soft_time_limit":1e300)") ==
          "time_limit soft_time_limit");
    CHECK(refused(R"(,"expires":1e300)") == "expires");
}

TEST_CASE("the installation's own names and separator are refused, not Celery's defaults") {
    const CelerySettings settings{.transport = {.sep = "::", .unacked_key = "held"}};
    CHECK(refused(R"(,"queue":"held")", settings) == "queue");
    CHECK(refused(R"(,"queue":"a::b")", settings) == "queue");
    CHECK(refused(R"(,"queue":"unacked")", settings).empty());
}

TEST_CASE("a run expires so long after its slot, to the microsecond, or at the job's instant") {
    CHECK(expires("90") == at("2026-12-01T02:31:30Z"));
    CHECK(expires("0.25") == at("2026-12-01T02:30:00.25Z"));
    CHECK(expires("1e-9") == at("2026-12-01T02:30:00Z") + 1us);
    CHECK(expires(R"("2026-12-24T18:00:00.5+01:00")") == at("2026-12-24T17:00:00.5Z"));
    CHECK(expires("null") == std::nullopt);
}

TEST_CASE("without a queue and an exchange the routes say where it goes") {
    const celery::TaskRoutes routes{.rules = {{"erp.*", "erp"}}, .default_queue = "main"};
    json::Tape tape;
    const auto queue = [&](const std::string& target) {
        return read_celery_target(target, {}, routes, tape).value().queue;
    };
    CHECK(queue(R"({"task":"erp.a"})") == "erp");
    CHECK(queue(R"({"task":"mail.a"})") == "main");
    CHECK(queue(R"({"task":"erp.a","queue":"own"})") == "own");
    CHECK(queue(R"({"task":"erp.a","exchange":"e","routing_key":"k"})").empty());
}

}  // namespace cjv::dispatch
