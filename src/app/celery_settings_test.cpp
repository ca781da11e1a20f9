#include "app/celery_settings.h"

#include <doctest/doctest.h>

namespace cjv::app {
namespace {

Config config_of(const std::string& file) {
    auto loaded =
        load_config({.file_name = "cjv.toml", .file = file, .environment = {}, .flags = {}});
    REQUIRE(loaded);
    return loaded->config;
}

std::string refusal_of(const std::string& file) {
    const auto settings = celery_settings(config_of(file), 0);
    return settings ? "(it was accepted)" : settings.error().what;
}

}  // namespace

TEST_CASE("routes keep the order of the file, so that the first that matches wins") {
    const auto settings = celery_settings(
        config_of(
            "[celery.routes]\n\"mail.*\" = \"mails\"\n\"erp.day\" = \"night\"\n\"*\" = \"rest\"\n"
            "\"erp.*\" = \"never\""),
        0);
    REQUIRE(settings);
    CHECK(settings->routes.queue_of("mail.send") == "mails");
    CHECK(settings->routes.queue_of("erp.day") == "night");
    CHECK(settings->routes.queue_of("erp.week") == "rest");
    CHECK(celery_settings(Config{}, 0)->routes.queue_of("erp.week") == "celery");
}

TEST_CASE("options of the transport are those of Celery") {
    const auto settings =
        celery_settings(config_of("[celery.transport_options]\nglobal_keyprefix = \"erp:\"\n"
                                  "priority_steps = [0, 5]\nvisibility_timeout = 43200"),
                        7);
    REQUIRE(settings);
    CHECK(settings->transport.global_keyprefix == "erp:");
    CHECK(settings->transport.priority_steps == std::vector{0, 5});
    CHECK(settings->transport.database == 7);
}

TEST_CASE("all that is wrong is told with its line") {
    CHECK(
        refusal_of("[celery.transport_options]\nsep = \"\"\n\npolling_interval = 5") ==
        "cjv.toml:2: celery.transport_options.sep: Expected a text that is not empty. "
        "cjv.toml:4: celery.transport_options.polling_interval: It says how workers take messages "
        "and changes nothing here: leave it out.");
    CHECK(refusal_of("[celery.routes]\n\"a\" = \"unacked\"\n\"b\" = 5\nmail.send = \"x\"") ==
          "cjv.toml:2: celery.routes: \"a\": \"unacked\" is no queue. Celery or this server uses "
          "this "
          "name itself: choose another. "
          "cjv.toml:3: celery.routes: \"b\": Expected the name of a queue. A task with dots is "
          "written in quotes: \"mail.send\" = \"mails\". "
          "cjv.toml:4: celery.routes: \"mail\": Expected the name of a queue. A task with dots is "
          "written in quotes: \"mail.send\" = \"mails\".");
    CHECK(refusal_of("[celery.routes]\n\"a\" = \"\"").contains("cjv.toml:2"));
}

TEST_CASE("a queue that another separator would cut is refused") {
    const std::string file =
        "[celery.routes]\n\"a\" = \"x:y\"\n[celery.transport_options]\nsep = \":\"";
    CHECK(refusal_of(file).contains("\"x:y\" is no queue"));
}

TEST_CASE("of the results' options only the prefix is followed") {
    CHECK(result_prefix(config_of("[celery.result_transport_options]\nglobal_keyprefix = \"r\""))
              .value() == "r");
    const auto refused =
        result_prefix(config_of("[celery.result_transport_options]\nmaster_name = \"m\""));
    REQUIRE_FALSE(refused);
    CHECK(
        refused.error().what ==
        "cjv.toml:2: celery.result_transport_options.master_name: Redis Sentinel is not supported "
        "yet.");
}

}  // namespace cjv::app
