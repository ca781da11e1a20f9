#include "domain/celery_target_json.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace cjv::domain {
namespace {

struct Read {
    std::optional<StoredTarget> stored;
    std::vector<FieldError> errors;

    // Paths, in order, joined by blanks.
    std::string refused() const {
        std::vector<std::string> paths;
        for (const FieldError& error : errors) paths.push_back(error.path);
        std::ranges::sort(paths);
        std::string text;
        for (const auto& path : paths) text += (text.empty() ? "" : " ") + path;
        return text;
    }
};

Read read(const std::string& more, const TargetCheck& check = {}) {
    const auto object = json::parse(R"({"task":"erp.close_day")" + more + "}");
    REQUIRE(object);
    Read read;
    read.stored = read_celery_target(*object, check, read.errors);
    return read;
}

}  // namespace

TEST_CASE("a target is stored in one form, its numbers as they were typed") {
    const auto target = read(
        R"(,"ignore_result":true,"priority":"5","time_limit":2.50,"expires":0.250,)"
        R"("kwargs":{"a":1.10},"args":[1e400],"queue":"q","headers":null,"soft_time_limit":null)");
    REQUIRE(target.stored);
    CHECK(target.stored->json ==
          R"({"task":"erp.close_day","args":[1e400],"kwargs":{"a":1.10},"queue":"q","priority":5,)"
          R"("expires":0.250,"time_limit":2.50,"ignore_result":true})");
}

TEST_CASE("an instant keeps its fraction of a second") {
    const auto target = read(R"(,"expires":"2040-02-29T12:00:00.5+02:00")");
    REQUIRE(target.stored);
    CHECK(target.stored->json.contains(R"("expires":"2040-02-29T12:00:00.5+02:00")"));
}

TEST_CASE("what is no value of its field is refused there") {
    for (const auto& [more, path] : std::initializer_list<std::pair<const char*, const char*>>{
             {R"(,"args":{})", "target.args"},
             {R"(,"args":null)", "target.args"},
             {R"(,"kwargs":[])", "target.kwargs"},
             {R"(,"queue":"")", "target.queue"},
             {R"(,"queue":5)", "target.queue"},
             {R"(,"queue":"a\nb")", "target.queue"},
             {R"(,"exchange":"","routing_key":"")", "target.exchange target.routing_key"},
             {R"(,"priority":256)", "target.priority"},
             {R"(,"priority":-1)", "target.priority"},
             {R"(,"priority":1.5)", "target.priority"},
             {R"(,"headers":[])", "target.headers"},
             {R"(,"expires":0)", "target.expires"},
             {R"(,"expires":-1)", "target.expires"},
             {R"(,"expires":1e400)", "target.expires"},
             {R"(,"expires":"tomorrow")", "target.expires"},
             {R"(,"expires":true)", "target.expires"},
             {R"(,"time_limit":0)", "target.time_limit"},
             {R"(,"time_limit":"30")", "target.time_limit"},
             {R"(,"soft_time_limit":400000000)", "target.soft_time_limit"},
             {R"(,"ignore_result":"yes")", "target.ignore_result"},
             {R"(,"ignore_result":1)", "target.ignore_result"},
             {R"(,"eta":5)", "target.eta"}}) {
        CAPTURE(more);
        const auto target = read(more);
        CHECK_FALSE(target.stored);
        CHECK(target.refused() == path);
    }
}

TEST_CASE("what only Celery's part knows is refused together with the rest, each field once") {
    std::string seen;
    const TargetCheck check = [&](std::string_view target) {
        seen = target;
        return std::vector<FieldError>{{"headers.id", "reserved", "This name is Celery's own."},
                                       {"priority", "invalid", "Expected less."}};
    };
    const auto target = read(R"(,"priority":256,"headers":{"id":1})", check);
    CHECK_FALSE(target.stored);
    CHECK(target.refused() == "target.headers.id target.priority");
    CHECK(seen == R"({"task":"erp.close_day","headers":{"id":1}})");

    CHECK(read("", [](std::string_view) { return std::vector<FieldError>{}; }).stored);
}

}  // namespace cjv::domain
