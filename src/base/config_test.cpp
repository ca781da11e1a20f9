#include "base/config.h"

#include <doctest/doctest.h>

#include <set>

namespace cjv {
namespace {

using namespace std::chrono_literals;

ConfigTexts a_file(std::string text) {
    ConfigTexts texts;
    texts.file_name = "cjv.toml";
    texts.file = std::move(text);
    return texts;
}

std::string refusal_of(const ConfigTexts& texts) {
    const auto loaded = load_config(texts);
    return loaded ? "(it was accepted)" : loaded.error().what;
}

}  // namespace

TEST_CASE("without any text each setting has its default") {
    const auto loaded = load_config({});
    REQUIRE(loaded);
    CHECK(loaded->config.server.listen == "127.0.0.1:8000");
    CHECK(loaded->config.auth.session_idle == 12h);
    CHECK(loaded->origin_of("server.listen") == Origin::built_in);
    CHECK(value_text(loaded->config, "output.head") == "4 MiB");
    CHECK(value_text(loaded->config, "runner.commands") == "superusers");
}

TEST_CASE("flags win over the environment, and that over the file") {
    auto texts =
        a_file("[server]\nlisten = \"127.0.0.1:1\"\nprefix = \"/a/\"\n[retention]\ndays = 7");
    texts.environment = {{"CJV_LISTEN", "127.0.0.1:2"}, {"CJV_PREFIX", "/b/"}};
    texts.flags = {{"server.listen", "127.0.0.1:3"}};

    const auto loaded = load_config(texts);
    REQUIRE(loaded);
    CHECK(loaded->config.server.listen == "127.0.0.1:3");
    CHECK(loaded->origin_of("server.listen") == Origin::flag);
    CHECK(loaded->config.server.prefix == "/b/");
    CHECK(loaded->origin_of("server.prefix") == Origin::environment);
    CHECK(loaded->config.retention.days == 7);
    CHECK(loaded->origin_of("retention.days") == Origin::file);
}

TEST_CASE("times, sizes, lists and switches are read in the words of people") {
    const auto loaded = load_config(
        a_file("[auth]\nsession_idle = \"30 min\"\nsession_max = 3600\n[output]\ntail = \"1GiB\"\n"
               "[server]\nallowed_hosts = [\"a.example\", \"b.example\"]\n[runner]\nshell = true"));
    REQUIRE(loaded);
    CHECK(loaded->config.auth.session_idle == 30min);
    CHECK(loaded->config.auth.session_max == 1h);
    CHECK(loaded->config.output.tail == 1 << 30);
    CHECK(loaded->config.server.allowed_hosts ==
          std::vector<std::string>{"a.example", "b.example"});
    CHECK(loaded->config.runner.shell);
}

TEST_CASE("an unknown key is refused with file and line") {
    CHECK(refusal_of(a_file("[server]\n\nlisten_on = \"x\"")) ==
          "cjv.toml:3: there is no setting server.listen_on");
    CHECK(refusal_of(a_file("[servers]\nlisten = \"x\"")) ==
          "cjv.toml:1: there is no setting servers");
    CHECK(refusal_of(a_file("x = 1\nx = 2")).starts_with("cjv.toml:2: "));
}

TEST_CASE("a value that is none is refused and told what would be right") {
    CHECK(refusal_of(a_file("[runner]\ncommands = \"all\"")) ==
          "cjv.toml:2: runner.commands must be one of off, superusers, owners, not \"all\"");
    for (const auto text :
         {"[auth]\nsession_idle = \"0 s\"", "[auth]\nsession_idle = \"12 hours\"",
          "[auth]\nsession_idle = \"15 d\"", "[output]\nhead = -1", "[output]\nhead = 1.5",
          "[output]\nhead = \"9999999999 GiB\"", "[retention]\ndays = 0",
          "[runner]\nshell = \"yes\"", "[server]\nlisten = \"8000\"",
          "[server]\nlisten = \"127.0.0.1:65536\"", "[server]\nlisten = \"::1:80\"",
          "[server]\nprefix = \"cron\"", "[server]\nprefix = \"/a\"", "[server]\nprefix = \"//a/\"",
          "[server]\nallowed_hosts = [1]", "[store]\ndata_dir = \"\"", "server = 5",
          "[log]\nlevel = \"loud\""}) {
        CAPTURE(text);
        CHECK_FALSE(load_config(a_file(text)));
    }
}

TEST_CASE("parts that are not built yet take their default alone") {
    ConfigTexts texts;
    texts.environment = {{"CJV_HTTP_ALLOW_INTERNAL", "localhost"}};
    CHECK(refusal_of(texts) ==
          "CJV_HTTP_ALLOW_INTERNAL: http.allow_internal is not available in this version");
    CHECK_FALSE(load_config(a_file("[store]\nurl = \"postgresql://x\"")));
    CHECK(load_config(a_file("[celery]\nbroker = \"\"\ntimezone = \"UTC\"\n[celery.routes]")));
}

TEST_CASE("a table of others' names is kept line by line, in the order of the file") {
    const auto loaded = load_config(
        a_file("[celery.routes]\n\"mail.*\" = \"mails\"\n\n\"a.b\" = \"first\"\n\"*\" = \"rest\"\n"
               "[celery]\ntransport_options = { sep = \":\", priority_steps = [0, 5], ack = true, "
               "x = 1.5 }"));
    REQUIRE(loaded);
    const auto& celery = loaded->config.celery;
    CHECK(celery.routes == std::vector<ConfigEntry>{{"mail.*", R"("mails")", "cjv.toml:2"},
                                                    {"a.b", R"("first")", "cjv.toml:4"},
                                                    {"*", R"("rest")", "cjv.toml:5"}});
    CHECK(celery.transport_options ==
          std::vector<ConfigEntry>{{"sep", R"(":")", "cjv.toml:7"},
                                   {"priority_steps", "[0,5]", "cjv.toml:7"},
                                   {"ack", "true", "cjv.toml:7"},
                                   {"x", "1.5", "cjv.toml:7"}});
    CHECK(loaded->origin_of("celery.routes") == Origin::file);
}

TEST_CASE("a table that is none, or has what JSON cannot hold, is refused with its line") {
    CHECK(refusal_of(a_file("[celery]\nroutes = \"q\"")) ==
          "cjv.toml:2: celery.routes is a table, with a line for each of its names");
    CHECK(refusal_of(a_file("[celery.routes]\n\"a.*\" = 2026-12-01")).contains("cjv.toml:2"));
    CHECK(refusal_of(a_file("[celery.transport_options]\nvisibility_timeout = inf"))
              .contains("cjv.toml:2"));
}

TEST_CASE("beyond loopback something has to protect the server, and command jobs are off") {
    CHECK_FALSE(load_config(a_file("[server]\nlisten = \"0.0.0.0:8000\"")));

    const auto behind_proxy = load_config(
        a_file("[server]\nlisten = \"0.0.0.0:8000\"\ntrusted_proxies = [\"10.0.0.1\"]"));
    REQUIRE(behind_proxy);
    CHECK(behind_proxy->config.runner.commands == CommandsAllowed::off);
    CHECK(behind_proxy->remarks.size() == 1);

    const auto by_hand = load_config(a_file(
        "[server]\nlisten = \"0.0.0.0:8000\"\ninsecure = true\n[runner]\ncommands = \"owners\""));
    REQUIRE(by_hand);
    CHECK(by_hand->config.runner.commands == CommandsAllowed::owners);
}

TEST_CASE("the data folder is root's own, or stands where the state of a person does") {
    ConfigTexts texts;
    texts.environment = {{"HOME", "/home/ann"}};
    CHECK(load_config(texts)->config.store.data_dir == "/home/ann/.local/state/cron-job-viewer");
    texts.root = true;
    CHECK(load_config(texts)->config.store.data_dir == "/var/lib/cron-job-viewer");
    texts.environment["XDG_STATE_HOME"] = "/state";
    CHECK(load_config(texts)->config.store.data_dir == "/state/cron-job-viewer");
}

TEST_CASE("each setting can be found by its name, flag and variable alone") {
    std::set<std::string_view> seen;
    for (const Setting& setting : settings()) {
        CAPTURE(setting.name);
        CHECK(seen.insert(setting.name).second);
        if (!setting.flag.empty()) CHECK(seen.insert(setting.flag).second);
        if (!setting.environment.empty()) CHECK(seen.insert(setting.environment).second);
        CHECK_FALSE(setting.words.empty());
    }
}

TEST_CASE("the password of a URL is not shown") {
    Config config;
    config.celery.broker = "redis://user:secret@localhost:6379/0";
    CHECK(value_text(config, "celery.broker") == "redis://user:********@localhost:6379/0");
}

}  // namespace cjv
