#include "monitor/control.h"

#include <doctest/doctest.h>

#include "support/must.h"

namespace cjv::monitor {
namespace {

using support::must;

Result<celery::ControlCommand> read(std::string_view action, std::string_view arguments) {
    return read_control(action, must(json::parse(arguments)));
}
std::string refused(std::string_view action, std::string_view arguments) {
    const auto command = read(action, arguments);
    return command || command.error().fields.empty() ? "" : command.error().fields[0].path;
}

TEST_CASE("each action is Celery's command with its arguments") {
    CHECK(must(read("ping", "{}")) == celery::ping());
    CHECK(must(read("pool_grow", R"({"n":2})")) == celery::pool_grow(2));
    CHECK(must(read("autoscale", R"({"max":5,"min":0})")) == celery::autoscale(5, 0));
    CHECK(must(read("rate_limit", R"({"task_name":"t","rate_limit":"10/m"})")) ==
          celery::rate_limit("t", "10/m"));
    CHECK(must(read("time_limit", R"({"task_name":"t","hard":60,"soft":null})")) ==
          celery::time_limit("t", 60, std::nullopt));
    CHECK(must(read("cancel_consumer", R"({"queue":"q"})")) == celery::cancel_consumer("q"));
    CHECK(must(read("shutdown", "{}")) == celery::shutdown());
}

TEST_CASE("a revoke kills only when it says so") {
    CHECK(must(read("revoke", R"({"task_id":"a"})")).arguments.find("\"terminate\": false") !=
          std::string::npos);
    const auto kill =
        must(read("revoke", R"({"task_id":"a","terminate":true,"signal":"SIGKILL"})"));
    CHECK(kill.arguments.find("\"terminate\": true") != std::string::npos);
    CHECK(kill.arguments.find("SIGKILL") != std::string::npos);
}

TEST_CASE("wrong arguments are refused by name") {
    CHECK(refused("pool_grow", R"({"n":"many"})") == "n");
    CHECK(refused("pool_grow", "{}") == "n");
    CHECK(refused("ping", R"({"m":1})") == "m");
    CHECK(refused("autoscale", R"({"max":1,"min":2})") == "min");
    CHECK(refused("rate_limit", R"({"task_name":"t","rate_limit":"often"})") == "rate_limit");
    CHECK(refused("time_limit", R"({"task_name":"t","hard":1,"soft":2})") == "soft");
    CHECK(refused("time_limit", R"({"task_name":"t","hard":-1})") == "hard");
    CHECK(refused("add_consumer", R"({"queue":""})") == "queue");
    CHECK(refused("revoke", R"({"task_id":"a","signal":"SIGLOUD"})") == "signal");
}

TEST_CASE("an action that nobody knows is not there") {
    CHECK(read("explode", "{}").error().code == Errc::not_found);
}

}  // namespace
}  // namespace cjv::monitor
